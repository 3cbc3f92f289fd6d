/// `cumsum`: each element the sum of those up to it along `axis`, as ONNX's CumSum.
///
/// `exclusive` leaves the element itself out; `reverse` sums from the end.
/// FLOP = |out|: one per element. No parameters or MACs.
struct CumSum: LayerKind {
  static let elements = [
    ElementSchema(
      "cumsum", doc: "Each element the sum of those up to it.", CommonAttributes.lastAxis,
      exclusive, reverse)
  ]

  private static let exclusive = Attribute<Bool>(
    "exclusive", default: false, doc: "Whether the element itself is left out.")
  private static let reverse = Attribute<Bool>(
    "reverse", default: false, doc: "Whether sums begin at the end.")

  private let axis: Int
  private let isExclusive: Bool
  private let isReversed: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    axis = try attributes[CommonAttributes.lastAxis]
    isExclusive = try attributes[Self.exclusive]
    isReversed = try attributes[Self.reverse]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try resolveAxis(axis, rank: inputs[0].shape.rank)
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let sum = CumulativeSum(
      axis: try resolveAxis(axis, rank: type.shape.rank), isExclusive: isExclusive,
      isReversed: isReversed)
    return program.emit(.cumulativeSum(sum), inputs, type: type)
  }
}
