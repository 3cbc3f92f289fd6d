/// `embedding`: rows of a trained table chosen by the indices in the operand.
///
/// The result has one dimension more; indices T x N give `tnc`, and so do indices T x N x 1 that
/// are `tnc` themselves. An index is truncated to an
/// integer; a negative one counts from the end; one beyond an end means that end.
/// Parameters = rows·dim; constants read = dim for each index, but no more than the table. No MACs
/// or FLOP.
struct Embedding: LayerKind {
  static let elements = [
    ElementSchema("embedding", doc: "Rows of a table chosen by index.", rows, width)
  ]

  // Every index up to here is a Float.
  private static let rows = Attribute<Int>(
    "rows", in: 1...1 << 24, doc: "Rows of the table, up to 2²⁴.")
  private static let width = Attribute<Int>("dim", doc: "Elements of a row.")

  private let rows: Int
  private let width: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    rows = try attributes[Self.rows]
    width = try attributes[Self.width]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let isSequence = inputs[0].layout == .tnc && inputs[0].dims[2] == 1
    let dims = (isSequence ? Array(inputs[0].dims[..<2]) : inputs[0].dims) + [width]
    return try TensorType(dims: dims, dims.count == 3 ? .tnc : .unnamed(dims.count))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let table = try Shape([rows, width]).elementCount
    return Cost(parameters: table, weightElements: min(table, output.elementCount))
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(
      .embedding, inputs, weights: [WeightSlot(.weights, dims: [rows, width], fanIn: 3)],
      type: try outputType([program.type(of: inputs[0])]))
  }
}
