/// `lrn`: x / (k + alpha/size · Σ x²)^beta, the sum over `size` channels around each, as in ONNX.
///
/// FLOP = elements: one per element. No parameters or MACs. `epsilon` is another name of `k`.
struct LRN: LayerKind {
  static let elements = [
    ElementSchema("lrn", doc: "Local response normalisation.", size, alpha, beta, k, epsilon)
  ]

  private static let size = Attribute<Int>("size", doc: "Channels of the sum; odd.")
    .checked { $0.isMultiple(of: 2) ? "\($0) is not odd" : nil }
  private static let alpha = Attribute<Double>(
    "alpha", default: 1e-4, doc: "Factor of the mean of squares.", guide: "a fraction")
  private static let beta = Attribute<Double>(
    "beta", default: 0.75, doc: "Exponent.", guide: "a fraction")
  private static let k = Attribute<Double>(
    "k", default: 1, doc: "Added to the mean.", guide: "a fraction")
  private static let epsilon = Attribute<Double?>(
    "epsilon", otherwise: "none", doc: "Another name of `k`.")

  private let numbers: LocalResponse

  init(_ attributes: Attributes) throws(AttributeError) {
    let size = try attributes[Self.size]
    if attributes.has(Self.epsilon), attributes.has(Self.k) {
      throw AttributeError("epsilon", "is another name of k, which is given")
    }
    let k = try attributes[Self.k]
    numbers = LocalResponse(
      size: size, alpha: try attributes[Self.alpha], beta: try attributes[Self.beta],
      k: try attributes[Self.epsilon] ?? k)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    guard inputs[0].shape.rank >= 2, inputs[0].layout != .tnc else {
      throw ShapeError("wants N x C and space, not \(inputs[0])")
    }
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.localResponse(numbers), inputs, type: program.type(of: inputs[0]))
  }
}
