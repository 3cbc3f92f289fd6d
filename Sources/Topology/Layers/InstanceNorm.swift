/// `instance-norm`: scale · (x − mean) / √(variance + epsilon) + shift with the statistics of each
/// sample's channel, as ONNX's InstanceNormalization.
///
/// With C channels: parameters = 2·C (scale and shift); FLOP = elements: one per element. No MACs.
struct InstanceNorm: LayerKind {
  static let elements = [
    ElementSchema(
      "instance-norm", doc: "Normalisation of each sample's channel.", NormalizedAxes.epsilon)
  ]

  private let epsilon: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    epsilon = try attributes[NormalizedAxes.epsilon]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    guard inputs[0].shape.rank >= 3, inputs[0].layout != .tnc else {
      throw ShapeError("wants N x C and space, not \(inputs[0])")
    }
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: 2 * inputs[0].dims[1], flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let dims = [type.dims[1]]
    // An instance is a group of one channel.
    return program.emit(
      .groupNormalization(groups: type.dims[1], epsilon: epsilon), inputs,
      weights: [WeightSlot(.scale, dims: dims), WeightSlot(.shift, dims: dims)], type: type)
  }
}
