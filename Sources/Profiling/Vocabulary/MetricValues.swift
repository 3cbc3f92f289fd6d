/// The derived numbers of a layer or a segment.
///
/// In JSON one object: the roofline's evidence stands in it under names that begin with `roofline_`.
public struct MetricValues: Hashable, Sendable {
  private var numbers: NamedNumbers<MetricName>
  /// The evidence of the roofline rule, where top-down gave the bound; else empty.
  public var roofline: Evidence

  private static let prefix = "roofline_"

  /// Takes numbers by their names in JSON.
  public init(byName: [String: Double] = [:]) {
    numbers = NamedNumbers()
    roofline = Evidence()
    for (name, value) in byName {
      if name.hasPrefix(Self.prefix) {
        roofline.byName[String(name.dropFirst(Self.prefix.count))] = value
      } else {
        numbers.byName[name] = value
      }
    }
  }

  /// A number; nil where it is absent.
  public subscript(name: MetricName) -> Double? {
    get { numbers[name] }
    set { numbers[name] = newValue }
  }

  /// All but the roofline's evidence, by their names in JSON.
  var others: [String: Double] { numbers.byName }

  /// All of them by their names in JSON.
  public var byName: [String: Double] {
    roofline.byName.reduce(into: numbers.byName) { $0[Self.prefix + $1.key] = $1.value }
  }
}

extension MetricValues: ExpressibleByDictionaryLiteral {
  /// Makes numbers of which each has a name of its own.
  public init(dictionaryLiteral elements: (MetricName, Double)...) {
    self.init(byName: Dictionary(elements.map { ($0.0.name, $0.1) }) { _, last in last })
  }
}

extension MetricValues: Codable {
  /// Reads an object of numbers.
  public init(from decoder: any Decoder) throws {
    self.init(byName: try decoder.singleValueContainer().decode([String: Double].self))
  }

  /// Writes an object of numbers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(byName)
  }
}
