import FoundationEssentials
import ONNX

extension ONNXAttribute {
  private init(_ name: String, _ type: Kind) {
    self.init()
    self.name = name
    self.type = type
  }

  /// An integer.
  static func int(_ name: String, _ value: Int) -> ONNXAttribute {
    var attribute = ONNXAttribute(name, .int)
    attribute.i = Int64(value)
    return attribute
  }

  /// A list of integers.
  static func ints(_ name: String, _ values: [Int]) -> ONNXAttribute {
    var attribute = ONNXAttribute(name, .ints)
    attribute.ints = values.map(Int64.init)
    return attribute
  }

  /// A number.
  static func float(_ name: String, _ value: Double) -> ONNXAttribute {
    var attribute = ONNXAttribute(name, .float)
    attribute.f = Float(value)
    return attribute
  }

  /// A text.
  static func string(_ name: String, _ value: String) -> ONNXAttribute {
    var attribute = ONNXAttribute(name, .string)
    attribute.s = Data(value.utf8)
    return attribute
  }

  /// A list of texts.
  static func strings(_ name: String, _ values: [String]) -> ONNXAttribute {
    var attribute = ONNXAttribute(name, .strings)
    attribute.strings = values.map { Data($0.utf8) }
    return attribute
  }
}
