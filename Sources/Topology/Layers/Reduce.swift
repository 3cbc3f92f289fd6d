/// `reduce`: the dimensions `axes` (all by default) folded into one value, as ONNX's Reduce….
///
/// FLOP = |in|: one per element. No parameters or MACs.
struct Reduce: LayerKind {
  static let elements = [
    ElementSchema("reduce", doc: "Dims folded into one value.", kind, axes, keepDims)
  ]

  private static let kind = Attribute<ReductionKind>(
    "kind", doc: "How.",
    guide: "`sum`, `mean`, `max`, `min`, `prod`, `l1` (sum of magnitudes) or `l2` (root "
      + "of the sum of squares)")
  private static let axes = Attribute<[Int]?>(
    "axes", .list, otherwise: "all", in: Attributes.axes, doc: "The dimensions.")
  private static let keepDims = Attribute<Bool>(
    "keepdims", default: true,
    doc: "Whether they stay with an extent of 1, and the layout with them.")

  private let kind: ReductionKind
  private let axes: [Int]?
  private let keepsDims: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    kind = try attributes[Self.kind]
    axes = try attributes[Self.axes]
    keepsDims = try attributes[Self.keepDims]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let folded = try folded(input)
    if keepsDims { return try foldedType(input) }
    let kept = input.dims.indices.filter { !folded.contains($0) }
    return try TensorType(
      dims: kept.isEmpty ? [1] : kept.map { input.dims[$0] }, .unnamed(kept.count))
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: inputs[0].elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let type = try foldedType(input)
    // oneDNN refuses to fold nothing.
    let isNothing = type.dims == input.dims
    let alone: Operation = kind == .l1 || kind == .l2 ? .eltwise(Eltwise(.abs)) : .identity
    let result = program.emit(isNothing ? alone : .reduction(kind), inputs, type: type)
    if keepsDims { return result }
    return program.emit(.reshape, [result], type: try outputType([input]))
  }

  private func folded(_ input: TensorType) throws(ShapeError) -> Set<Int> {
    guard let axes else { return Set(input.dims.indices) }
    return try resolveAxes(axes, rank: input.shape.rank)
  }

  private func foldedType(_ input: TensorType) throws(ShapeError) -> TensorType {
    var dims = input.dims
    for axis in try folded(input) { dims[axis] = 1 }
    return try TensorType(dims: dims, input.layout)
  }
}

extension ReductionKind: AttributeChoice {
  /// `reduceKind`.
  public static let typeName = "reduceKind"
  /// What the schema says of it.
  public static let typeDoc = "How dims are folded."
}
