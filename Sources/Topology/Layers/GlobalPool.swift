/// `global-pool`: one window over all spatial dimensions; the rank stays (N x C x 1 x 1).
///
/// FLOP = input elements: one per element of the window. No parameters or MACs.
struct GlobalPool: LayerKind {
  static let elements = [
    ElementSchema(
      "global-pool", doc: "Pooling over all of the space; keeps the rank (N x C x 1 x 1).", kind)
  ]

  private static let kind = Attribute<Pooling.Kind>(
    "kind", default: .avg, doc: "What it yields.", guide: "`avg` or `max`")

  private let kind: Pooling.Kind

  init(_ attributes: Attributes) throws(AttributeError) {
    kind = try attributes[Self.kind]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.layout.spatialRank > 0 else {
      throw ShapeError("wants ncw, nchw or ncdhw, not \(input)")
    }
    let ones = Array(repeating: 1, count: input.layout.spatialRank)
    return try TensorType(dims: input.dims[..<2] + ones, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: inputs[0].elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let none = Array(repeating: 0, count: input.layout.spatialRank)
    let pooling = Pooling(
      kind: kind, kernel: Array(input.dims[2...]), stride: none.map { _ in 1 },
      paddingBegin: none, paddingEnd: none, countIncludePad: false)
    return program.emit(.pooling(pooling), inputs, type: try outputType([input]))
  }
}
