/// `pad`: more cells around the operand, as ONNX's Pad.
///
/// `pads` lists all begins, then all ends; `mode` says what the cells hold. It computes nothing: no
/// parameters, MACs or FLOP.
struct PadLayer: LayerKind {
  static let elements = [ElementSchema("pad", required: ["pads"], optional: ["mode", "value"])]

  private let pads: [Int]
  private let mode: Padding.Mode
  private let value: Double

  init(_ attributes: Attributes) throws(AttributeError) {
    pads = try attributes.list("pads", in: 0...Int(Int32.max)) ?? []
    mode = try attributes.choice("mode", default: .constant)
    value = try attributes.double("value", default: 0)
    if mode != .constant, attributes.string("value") != nil {
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
