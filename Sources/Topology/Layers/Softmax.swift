/// `softmax`: eˣ over the sum of all eˣ along the axis (the last by default).
///
/// FLOP = elements: one per softmax term. No parameters or MACs.
struct Softmax: LayerKind {
  static let elements = [ElementSchema("softmax", optional: ["axis"])]

  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1, in: -12...11)
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
    return program.emit(
      .softmax(axis: try resolveAxis(axis, rank: type.shape.rank)), inputs, type: type)
  }
}
