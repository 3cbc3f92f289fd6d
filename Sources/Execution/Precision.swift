internal import DNNL

/// The numbers a network is run on.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floating point.
  case f32
  /// Brain floating point: activations and weights of 16 bits, sums of 32.
  case bf16
  /// 8-bit integers with scales, sums of 32 bits.
  case int8

  /// Bytes of one number.
  public var bytes: Int {
    switch self {
    case .f32: 4
    case .bf16: 2
    case .int8: 1
    }
  }

  init(_ type: DataType) {
    switch type {
    case .f32, .s32: self = .f32
    case .bf16: self = .bf16
    case .s8, .u8: self = .int8
    }
  }
}

/// What a value is stored as: the type of its numbers, and what one unit of them is worth.
struct NumberFormat: Hashable {
  /// The type.
  var type: DataType = .f32
  /// The value of a stored 1; not 1 for 8-bit integers only.
  var scale: Float = 1
}

extension DataType {
  /// Whether numbers of the type need a scale.
  var isQuantized: Bool { self == .s8 || self == .u8 }

  /// The type of the weights that are multiplied with activations of this one.
  var weights: DataType { isQuantized ? .s8 : self }
}
