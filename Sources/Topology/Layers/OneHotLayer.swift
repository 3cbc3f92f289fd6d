/// `one-hot`: for each index of the operand `depth` values along a new `axis` (the last by default),
/// `on` at the index and `off` elsewhere, as ONNX's OneHot.
///
/// An index is truncated to an integer; a negative one counts from the end; beyond the ends none is
/// on. Indices T x N x 1 that are `tnc` give T x N x depth by default. It computes nothing: no
/// parameters, MACs or FLOP.
struct OneHotLayer: LayerKind {
  static let elements = [
    ElementSchema(
      "one-hot", doc: "Values of which one an index is on.", depth, axis, on, off, layout)
  ]

  // Every index up to here is a Float.
  private static let depth = Attribute<Int>(
    "depth", in: 1...1 << 24, doc: "How many values, up to 2²⁴.")
  private static let axis = Attribute<Int>(
    "axis", default: -1, meaning: "the last", in: Attributes.axes,
    doc: "Where their axis stands in the output; a negative one counts from the end.")
  private static let on = Attribute<Double>(
    "on", default: 1, doc: "A fraction: the value at the index.")
  private static let off = Attribute<Double>(
    "off", default: 0, doc: "A fraction: the value elsewhere.")
  private static let layout = Attribute<Layout?>(
    "layout", otherwise: .explained, doc: "What the dimensions of the output mean.")

  private let depth: Int
  private let axis: Int
  private let on: Double
  private let off: Double
  private let layout: Layout?

  init(_ attributes: Attributes) throws(AttributeError) {
    depth = try attributes[Self.depth]
    axis = try attributes[Self.axis]
    on = try attributes[Self.on]
    off = try attributes[Self.off]
    layout = try attributes[Self.layout]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    var dims = places(inputs[0])
    dims.insert(depth, at: try resolveAxis(axis, rank: dims.count + 1))
    let fallback: Layout = isSequence(inputs[0]) ? .tnc : .unnamed(dims.count)
    return try TensorType(dims: dims, layout ?? fallback)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    var value = inputs[0]
    if isSequence(input) {
      value = program.emit(.reshape, inputs, type: try TensorType(dims: places(input), .nc))
    }
    let type = try outputType([input])
    return program.emit(
      .oneHot(OneHot(axis: try resolveAxis(axis, rank: type.shape.rank), on: on, off: off)),
      [value], type: type)
  }

  /// Whether the operand is a sequence of indices, whose C is 1 and goes.
  private func isSequence(_ input: TensorType) -> Bool {
    axis == -1 && input.layout == .tnc && input.dims[2] == 1
  }

  private func places(_ input: TensorType) -> [Int] {
    isSequence(input) ? Array(input.dims[..<2]) : input.dims
  }
}
