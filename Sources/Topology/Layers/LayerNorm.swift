/// `layer-norm`: scale · (x − mean) / √(variance + epsilon) + shift over all dimensions from `axis`
/// on (the last one by default), as in ONNX.
///
/// With E elements from the axis on: parameters = 2·E (scale and shift); FLOP = elements: one per
/// element. No MACs.
struct LayerNorm: LayerKind {
  static let elements = [
    ElementSchema(
      "layer-norm", doc: "Layer normalisation.", NormalizedAxes.axis, NormalizedAxes.epsilon)
  ]

  private let axes: NormalizedAxes

  init(_ attributes: Attributes) throws(AttributeError) { axes = try NormalizedAxes(attributes) }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try axes.width(inputs[0])
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: 2 * (try axes.width(inputs[0])), flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let dims = [try axes.width(type)]
    return program.emit(
      .layerNormalization(epsilon: axes.epsilon), inputs,
      weights: [WeightSlot(.scale, dims: dims), WeightSlot(.shift, dims: dims)], type: type)
  }
}
