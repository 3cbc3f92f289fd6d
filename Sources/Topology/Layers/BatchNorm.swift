/// `batch-norm`: scale · (x − mean) / √(variance + epsilon) + shift, a channel at a time.
///
/// Inference uses the running statistics. With C channels: parameters = 2·C (scale and shift;
/// statistics are not trained), constants read = 4·C; FLOP = elements: one per element. No MACs.
struct BatchNorm: LayerKind {
  static let elements = [
    ElementSchema(
      "batch-norm", doc: "Batch normalisation with running statistics.", NormalizedAxes.epsilon)
  ]

  private let epsilon: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    epsilon = try attributes[NormalizedAxes.epsilon]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try channels(inputs[0])
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let channels = try channels(inputs[0])
    return Cost(
      parameters: 2 * channels, weightElements: 4 * channels, flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let dims = [try channels(type)]
    let roles: [WeightRole] = [.scale, .shift, .mean, .variance]
    return program.emit(
      .batchNormalization(epsilon: epsilon), inputs,
      weights: roles.map { WeightSlot($0, dims: dims) }, type: type)
  }

  private func channels(_ type: TensorType) throws(ShapeError) -> Int {
    guard type.shape.rank >= 2 else { throw ShapeError("wants at least 2 dimensions") }
    return type.dims[type.layout.channelAxis ?? 1]
  }
}
