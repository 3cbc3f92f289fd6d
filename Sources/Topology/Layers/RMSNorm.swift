/// `rms-norm`: scale · x / √(mean of x² + epsilon) over all dimensions from `axis` on (the last one
/// by default), as ONNX's RMSNormalization.
///
/// With E elements from the axis on: parameters = E (the scale); FLOP = elements: one per element.
/// No MACs.
struct RMSNorm: LayerKind {
  static let elements = [ElementSchema("rms-norm", optional: ["axis", "epsilon"])]

  private let axis: Int
  private let epsilon: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: -1, in: -12...11)
    epsilon = try attributes.double("epsilon", default: 1e-5)
    guard epsilon >= 0 else { throw AttributeError("epsilon", "\(epsilon) is negative") }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try width(inputs[0])
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: try width(inputs[0]), flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    return program.emit(
      .rootMeanSquareNormalization(epsilon: epsilon), inputs,
      weights: [WeightSlot(.scale, dims: [try width(type)])], type: type)
  }

  private func width(_ type: TensorType) throws(ShapeError) -> Int {
    type.dims[(try resolveAxis(axis, rank: type.shape.rank))...].reduce(1, *)
  }
}
