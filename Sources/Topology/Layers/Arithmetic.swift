/// `add`, `sub`, `mul`, `div`, `max`, `min`: element-wise on two or more operands, left to right.
///
/// Operands broadcast as in NumPy, last dimensions aligned, but one of each two must have the
/// result's shape already; for `sub` and `div` that is the left one.
/// FLOP = elements of each intermediate result: one per element. No parameters or MACs.
struct Arithmetic: LayerKind {
  static let elements = BinaryKind.allCases.map { ElementSchema($0.rawValue) }

  private let kind: BinaryKind

  init(_ attributes: Attributes) throws(AttributeError) {
    guard let kind = BinaryKind(rawValue: attributes.element) else {
      throw AttributeError(nil, "<\(attributes.element)> is no binary operation")
    }
    self.kind = kind
  }

  var operands: ClosedRange<Int> { 2...Int.max }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    var result = inputs[0]
    for input in inputs.dropFirst() { result = try larger(result, input) }
    return result
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    var total = Cost()
    var result = inputs[0]
    for input in inputs.dropFirst() {
      result = try larger(result, input)
      total = try total.adding(Cost(flops: result.elementCount))
    }
    return total
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    var result = inputs[0]
    for input in inputs.dropFirst() {
      var (first, second) = (result, input)
      let type = try larger(program.type(of: first), program.type(of: second))
      if program.type(of: first).dims != type.dims { swap(&first, &second) }
      second = try align(second, to: type, in: &program)
      result = program.emit(.binary(kind), [first, second], type: type)
    }
    return result
  }

  private var isCommutative: Bool { kind != .sub && kind != .div }

  /// The operand whose shape the result has.
  private func larger(_ a: TensorType, _ b: TensorType) throws(ShapeError) -> TensorType {
    if broadcasts(b, to: a) { return a }
    guard broadcasts(a, to: b) else {
      throw ShapeError("\(a) and \(b) do not broadcast to one of the two")
    }
    guard isCommutative else {
      throw ShapeError("the left operand, \(a), must have the shape of the result, \(b)")
    }
    return b
  }

  private func broadcasts(_ small: TensorType, to large: TensorType) -> Bool {
    small.shape.rank <= large.shape.rank
      && zip(small.dims.reversed(), large.dims.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
  }

  /// Puts ones before the dims, for oneDNN wants operands of one rank.
  private func align(_ value: ValueID, to type: TensorType, in program: inout ProgramBuilder)
    throws(ShapeError) -> ValueID
  {
    let dims = program.type(of: value).dims
    if dims.count == type.shape.rank { return value }
    let ones = Array(repeating: 1, count: type.shape.rank - dims.count)
    return program.emit(.reshape, [value], type: try TensorType(dims: ones + dims, type.layout))
  }
}
