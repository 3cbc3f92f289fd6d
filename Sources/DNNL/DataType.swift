internal import CDNNL

/// The type of a tensor's elements.
public enum DataType: String, Hashable, Sendable, CaseIterable {
  /// 32-bit floating point.
  case f32
  /// Brain floating point, 16 bits.
  case bf16
  /// Signed 8-bit integers.
  case s8
  /// Unsigned 8-bit integers.
  case u8
  /// Signed 32-bit integers.
  case s32

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .f32, .s32: 4
    case .bf16: 2
    case .s8, .u8: 1
    }
  }

  var native: dnnl_data_type_t {
    switch self {
    case .f32: dnnl_f32
    case .bf16: dnnl_bf16
    case .s8: dnnl_s8
    case .u8: dnnl_u8
    case .s32: dnnl_s32
    }
  }

  init?(_ native: dnnl_data_type_t) {
    guard let match = DataType.allCases.first(where: { $0.native == native }) else { return nil }
    self = match
  }
}
