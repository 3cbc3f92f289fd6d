import Topology

/// `shrink`: values towards 0, as ONNX's Shrink: 0 where |x| ≤ `lambda`, else x, in mode `soft` less
/// `lambda` of its magnitude.
///
/// FLOP = elements: one per element. No parameters or MACs.
///
/// What a layer kind takes, in one file: the language, shapes, cost, lowering and what runs.
struct Shrink: LayerKind {
  static let elements = [
    ElementSchema("shrink", doc: "Values towards 0.", lambda, mode, threshold)
  ]

  private static let lambda = Attribute<Double>(
    "lambda", default: 0.5, doc: "The largest magnitude that becomes 0."
  )
  .checked { $0 < 0 ? "\($0) is negative" : nil }
  private static let mode = Attribute<Mode>(
    "mode", default: .hard, doc: "What becomes of the others.", guide: "`hard` or `soft`")
  private static let threshold = Attribute(
    naming: "threshold", otherwise: "`lambda`", doc: "A value of one element to use instead.")

  private enum Mode: String, AttributeChoice {
    case hard, soft

    static let typeName = "shrinkMode"
    static let typeDoc = "What becomes of larger values."
  }

  private let kernel: ShrinkKernel

  init(_ attributes: Attributes) throws(AttributeError) {
    kernel = ShrinkKernel(
      lambda: Float(try attributes[Self.lambda]), isSoft: try attributes[Self.mode] == .soft,
      hasThreshold: try attributes[Self.threshold])
  }

  var operands: ClosedRange<Int> { kernel.hasThreshold ? 2...2 : 1...1 }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    for threshold in inputs.dropFirst() where threshold.elementCount != 1 {
      throw ShapeError("a threshold is one element, not \(threshold)")
    }
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.host(kernel), inputs, type: program.type(of: inputs[0]))
  }
}

/// What runs; an operation of oneDNN would be an `Operation` instead.
private struct ShrinkKernel: HostKernel, Hashable {
  let lambda: Float
  let isSoft: Bool
  let hasThreshold: Bool
  var name: String { "shrink" }

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let lambda = hasThreshold ? inputs[1][0] : lambda
    for (index, x) in inputs[0].enumerated() {
      let less = isSoft ? (x < 0 ? -lambda : lambda) : 0
      output[index] = x.magnitude > lambda ? x - less : 0
    }
  }
}
