public import Profiling

// Tests write what stands in JSON.

extension Dims: ExpressibleByStringInterpolation {
  /// Dims of a text like `1x3x224x224`.
  public init(stringLiteral text: String) {
    self.init(text.split(separator: "x").map { Int($0) ?? 0 })
  }
}

extension EvidenceName: ExpressibleByStringInterpolation {
  /// The name in JSON.
  public init(stringLiteral name: String) { self.init(name) }
}

extension MetricName: ExpressibleByStringInterpolation {
  /// The name in JSON.
  public init(stringLiteral name: String) { self.init(name) }
}

extension CounterSourceName: ExpressibleByStringLiteral {
  /// The name in JSON.
  public init(stringLiteral name: String) { self.init(rawValue: name) }
}

extension PrecisionName: ExpressibleByStringLiteral {
  /// The name in JSON.
  public init(stringLiteral name: String) { self.init(rawValue: name) }
}
