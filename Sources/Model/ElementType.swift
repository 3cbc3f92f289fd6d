/// What the elements of a stored tensor are.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// IEEE binary64.
  case f64
  /// IEEE binary32.
  case f32
  /// IEEE binary16.
  case f16
  /// The upper half of an f32.
  case bf16
  /// Signed integers.
  case i64, i32, i16, i8
  /// Unsigned integers.
  case u64, u32, u16, u8
  /// One byte, 0 or 1.
  case bool

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool: 1
    }
  }

  /// Whether it has numbers between integers, and NaN.
  public var isFloatingPoint: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: true
    case .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool: false
    }
  }
}

/// Reads elements of one type as f32; little-endian, at any address.
protocol ElementDecoder {
  associatedtype Stored: BitwiseCopyable
  static func float(_ stored: Stored) -> Float
}

/// f32 as it lies.
enum SinglePrecision: ElementDecoder {
  static func float(_ stored: Float) -> Float { stored }
}

/// f64, rounded.
enum DoublePrecision: ElementDecoder {
  static func float(_ stored: Double) -> Float { Float(stored) }
}

/// binary16, exactly: its subnormal numbers are normal ones of f32, also where the processor flushes.
enum HalfPrecision: ElementDecoder {
  static func float(_ stored: UInt16) -> Float {
    let sign = UInt32(stored & 0x8000) << 16
    let exponent = UInt32(stored >> 10) & 31
    let fraction = UInt32(stored & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

/// bfloat16, exactly.
enum BrainPrecision: ElementDecoder {
  static func float(_ stored: UInt16) -> Float { Float(bitPattern: UInt32(stored) << 16) }
}

/// Integers, rounded where f32 has fewer digits.
enum IntegerNumber<Stored: FixedWidthInteger & BitwiseCopyable>: ElementDecoder {
  static func float(_ stored: Stored) -> Float { Float(stored) }
}

/// A byte: any but 0 is true.
enum TruthValue: ElementDecoder {
  static func float(_ stored: UInt8) -> Float { stored == 0 ? 0 : 1 }
}
