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

/// What a value is stored as: the type of its numbers, what one unit of them is worth, and which of
/// them is 0.
struct NumberFormat: Hashable {
  /// The type.
  var type: DataType = .f32
  /// The value of a stored 1; not 1 for 8-bit integers only.
  var scale: Float = 1
  /// The stored number that means 0; not 0 for 8-bit integers of a network that quantises itself only.
  var zeroPoint = 0
}

extension DataType {
  /// Whether numbers of the type need a scale.
  var isQuantized: Bool { self == .s8 || self == .u8 }

  /// The type of the weights that are multiplied with activations of this one.
  var weights: DataType { isQuantized ? .s8 : self }
}

extension Scaling {
  /// What a reorder does so that numbers keep their value.
  static func conversion(from source: NumberFormat, to target: NumberFormat) -> Scaling {
    let factor = source.scale / target.scale
    var scaling = Scaling(output: factor == 1 ? [] : [factor])
    // Stored numbers of one zero point are copied as they are.
    let isCopy = factor == 1 && source.zeroPoint == target.zeroPoint && source.type == target.type
    if !isCopy { scaling.zeroPoints = [(.src, source.zeroPoint), (.dst, target.zeroPoint)] }
    return scaling
  }
}
