/// `gather`: slices of the first operand along `axis` (0 by default), chosen by the indices in the
/// second one, as in ONNX.
///
/// An index is truncated to an integer; a negative one counts from the end; one beyond an end means
/// that end. It computes nothing: no parameters, MACs or FLOP.
struct Gather: LayerKind {
  static let elements = [
    ElementSchema(
      "gather", doc: "Slices of the operand chosen by index.", with: "the second operand", axis)
  ]

  private static let axis = Attribute<Int>(
    "axis", default: 0, in: Attributes.axes, doc: "The axis that the indices choose along.")

  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[Self.axis]
  }

  var operands: ClosedRange<Int> { 2...2 }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let data = inputs[0]
    let axis = try resolveAxis(axis, rank: data.shape.rank)
    let dims = data.dims[..<axis] + inputs[1].dims + data.dims[(axis + 1)...]
    return try TensorType(
      dims: Array(dims), dims.count == data.shape.rank ? data.layout : .unnamed(dims.count))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let types = inputs.map { program.type(of: $0) }
    let axis = try resolveAxis(axis, rank: types[0].shape.rank)
    return program.emit(.gather(axis: axis), inputs, type: try outputType(types))
  }
}
