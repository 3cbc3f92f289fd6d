/// `equal`, `greater`, `greater-or-equal`, `less`, `less-or-equal`: 1 where the comparison of two
/// operands holds, else 0, as their ONNX namesakes.
///
/// Operands broadcast as in NumPy. FLOP = |out|: one per element. No parameters or MACs.
struct Comparison: LayerKind {
  private static let kinds: [String: BinaryKind] = [
    "equal": .equal, "greater": .greater, "greater-or-equal": .greaterOrEqual, "less": .less,
    "less-or-equal": .lessOrEqual,
  ]
  static let elements = [
    ElementSchema("equal", doc: "1 where two operands are equal, else 0.", with: second),
    ElementSchema("greater", doc: "1 where the first operand is greater, else 0.", with: second),
    ElementSchema(
      "greater-or-equal", doc: "1 where the first operand is not less, else 0.", with: second),
    ElementSchema("less", doc: "1 where the first operand is less, else 0.", with: second),
    ElementSchema(
      "less-or-equal", doc: "1 where the first operand is not greater, else 0.", with: second),
  ]

  private static let second = "the second operand"

  private let kind: BinaryKind

  init(_ attributes: Attributes) throws(AttributeError) {
    guard let kind = Comparison.kinds[attributes.element] else {
      throw AttributeError(nil, "<\(attributes.element)> is no comparison")
    }
    self.kind = kind
  }

  var operands: ClosedRange<Int> { 2...2 }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    try broadcastType(inputs[0], inputs[1])
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    try program.emitBinary(kind, inputs[0], inputs[1])
  }
}
