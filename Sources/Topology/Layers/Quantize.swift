/// `quantize`, `dequantize`: to integers and back, as ONNX's QuantizeLinear and DequantizeLinear.
///
/// `quantize` gives x / `scale` rounded to the nearest integer (ties to even) plus `zero-point` (0
/// by default), within the range of `type` (`u8`, 0 to 255, by default; `s8`, −128 to 127);
/// `dequantize` gives (x − `zero-point`) · `scale`. Values remain numbers that any layer may read:
/// what is computed in integers is chosen by the precision of the run. FLOP = elements of the
/// result. No parameters or MACs.
struct Quantize: LayerKind {
  static let elements = [
    ElementSchema("quantize", required: ["scale"], optional: ["zero-point", "type"]),
    ElementSchema("dequantize", required: ["scale"], optional: ["zero-point"]),
  ]

  private enum Integers: String, CaseIterable {
    case u8, s8

    var range: ClosedRange<Int> { self == .u8 ? 0...255 : -128...127 }
  }

  private let scale: Double
  private let zeroPoint: Int
  /// What the result is kept within; `nil` for `dequantize`.
  private let range: ClosedRange<Int>?

  init(_ attributes: Attributes) throws(AttributeError) {
    scale = try attributes.double("scale")
    guard scale > 0 else { throw AttributeError("scale", "is not positive") }
    if attributes.element == "quantize" {
      let type: Integers = try attributes.choice("type", default: .u8)
      range = type.range
      zeroPoint = try attributes.int("zero-point", default: 0, in: type.range)
    } else {
      range = nil
      zeroPoint = try attributes.int("zero-point", default: 0, in: -128...255)
    }
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType { inputs[0] }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: output.elementCount)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let steps: [Eltwise]
    if let range {
      // Rounded before the zero point is added, which is an integer: the ties are those of x / scale.
      steps =
        [
          Eltwise(.linear, alpha: 1 / scale), Eltwise(.round),
          Eltwise(
            .clip, alpha: Double(range.lowerBound - zeroPoint),
            beta: Double(range.upperBound - zeroPoint)),
        ] + (zeroPoint == 0 ? [] : [Eltwise(.linear, alpha: 1, beta: Double(zeroPoint))])
    } else {
      steps = [Eltwise(.linear, alpha: scale, beta: -Double(zeroPoint) * scale)]
    }
    return steps.reduce(inputs[0]) { value, step in
      program.emit(.eltwise(step), [value], type: type)
    }
  }
}
