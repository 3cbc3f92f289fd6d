/// How the implementations of a network were chosen, added up over its primitives.
public struct TuningSummary: Hashable, Sendable {
  /// Primitives by how they were chosen; those without a choice are left out.
  public let counts: [TuningSource: Int]
  /// The share of the layers' time in those that were guessed, 0 to 1; `nil` without times.
  public let guessedShare: Double?
  /// The layers that round otherwise than the direct algorithm; `nil` where there are none.
  public let winograd: Winograd?

  /// Layers that run Winograd's algorithm.
  public struct Winograd: Hashable, Sendable {
    /// How many.
    public let layers: Int
    /// The largest of their numerical errors.
    public let error: Double
  }

  /// Adds up; `nil` where nothing says how anything was chosen, and no Winograd ran.
  public init?(_ record: RunRecord) {
    let primitives = record.layers.flatMap(\.primitives)
    counts = Dictionary(grouping: primitives.compactMap(\.tuning)) { $0 }.mapValues(\.count)
    let total = primitives.compactMap { $0.time?.median }.reduce(0, +)
    let guessed = primitives.filter { $0.tuning == .guessed }.compactMap { $0.time?.median }
    guessedShare = total > 0 ? guessed.reduce(0, +) / total : nil
    let rounding = record.layers.filter { layer in
      layer.primitives.contains { $0.numericalError != nil }
    }
    let error = rounding.flatMap(\.primitives).compactMap(\.numericalError).max()
    winograd = error.map { Winograd(layers: rounding.count, error: $0) }
    if counts.isEmpty, winograd == nil { return nil }
  }
}

extension RunRecord {
  /// Whether a search could still find implementations that this run did not try.
  public var hasUntriedImplementations: Bool {
    switch options.tuning {
    case "search": false
    case "auto":
      layers.contains { $0.primitives.contains { $0.tuning == .guessed } }
    default: true
    }
  }

  /// The layers of two runs of one network that ran by other implementations, algorithms or memory
  /// formats, by name, with the first primitive that differs.
  static func differentPlans(_ a: RunRecord, _ b: RunRecord) -> [(layer: String, words: String)] {
    zip(a.layers, b.layers).compactMap { before, after in
      guard before.name == after.name, before.primitives.count == after.primitives.count else {
        return (
          before.name, "\(before.primitives.count) against \(after.primitives.count) primitives"
        )
      }
      let pair = zip(before.primitives, after.primitives).first { one, other in
        one.implementation != other.implementation || one.algorithm != other.algorithm
          || one.formats != other.formats
      }
      return pair.map { one, other in
        let isSame = one.implementation == other.implementation
        return (
          before.name,
          isSame
            ? "\(one.implementation) in other formats"
            : "\(one.implementation) against \(other.implementation)"
        )
      }
    }
  }
}
