/// `rms-norm`: scale · x / √(mean of x² + epsilon) over all dimensions from `axis` on (the last one
/// by default), as ONNX's RMSNormalization.
///
/// With E elements from the axis on: parameters = E (the scale); FLOP = elements: one per element.
/// No MACs.
struct RMSNorm: LayerKind {
  static let elements = [
    ElementSchema(
      "rms-norm", doc: "Normalisation by the root of the mean of squares.", NormalizedAxes.axis,
      epsilon)
  ]

  private static let epsilon = NormalizedAxes.epsilon(
    doc: "Added to the mean of squares.", guide: "a fraction, not negative")

  private let axes: NormalizedAxes

  init(_ attributes: Attributes) throws(AttributeError) {
    axes = try NormalizedAxes(attributes, epsilon: Self.epsilon)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try axes.width(inputs[0])
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: try axes.width(inputs[0]), flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    return program.emit(
      .rootMeanSquareNormalization(epsilon: axes.epsilon), inputs,
      weights: [WeightSlot(.scale, dims: [try axes.width(type)])], type: type)
  }
}
