/// `concat`: its operands joined along the axis (1 by default; a negative one counts from the end).
///
/// The other dimensions must agree; the layout is the first operand's. It computes nothing: no
/// parameters, MACs or FLOP.
struct Concat: LayerKind {
  static let elements = [ElementSchema("concat", optional: ["axis"])]

  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes.int("axis", default: 1, in: -12...11)
  }

  var operands: ClosedRange<Int> { 2...Int.max }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let first = inputs[0]
    let axis = try resolveAxis(axis, rank: first.shape.rank)
    var dims = first.dims
    for input in inputs.dropFirst() {
      var rest = input.dims
      guard rest.count == dims.count else { throw mismatch(first, input, axis) }
      rest[axis] = first.dims[axis]
      guard rest == first.dims else { throw mismatch(first, input, axis) }
      dims[axis] += input.dims[axis]
    }
    return try TensorType(dims: dims, first.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let types = inputs.map { program.type(of: $0) }
    let output = try outputType(types)
    return program.emit(
      .concat(axis: try resolveAxis(axis, rank: output.shape.rank)), inputs, type: output)
  }

  private func mismatch(_ first: TensorType, _ other: TensorType, _ axis: Int) -> ShapeError {
    ShapeError("\(first) and \(other) differ outside axis \(axis)")
  }
}
