/// A number computed from events: what a vendor's formula is in the catalogue.
///
/// String literals are events, number literals constants: `"a" / (6 * "cycles")`.
public indirect enum Formula: Hashable, Sendable {
  /// A number.
  case constant(Double)
  /// An event by its record name.
  case event(String)
  /// The sum of two.
  case sum(Formula, Formula)
  /// The first less the second.
  case difference(Formula, Formula)
  /// The product of two.
  case product(Formula, Formula)
  /// The first over the second.
  case quotient(Formula, Formula)
  /// The larger of two.
  case maximum(Formula, Formula)

  /// Its value; nil when an event is missing or a divisor is 0.
  ///
  /// - Parameter events: Events by record name.
  /// - Returns: A finite number.
  public func value(_ events: [String: Double]) -> Double? {
    func both(_ a: Formula, _ b: Formula, _ apply: (Double, Double) -> Double) -> Double? {
      guard let left = a.value(events), let right = b.value(events) else { return nil }
      let result = apply(left, right)
      return result.isFinite ? result : nil
    }
    switch self {
    case .constant(let number): return number
    case .event(let name): return events[name]
    case .sum(let a, let b): return both(a, b, +)
    case .difference(let a, let b): return both(a, b, -)
    case .product(let a, let b): return both(a, b, *)
    case .quotient(let a, let b): return both(a, b, /)
    case .maximum(let a, let b): return both(a, b, Swift.max)
    }
  }

  /// The events it needs, each once, in the order of first mention.
  public var events: [String] {
    switch self {
    case .constant: return []
    case .event(let name): return [name]
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b),
      .quotient(let a, let b), .maximum(let a, let b):
      let left = a.events
      return left + b.events.filter { !left.contains($0) }
    }
  }

  /// The sum of two formulas.
  public static func + (a: Formula, b: Formula) -> Formula { .sum(a, b) }
  /// The first less the second.
  public static func - (a: Formula, b: Formula) -> Formula { .difference(a, b) }
  /// The product of two formulas.
  public static func * (a: Formula, b: Formula) -> Formula { .product(a, b) }
  /// The first over the second.
  public static func / (a: Formula, b: Formula) -> Formula { .quotient(a, b) }
  /// The formula, or 0 where it is negative.
  public var orZero: Formula { .maximum(.constant(0), self) }
}

extension Formula: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, CustomStringConvertible
{
  /// An event.
  public init(stringLiteral name: String) { self = .event(name) }
  /// A constant.
  public init(integerLiteral number: Int) { self = .constant(Double(number)) }
  /// A constant.
  public init(floatLiteral number: Double) { self = .constant(number) }

  /// The formula as one would write it.
  public var description: String {
    switch self {
    case .constant(let number):
      number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .event(let name): name
    case .sum(let a, let b): "(\(a) + \(b))"
    case .difference(let a, let b): "(\(a) - \(b))"
    case .product(let a, let b): "(\(a) * \(b))"
    case .quotient(let a, let b): "(\(a) / \(b))"
    case .maximum(let a, let b): "max(\(a), \(b))"
    }
  }
}
