/// `softmax`, `log-softmax`: eˣ over the sum of all eˣ along the axis (the last by default), or the
/// logarithm of that.
///
/// FLOP = elements: one per softmax term. No parameters or MACs.
struct Softmax: LayerKind {
  static let elements = [
    ElementSchema("softmax", doc: "Softmax along an axis.", CommonAttributes.lastAxis),
    ElementSchema(
      "log-softmax", doc: "Logarithm of the softmax along an axis.", CommonAttributes.lastAxis),
  ]

  private let axis: Int
  private let isLogarithm: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[CommonAttributes.lastAxis]
    isLogarithm = attributes.element == "log-softmax"
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try resolveAxis(axis, rank: inputs[0].shape.rank)
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let axis = try resolveAxis(axis, rank: type.shape.rank)
    return program.emit(
      isLogarithm ? .logSoftmax(axis: axis) : .softmax(axis: axis), inputs, type: type)
  }
}
