import Files
import Model

extension ElementType {
  /// Whether elements are fractions; others are integers.
  var isReal: Bool { isFloatingPoint }

  /// The values an integer of that type may have.
  var range: ClosedRange<Int64>? {
    switch self {
    case .f64, .f32, .f16, .bf16: nil
    case .i64: Int64.min...Int64.max
    case .u64: 0...Int64.max
    case .i32: Int64(Int32.min)...Int64(Int32.max)
    case .i16: Int64(Int16.min)...Int64(Int16.max)
    case .i8: -128...127
    case .u32: 0...Int64(UInt32.max)
    case .u16: 0...Int64(UInt16.max)
    case .u8: 0...255
    case .bool: 0...1
    }
  }

  /// The element at an offset, aligned or not, as a number.
  func real(at offset: Int, of bytes: RawSpan) -> Double {
    switch self {
    case .f64: bytes.number(Double.self, at: offset)
    case .f32: Double(bytes.number(Float.self, at: offset))
    case .f16: Double(halfPrecision(bytes.number(UInt16.self, at: offset)))
    case .bf16: Double(Float(bitPattern: UInt32(bytes.number(UInt16.self, at: offset)) << 16))
    case .u64: Double(bytes.number(UInt64.self, at: offset))
    default: Double(integer(at: offset, of: bytes))
    }
  }

  /// The element at an offset, aligned or not, as an integer; fractions are cut off.
  func integer(at offset: Int, of bytes: RawSpan) -> Int64 {
    switch self {
    case .i64: bytes.number(Int64.self, at: offset)
    case .i32: Int64(bytes.number(Int32.self, at: offset))
    case .i16: Int64(bytes.number(Int16.self, at: offset))
    case .i8: Int64(bytes.number(Int8.self, at: offset))
    case .u64: Int64(truncatingIfNeeded: bytes.number(UInt64.self, at: offset))
    case .u32: Int64(bytes.number(UInt32.self, at: offset))
    case .u16: Int64(bytes.number(UInt16.self, at: offset))
    case .u8: Int64(bytes.number(UInt8.self, at: offset))
    case .bool: bytes.number(UInt8.self, at: offset) == 0 ? 0 : 1
    case .f64, .f32, .f16, .bf16: Int64(saturating: real(at: offset, of: bytes))
    }
  }
}

extension Int64 {
  /// The integer part of a number, of one beyond 64 bits the nearest end; of NaN 0.
  init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if value >= 0x1p63 {
      self = .max
    } else if value < -0x1p63 {
      self = .min
    } else {
      self = Int64(value)
    }
  }
}

/// IEEE 754's binary16, exactly.
func halfPrecision(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1F
  let fraction = UInt32(bits & 0x3FF)
  if exponent == 0 {
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  }
  if exponent == 0x1F { return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13) }
  return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
}
