/// `add`, `sub`, `mul`, `div`, `max`, `min`: element-wise on two or more operands, left to right.
///
/// Operands broadcast as in NumPy, last dimensions aligned; the result may be larger than either.
/// FLOP = elements of each intermediate result: one per element. No parameters or MACs.
struct Arithmetic: LayerKind {
  static let elements = [
    ElementSchema("add", doc: "Sum of two or more operands, with broadcasting.", with: operands),
    ElementSchema("sub", doc: "Difference of operands, with broadcasting.", with: operands),
    ElementSchema("mul", doc: "Product of operands, with broadcasting.", with: operands),
    ElementSchema("div", doc: "Quotient of operands, with broadcasting.", with: operands),
    ElementSchema("max", doc: "Largest of operands, with broadcasting.", with: operands),
    ElementSchema("min", doc: "Smallest of operands, with broadcasting.", with: operands),
  ]

  private static let operands = "further operands"

  private let kind: BinaryKind

  init(_ attributes: Attributes) throws(AttributeError) {
    guard let kind = BinaryKind(rawValue: attributes.element),
      Self.schema(of: attributes.element) != nil
    else {
      throw AttributeError(nil, "<\(attributes.element)> is no binary operation")
    }
    self.kind = kind
  }

  var operands: ClosedRange<Int> { 2...Int.max }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    var result = inputs[0]
    for input in inputs.dropFirst() { result = try broadcastType(result, input) }
    return result
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    var total = Cost()
    var result = inputs[0]
    for input in inputs.dropFirst() {
      result = try broadcastType(result, input)
      total = try total.adding(Cost(flops: result.elementCount))
    }
    return total
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    var result = inputs[0]
    for input in inputs.dropFirst() { result = try program.emitBinary(kind, result, input) }
    return result
  }
}
