/// `lrn`: x / (k + alpha/size · Σ x²)^beta, the sum over `size` channels around each, as in ONNX.
///
/// FLOP = elements: one per element. No parameters or MACs. `epsilon` is another name of `k`.
struct LRN: LayerKind {
  static let elements = [
    ElementSchema("lrn", required: ["size"], optional: ["alpha", "beta", "k", "epsilon"])
  ]

  private let numbers: LocalResponse

  init(_ attributes: Attributes) throws(AttributeError) {
    let size = try attributes.int("size")
    guard !size.isMultiple(of: 2) else { throw AttributeError("size", "\(size) is not odd") }
    let name = attributes.string("epsilon") == nil ? "k" : "epsilon"
    if name == "epsilon", attributes.string("k") != nil {
      throw AttributeError("epsilon", "is another name of k, which is given")
    }
    numbers = LocalResponse(
      size: size, alpha: try attributes.double("alpha", default: 1e-4),
      beta: try attributes.double("beta", default: 0.75), k: try attributes.double(name, default: 1)
    )
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
