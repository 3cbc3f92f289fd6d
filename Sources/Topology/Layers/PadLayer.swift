/// `pad`: more cells around the operand, as ONNX's Pad.
///
/// `pads` lists all begins, then all ends; `mode` says what the cells hold. It computes nothing: no
/// parameters, MACs or FLOP.
struct PadLayer: LayerKind {
  static let elements = [
    ElementSchema("pad", doc: "More cells around the operand.", pads, mode, value)
  ]

  private static let pads = Attribute<[Int]>(
    "pads", .list, in: 0...Int(Int32.max),
    doc: "Cells of every dimension: all begins, then all ends.")
  private static let mode = Attribute<Padding.Mode>(
    "mode", default: .constant, doc: "How cells are filled.",
    guide: "`constant`, `reflect` (mirrored at the outermost element) or `edge` (the "
      + "outermost element)")
  private static let value = Attribute<Double>(
    "value", default: 0, doc: "A fraction: what constant cells hold.")

  private let pads: [Int]
  private let mode: Padding.Mode
  private let value: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    pads = try attributes[Self.pads]
    mode = try attributes[Self.mode]
    value = try attributes[Self.value]
    if mode != .constant, attributes.has(Self.value) {
      throw AttributeError("value", "means nothing to mode '\(mode.rawValue)'")
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let rank = input.shape.rank
    guard pads.count == 2 * rank else {
      throw ShapeError("pads lists \(pads.count) counts; \(input) wants \(2 * rank)")
    }
    var dims: [Int] = []
    for (axis, extent) in input.dims.enumerated() {
      let (begin, end) = (pads[axis], pads[rank + axis])
      guard mode != .reflect || max(begin, end) < extent else {
        throw ShapeError("\(max(begin, end)) cells cannot be mirrored from \(extent)")
      }
      dims.append(begin + extent + end)
    }
    return try TensorType(dims: dims, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost { Cost() }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let padding = Padding(
      begins: Array(pads.prefix(input.shape.rank)), mode: mode, value: value)
    return program.emit(.pad(padding), inputs, type: try outputType([input]))
  }
}

extension Padding.Mode: AttributeChoice {
  /// `padMode`.
  public static let typeName = "padMode"
  /// What the schema says of it.
  public static let typeDoc = "What padding holds."
}
