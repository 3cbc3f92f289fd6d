/// `quantize`, `dequantize`: to integers and back, as ONNX's QuantizeLinear and DequantizeLinear.
///
/// `quantize` gives x / `scale` rounded to the nearest integer (ties to even) plus `zero-point` (0
/// by default), within the range of `type` (`u8`, 0 to 255, by default; `s8`, −128 to 127);
/// `dequantize` gives (x − `zero-point`) · `scale`. Values remain numbers that any layer may read:
/// what is computed in integers is chosen by the precision of the run. FLOP = elements of the
/// result. No parameters or MACs.
struct Quantize: LayerKind {
  static let elements = [
    ElementSchema("quantize", doc: "To integers.", scale, zeroPoint, integers),
    ElementSchema("dequantize", doc: "From integers.", scale, zeroPoint),
  ]

  private static let scale = Attribute<Double>(
    "scale", doc: "A fraction above 0: the width of a step."
  )
  .checked { $0 > 0 ? nil : "is not positive" }
  private static let zeroPoint = Attribute<Int>(
    "zero-point", default: 0, in: -128...255, doc: "The integer that means 0.")
  private static let integers = Attribute<Integers>(
    "type", default: .u8, doc: "The integers.",
    guide: "of `quantize`: `u8` keeps the result within 0…255, `s8` within −128…127")

  private enum Integers: String, AttributeChoice {
    case u8, s8

    static let typeName = "integers"
    static let typeDoc = "Integers of 8 bits."

    var range: ClosedRange<Int> { self == .u8 ? 0...255 : -128...127 }
  }

  private let scale: Double
  private let zeroPoint: Int
  /// What the result is kept within; `nil` for `dequantize`.
  private let range: ClosedRange<Int>?

  init(_ attributes: Attributes) throws(AttributeError) {
    scale = try attributes[Self.scale]
    if attributes.element == "quantize" {
      let type = try attributes[Self.integers]
      range = type.range
      zeroPoint = try attributes[Self.zeroPoint.narrowed(to: type.range)]
    } else {
      range = nil
      zeroPoint = try attributes[Self.zeroPoint]
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
