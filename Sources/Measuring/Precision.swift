public import Profiling

/// The numbers a network is run on.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floating point.
  case f32
  /// Brain floating point: activations and weights of 16 bits, sums of 32.
  case bf16
  /// 8-bit integers with scales, sums of 32 bits.
  case int8

  /// As records name it.
  public var name: PrecisionName { PrecisionName(rawValue: rawValue) }

  /// Bytes of one number.
  public var bytes: Int {
    switch self {
    case .f32: 4
    case .bf16: 2
    case .int8: 1
    }
  }
}
