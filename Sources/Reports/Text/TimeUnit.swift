/// The unit that a column of times is printed in, chosen once by its largest value.
enum TimeUnit: String, Sendable {
  case nanoseconds = "ns"
  case microseconds = "µs"
  case milliseconds = "ms"
  case seconds = "s"

  /// The unit in which the largest of some times, in nanoseconds, has up to four digits before the
  /// point.
  init(largest nanoseconds: Double) {
    switch nanoseconds {
    case ..<1e3: self = .nanoseconds
    case ..<1e6: self = .microseconds
    case ..<1e10: self = .milliseconds
    default: self = .seconds
    }
  }

  /// Nanoseconds of one of it.
  var scale: Double {
    switch self {
    case .nanoseconds: 1
    case .microseconds: 1e3
    case .milliseconds: 1e6
    case .seconds: 1e9
    }
  }

  private var decimals: Int {
    switch self {
    case .nanoseconds: 0
    case .microseconds: 2
    case .milliseconds, .seconds: 3
    }
  }

  /// The number without the unit.
  func number(_ nanoseconds: Double) -> String { Figures.fixed(nanoseconds / scale, decimals) }

  /// The number with a given count of decimals.
  func number(_ nanoseconds: Double, decimals: Int) -> String {
    Figures.fixed(nanoseconds / scale, decimals)
  }

  /// Decimals that tell two times apart that differ by `step` nanoseconds.
  func decimals(telling step: Double) -> Int {
    var left = step / scale
    var decimals = 0
    while left < 1, decimals < 6 {
      left *= 10
      decimals += 1
    }
    return decimals
  }

  /// A single time in the unit that suits it, three significant digits: `48.1 ms`.
  static func text(_ nanoseconds: Double) -> String {
    let unit = TimeUnit(largest: nanoseconds.magnitude)
    let whole = unit == .nanoseconds && nanoseconds.magnitude >= 10
    let number = whole ? Figures.fixed(nanoseconds, 0) : Figures.short(nanoseconds / unit.scale)
    return "\(number) \(unit.rawValue)"
  }

  /// A single time with two decimals, for the one figure a reader takes away: `48.13 ms`.
  static func precise(_ nanoseconds: Double) -> String {
    let unit = TimeUnit(largest: nanoseconds.magnitude)
    let decimals = unit == .nanoseconds ? 0 : 2
    return "\(Figures.fixed(nanoseconds / unit.scale, decimals)) \(unit.rawValue)"
  }

  /// A few times that belong together, in the unit of the largest: `49.8 … 50.4 ms`.
  static func range(_ low: Double, _ high: Double) -> String {
    let unit = TimeUnit(largest: high.magnitude)
    // As many digits as tell the two apart.
    let decimals = unit == .nanoseconds ? 0 : (high - low) / unit.scale < 0.1 ? 3 : 2
    let texts = [low, high].map { Figures.fixed($0 / unit.scale, decimals) }
    return "\(texts[0]) … \(texts[1]) \(unit.rawValue)"
  }
}
