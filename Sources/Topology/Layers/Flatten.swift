/// `flatten`: two dimensions, those before the axis (1 by default: N) and the rest, as in ONNX.
///
/// It computes nothing: no parameters, MACs or FLOP.
struct Flatten: LayerKind {
  static let elements = [
    ElementSchema("flatten", doc: "All dims from an axis on become one; keeps N.", axis)
  ]

  private static let axis = Attribute<Int>(
    "axis", default: 1, in: -12...12,
    doc: "The first dimension of the rest; a negative one counts from the end.")

  private let axis: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[Self.axis]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let rank = input.shape.rank
    guard (-rank...rank).contains(axis) else {
      throw ShapeError("axis \(axis) is outside \(-rank)…\(rank)")
    }
    let split = axis < 0 ? axis + rank : axis
    guard input.layout != .tnc || split != 1 else {
      throw ShapeError("tnc does not begin with the N that flatten keeps; use reshape")
    }
    let outer = input.dims[..<split].reduce(1, *)
    return try TensorType(
      dims: [outer, input.elementCount / outer], split == 1 ? .nc : .other)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(.reshape, inputs, type: try outputType([program.type(of: inputs[0])]))
  }
}
