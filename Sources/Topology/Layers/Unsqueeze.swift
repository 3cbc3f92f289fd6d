/// `unsqueeze`: with more dimensions of extent 1, which stand at `axes` of the result, as in ONNX.
///
/// It computes nothing: no parameters, MACs or FLOP.
struct Unsqueeze: LayerKind {
  static let elements = [ElementSchema("unsqueeze", doc: "With more dims of extent 1.", axes)]

  private static let axes = Attribute<[Int]>(
    "axes", .list, in: Attributes.axes, doc: "Where they stand in the output.")

  private let axes: [Int]

  init(_ attributes: Attributes) throws(AttributeError) {
    axes = try attributes[Self.axes]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let rank = inputs[0].shape.rank + axes.count
    let added = try resolveAxes(axes, rank: rank)
    var rest = inputs[0].dims[...]
    let dims = (0..<rank).map { added.contains($0) ? 1 : rest.removeFirst() }
    return try TensorType(dims: dims, .unnamed(rank))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.reshape, inputs, type: try outputType([program.type(of: inputs[0])]))
  }
}
