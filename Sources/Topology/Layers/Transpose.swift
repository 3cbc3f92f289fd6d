/// `transpose`: dimension i of the result is dimension `perm[i]` of the operand, as in ONNX; without
/// `perm` the order is reversed.
///
/// An order that moves only extents of 1 is a reshape. It computes nothing: no parameters, MACs or
/// FLOP.
struct Transpose: LayerKind {
  static let elements = [ElementSchema("transpose", doc: "Dims in another order.", order)]

  private static let order = Attribute<[Int]?>(
    "perm", .list, otherwise: "reversed", in: 0...11,
    doc: "Dimension i of the output is dimension `perm[i]` of the operand."
  )
  .checked {
    guard let order = $0, order.sorted() != Array(order.indices) else { return nil }
    return "does not name each of \(order.count) dimensions once"
  }

  private let order: [Int]?

  init(_ attributes: Attributes) throws(AttributeError) {
    order = try attributes[Self.order]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let order = try resolve(input)
    let stays = order == Array(order.indices)
    return try TensorType(
      dims: order.map { input.dims[$0] }, stays ? input.layout : .unnamed(order.count))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let order = try resolve(input)
    let moved = order.filter { input.dims[$0] > 1 }
    return program.emit(
      moved == moved.sorted() ? .reshape : .transpose(order: order), inputs,
      type: try outputType([input]))
  }

  private func resolve(_ input: TensorType) throws(ShapeError) -> [Int] {
    let order = order ?? Array(input.dims.indices.reversed())
    guard order.count == input.shape.rank else {
      throw ShapeError("perm names \(order.count) dimensions, \(input) has \(input.shape.rank)")
    }
    return order
  }
}
