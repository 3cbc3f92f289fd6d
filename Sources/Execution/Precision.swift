internal import DNNL
import Measuring

extension Precision {
  /// The precision that numbers of a type belong to.
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
