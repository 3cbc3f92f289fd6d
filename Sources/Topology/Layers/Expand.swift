/// `expand`: extents of 1 stretched so that the operand has the shape that it and `shape` broadcast
/// to, as ONNX's Expand.
///
/// `shape="64x1x-1"`: last dimensions aligned; 1 and −1 keep the operand's extent. It computes
/// nothing: no parameters, MACs or FLOP.
struct Expand: LayerKind {
  static let elements = [
    ElementSchema("expand", doc: "Dims of extent 1 stretched.", shape, CommonAttributes.layout)
  ]

  private static let shape = Attribute<[Int]>(
    "shape", .extents, in: -1...Int(Int32.max),
    doc: "Dimensions joined by `x` to broadcast to, last ones aligned; 1 and −1 keep "
      + "the operand's."
  )
  .checked {
    $0.contains(0) ? "wants extents joined by 'x', or -1 for the operand's" : nil
  }

  private let dims: [Int]
  private let layout: Layout?

  init(_ attributes: Attributes) throws(AttributeError) {
    dims = try attributes[Self.shape].map { $0 == -1 ? 1 : $0 }
    layout = try attributes[CommonAttributes.layout]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard let joint = broadcastDims(input.dims, dims) else {
      throw ShapeError("\(input) does not broadcast to \(Shape.text(dims))")
    }
    let stays = joint.count == input.shape.rank
    return try TensorType(dims: joint, layout ?? (stays ? input.layout : .unnamed(joint.count)))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = try outputType([program.type(of: inputs[0])])
    return try program.expand(inputs[0], to: type)
  }
}
