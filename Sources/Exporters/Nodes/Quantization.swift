import ONNX
import Topology

extension Translation {
  /// What a primitive of the network quantises by; `nil` for any other.
  private struct Steps {
    let scale: Double
    let zeroPoint: Int
    let isSigned: Bool

    init?(_ primitive: Primitive) {
      guard let attributes = primitive.attributes, let scale = try? attributes.double("scale"),
        let zero = try? attributes.int("zero-point", default: 0, in: -128...255)
      else { return nil }
      self.scale = scale
      zeroPoint = zero
      isSigned = attributes.string("type") == "s8"
    }
  }

  private var primitive: Primitive { layer.primitives[instruction.primitive] }

  /// The operator of a `quantize` or `dequantize`, made at the last of its operations; false for
  /// everything else.
  ///
  /// Integers flow as such from a `QuantizeLinear` to the `DequantizeLinear`s that alone read them; any
  /// other reader wants numbers, as which they are cast.
  mutating func addQuantization() -> Bool {
    switch primitive.element {
    case "quantize":
      guard let steps = Steps(primitive) else { return false }
      let next = index + 1
      let isLast =
        next == program.instructions.count || program.instructions[next].layer != instruction.layer
        || program.instructions[next].primitive != instruction.primitive
      // The operations before the last one are part of the operator.
      guard isLast else {
        pass()
        return true
      }
      let inputs = [input(), scalar(steps.scale), zeroPoint(steps.zeroPoint, steps.isSigned)]
      if isDequantized(instruction.output, isSigned: steps.isSigned) {
        integerValues[instruction.output] = steps.isSigned
        finish("QuantizeLinear", inputs)
      } else {
        finish(
          "Cast", [add("QuantizeLinear", inputs)],
          [.int("to", ONNXTensor.DataType.float.rawValue)])
      }
      return true
    case "dequantize":
      guard let steps = Steps(primitive), let isSigned = integerValues[instruction.inputs[0]] else {
        return false
      }
      finish(
        "DequantizeLinear",
        [input(), scalar(steps.scale), zeroPoint(steps.zeroPoint, isSigned)])
      return true
    default: return false
    }
  }

  /// Whether nothing but `dequantize`s of a type's zero points read a value, which stays inside.
  private func isDequantized(_ value: ValueID, isSigned: Bool) -> Bool {
    let readers = (self.readers[value] ?? []).map { program.instructions[$0] }
    return !readers.isEmpty && !program.outputs.contains(value)
      && readers.allSatisfy { reader in
        let primitive = graph.layers[reader.layer].primitives[reader.primitive]
        guard primitive.element == "dequantize", let steps = Steps(primitive) else { return false }
        return (isSigned ? -128...127 : 0...255).contains(steps.zeroPoint)
      }
  }

  private mutating func zeroPoint(_ number: Int, _ isSigned: Bool) -> String {
    let key = isSigned ? [number, 1] : [number]
    if let name = zeroPoints[key] { return name }
    let name =
      isSigned
      ? constant("zero", .int8, dims: [], [Int8(clamping: number)])
      : constant("zero", .uint8, dims: [], [UInt8(clamping: number)])
    zeroPoints[key] = name
    return name
  }
}
