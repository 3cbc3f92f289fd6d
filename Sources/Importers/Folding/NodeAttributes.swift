extension OperatorNode {
  /// An integer attribute.
  func int(_ name: String, default fallback: Int) -> Int { int(name) ?? fallback }

  /// An integer attribute; `nil` where there is none.
  func int(_ name: String) -> Int? {
    if case .int(let value)? = attributes[name] { return value }
    return nil
  }

  /// A list of integers; `nil` where there is none.
  func ints(_ name: String) -> [Int]? {
    switch attributes[name] {
    case .ints(let values)?: values
    case .int(let value)?: [value]
    default: nil
    }
  }

  /// A number.
  func float(_ name: String, default fallback: Double) -> Double { float(name) ?? fallback }

  /// A number; `nil` where there is none.
  func float(_ name: String) -> Double? {
    switch attributes[name] {
    case .float(let value)?: Double(value)
    case .int(let value)?: Double(value)
    default: nil
    }
  }

  /// A list of numbers; `nil` where there is none.
  func floats(_ name: String) -> [Double]? {
    if case .floats(let values)? = attributes[name] { return values.map(Double.init) }
    return nil
  }

  /// A text; `nil` where there is none.
  func string(_ name: String) -> String? {
    if case .string(let value)? = attributes[name] { return value }
    return nil
  }

  /// A list of texts; `nil` where there is none.
  func strings(_ name: String) -> [String]? {
    if case .strings(let values)? = attributes[name] { return values }
    return nil
  }
}
