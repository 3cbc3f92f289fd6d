/// The derived numbers of a layer or a segment.
///
/// In JSON one object: the roofline's evidence stands in it under names that begin with `roofline_`.
public struct MetricValues: NumbersByName {
  /// Names of numbers.
  public typealias Key = MetricName

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
