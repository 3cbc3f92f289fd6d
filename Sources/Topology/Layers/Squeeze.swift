/// `squeeze`: without the dimensions `axes`, or without all of extent 1, as in ONNX.
///
/// Dimensions of space that go leave an image of fewer. It computes nothing: no parameters, MACs or
/// FLOP.
struct Squeeze: LayerKind {
  static let elements = [ElementSchema("squeeze", doc: "Without dims of extent 1.", axes)]

  private static let axes = Attribute<[Int]?>(
    "axes", .list, otherwise: "all of extent 1", in: Attributes.axes, doc: "The dimensions that go."
  )

  private let axes: [Int]?

  init(_ attributes: Attributes) throws(AttributeError) {
    axes = try attributes[Self.axes]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let rank = input.shape.rank
    let gone =
      if let axes { try resolveAxes(axes, rank: rank) } else {
        Set(input.dims.indices.filter { input.dims[$0] == 1 })
      }
    for axis in gone.sorted() where input.dims[axis] != 1 {
      throw ShapeError("dimension \(axis) of \(input) is not 1")
    }
    let kept = input.dims.indices.filter { !gone.contains($0) }
    let isSpace = input.layout.spatialRank > 0 && gone.allSatisfy { $0 > 1 }
    let layout: Layout =
      gone.isEmpty ? input.layout : isSpace ? .spatial(kept.count - 2) : .unnamed(kept.count)
    return try TensorType(dims: kept.isEmpty ? [1] : kept.map { input.dims[$0] }, layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.reshape, inputs, type: try outputType([program.type(of: inputs[0])]))
  }
}
