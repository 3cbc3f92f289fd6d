/// `prelu`: x where x > 0, else slope·x with a trained slope a channel, as ONNX's PRelu; with
/// `shared` one slope for all channels.
///
/// With C channels: parameters = C, or 1 if shared; FLOP = elements: one per element. No MACs.
struct PReLU: LayerKind {
  static let elements = [ElementSchema("prelu", doc: "A relu with trained slopes.", shared)]

  private static let shared = Attribute<Bool>(
    "shared", default: false, doc: "Whether all channels share one slope.")

  private let isShared: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    isShared = try attributes[Self.shared]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    guard isShared || inputs[0].shape.rank >= 2 else {
      throw ShapeError("wants channels, not \(inputs[0])")
    }
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(parameters: slopes(inputs[0]), flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    return program.emit(
      .parametricRelu, inputs, weights: [WeightSlot(.slope, dims: [slopes(type)])], type: type)
  }

  private func slopes(_ type: TensorType) -> Int {
    isShared ? 1 : type.dims[type.layout.channelAxis ?? 1]
  }
}
