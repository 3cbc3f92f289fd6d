/// `concat`: its operands joined along the axis (1 by default; a negative one counts from the end).
///
/// The other dimensions must agree, or be 1, which is stretched: a learned token stands before those of
/// every sample. The layout is the first operand's. It computes nothing: no
/// parameters, MACs or FLOP.
struct Concat: LayerKind {
  static let elements = [
    ElementSchema("concat", doc: "Operands side by side.", with: "further operands", axis)
  ]

  private static let axis = Attribute<Int>(
    "axis", default: 1, in: Attributes.axes, doc: "The axis; a negative one counts from the end.")

  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[Self.axis]
  }

  var operands: ClosedRange<Int> { 2...Int.max }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let first = inputs[0]
    let axis = try resolveAxis(axis, rank: first.shape.rank)
    var dims = first.dims
    for input in inputs.dropFirst() {
      var (one, other) = (dims, input.dims)
      guard one.count == other.count else { throw mismatch(first, input, axis) }
      (one[axis], other[axis]) = (1, 1)
      guard var joint = broadcastDims(one, other) else { throw mismatch(first, input, axis) }
      joint[axis] = dims[axis] + input.dims[axis]
      dims = joint
    }
    return try TensorType(dims: dims, first.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let types = inputs.map { program.type(of: $0) }
    let output = try outputType(types)
    let axis = try resolveAxis(axis, rank: output.shape.rank)
    var parts: [ValueID] = []
    for input in inputs {
      var dims = output.dims
      dims[axis] = program.type(of: input).dims[axis]
      let isWhole = program.type(of: input).dims == dims
      let type = try TensorType(dims: dims, output.layout)
      parts.append(isWhole ? input : try program.expand(input, to: type))
    }
    return program.emit(.concat(axis: axis), parts, type: output)
  }

  private func mismatch(_ first: TensorType, _ other: TensorType, _ axis: Int) -> ShapeError {
    ShapeError("\(first) and \(other) differ outside axis \(axis)")
  }
}
