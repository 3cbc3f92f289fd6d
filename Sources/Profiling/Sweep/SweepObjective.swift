/// What makes a point of a sweep the best.
public enum SweepObjective: String, Codable, Hashable, Sendable, CaseIterable {
  /// The shortest time of a pass.
  case latency
  /// The most inferences a second.
  case throughput
  /// The smallest peak memory.
  case memory

  /// What is to be as small as possible, of a sample of a point's time.
  ///
  /// Latency itself, the time an inference, or nil where samples do not matter.
  func cost(ofSample sample: Double, batch: Int) -> Double? {
    switch self {
    case .latency: sample
    case .throughput: sample / Double(batch)
    case .memory: nil
    }
  }

  /// The objective's value at a point; nil when it was not measured.
  public func value(_ point: SweepPoint) -> Double? {
    switch self {
    case .latency: point.latency?.median
    case .throughput: point.throughputPerSecond
    case .memory: point.peakMemoryBytes.map(Double.init)
    }
  }

  /// Whether a larger value is better.
  public var prefersLarge: Bool { self == .throughput }
}

/// A condition a point must satisfy, like `parameters<=10M` or `latency<5ms`.
public struct SweepConstraint: Hashable, Sendable {
  /// How a value is compared.
  public enum Relation: String, Hashable, Sendable, CaseIterable {
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
    case equal = "="
  }

  /// What is compared: a number of a point, or an axis.
  public let subject: String
  /// How.
  public let relation: Relation
  /// With what; times in nanoseconds, sizes in bytes.
  public let limit: Double
  /// The unit as written; empty for a plain number.
  let unit: String
  /// The text as written.
  public let text: String

  /// What can be compared besides the axes.
  public static let subjects = [
    "parameters", "macs", "flops", "bytes", "latency", "throughput", "memory",
  ]

  /// Reads a constraint; nil when it is none.
  ///
  /// Numbers may have a unit: `k`, `M`, `G`, `T`; `ns`, `us`, `µs`, `ms`, `s`; `B`, `kB`, `MB`, `GB`,
  /// `KiB`, `MiB`, `GiB`.
  public init?(_ text: String) {
    let found = Relation.allCases.compactMap { relation in
      text.firstRange(of: relation.rawValue).map { (relation, $0) }
    }
    // `<=` before `<` where both begin at the same place.
    let first = found.min {
      ($0.1.lowerBound, -$0.0.rawValue.count) < ($1.1.lowerBound, -$1.0.rawValue.count)
    }
    guard let (relation, range) = first else { return nil }
    let name = String(text[..<range.lowerBound].filter { !$0.isWhitespace })
    guard !name.isEmpty, let number = Self.number(text[range.upperBound...])
    else { return nil }
    subject = name
    self.relation = relation
    limit = number.value
    unit = number.unit
    self.text = text
  }

  private static let counts: [String: Double] = [
    "": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
  ]
  private static let times: [String: Double] = [
    "ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9,
  ]
  private static let sizes: [String: Double] = [
    "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024, "MiB": 1_048_576,
    "GiB": 1_073_741_824,
  ]

  /// Why the number's unit is not one of what is compared; nil when all is well.
  ///
  /// A plain number is no time and no size: `latency<5` would mean nanoseconds. Reading a saved sweep
  /// does not ask, since it was asked when the sweep began.
  public func fault(axes: [String]) -> String? {
    let isAxis = axes.contains(subject)
    func wants(_ what: String, _ units: [String: Double], _ example: String) -> String? {
      units[unit] == nil
        ? "a \(what) needs a unit, like \(subject)\(relation.rawValue)\(example)" : nil
    }
    switch subject {
    case "latency" where !isAxis: return wants("time", Self.times, "5ms")
    case "memory" where !isAxis, "bytes" where !isAxis:
      return wants("size", Self.sizes, "500MB")
    default:
      return Self.counts[unit] == nil
        ? "'\(subject)' is a number, which has no unit '\(unit)'" : nil
    }
  }

  private static func number(_ text: Substring) -> (value: Double, unit: String)? {
    let plain = text.filter { !$0.isWhitespace }
    let digits = plain.prefix { $0.isNumber || $0 == "." }
    let unit = String(plain.dropFirst(digits.count))
    guard let value = Double(digits), value.isFinite,
      let scale = counts[unit] ?? times[unit] ?? sizes[unit]
    else { return nil }
    return (value * scale, unit)
  }

  /// Whether a point satisfies it; nil while what it asks of is not known.
  public func holds(for point: SweepPoint, axes: [SweepAxis]) -> Bool? {
    guard let value = value(of: point, axes: axes) else { return nil }
    switch relation {
    case .atMost: return value <= limit
    case .atLeast: return value >= limit
    case .below: return value < limit
    case .above: return value > limit
    case .equal: return value == limit
    }
  }

  private func value(of point: SweepPoint, axes: [SweepAxis]) -> Double? {
    if let place = axes.firstIndex(where: { $0.name == subject }),
      point.settings.indices.contains(place)
    {
      return Double(point.settings[place])
    }
    switch subject {
    case "parameters": return point.totals.map { Double($0.parameters) }
    case "macs": return point.totals.map { Double($0.macs) }
    case "flops": return point.totals.map { Double($0.flops) }
    case "bytes": return point.totals.map { Double($0.bytes) }
    case "latency": return point.latency?.median
    case "throughput": return point.throughputPerSecond
    case "memory": return point.peakMemoryBytes.map(Double.init)
    default: return nil
    }
  }
}

extension SweepConstraint: Codable {
  /// Reads the text form.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let constraint = SweepConstraint(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "no constraint: \(text)")
    }
    self = constraint
  }

  /// Writes the text as it was written.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
