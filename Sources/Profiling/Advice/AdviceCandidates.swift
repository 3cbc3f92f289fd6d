/// A change to a run that may make it faster.
public struct AdviceCandidate: Hashable, Sendable {
  /// What sort of change it is.
  public var kind: AdviceRow.Kind
  /// Options of the command that it replaces or adds, with their values; `nil` takes a flag away.
  public var settings: [String: String?]
  /// What of the baseline's record speaks for it.
  public var reason: String?

  /// Names a change.
  public init(_ kind: AdviceRow.Kind, _ settings: [String: String?], reason: String? = nil) {
    self.kind = kind
    self.settings = settings
    self.reason = reason
  }
}

/// What may be changed on a machine.
public struct AdviceOptions: Hashable, Sendable {
  /// What is to become better.
  public var objective: Advice.Objective
  /// The precisions that the library runs here.
  public var precisions: [String]
  /// The cores that threads can have.
  public var cores: Int

  /// Describes a machine.
  public init(objective: Advice.Objective, precisions: [String], cores: Int) {
    self.objective = objective
    self.precisions = precisions
    self.cores = cores
  }
}

/// The changes worth a race: a fixed list, with what the record of the baseline says for each.
public enum AdviceCandidates {
  /// Numbers from which a param may be a width.
  static let narrowest = 16
  /// Widths are tried at multiples of that: the f32 numbers of the widest vectors.
  static let vector = 16
  /// Params beyond that many are left out, the smaller ones first.
  static let mostParams = 4

  /// All candidates for a baseline, those that its record speaks for first.
  public static func all(for record: RunRecord, _ options: AdviceOptions) -> [AdviceCandidate] {
    let list =
      tuning(record) + precision(record, options) + threads(record, options) + pinning(record)
      + batch(record, options) + fusion(record) + widths(record)
    return list.filter { $0.reason != nil } + list.filter { $0.reason == nil }
  }

  /// Predicted differences within that many percent say nothing.
  static let telling = 3.0

  /// The order in which candidates run: first those that are predicted to gain, by how much, then those of which
  /// nothing is predicted, as they stand, and last those predicted to lose.
  ///
  /// - Parameter predicted: Percent of each; negative is faster.
  /// - Returns: Their places in `predicted`.
  public static func order(predicted: [Double?]) -> [Int] {
    func rank(_ place: Int) -> (Int, Double) {
      guard let percent = predicted[place], percent.magnitude > telling else { return (1, 0) }
      return (percent < 0 ? 0 : 2, percent)
    }
    return predicted.indices.sorted { left, right in
      let (first, second) = (rank(left), rank(right))
      return first == second ? left < right : first < second
    }
  }

  private static func tuning(_ record: RunRecord) -> [AdviceCandidate] {
    let guessed = TuningSummary(record)?.guessedShare ?? 0
    let reason =
      record.options.tuning == "auto" && guessed > 0.1
      ? "implementations that were guessed take \(percent(guessed))" : nil
    return ["search", "fast", "auto"].filter { $0 != record.options.tuning }.map {
      AdviceCandidate(.tuning, ["tuning": $0], reason: $0 == "search" ? reason : nil)
    }
  }

  private static func precision(
    _ record: RunRecord, _ options: AdviceOptions
  ) -> [AdviceCandidate] {
    let bound = share(of: record) { [.memory, .core, .balanced].contains($0.bound?.class) }
    let reason = bound > 0.5 ? "layers at the memory or the core take \(percent(bound))" : nil
    return options.precisions.filter { $0 != record.options.precision.rawValue }.map {
      AdviceCandidate(.precision, ["precision": $0], reason: $0 == "f32" ? nil : reason)
    }
  }

  private static func threads(_ record: RunRecord, _ options: AdviceOptions) -> [AdviceCandidate] {
    guard let team = record.options.teamSize else { return [] }
    let waiting = share(of: record) {
      $0.bound?.class == .latency
        || ($0.hindrances ?? []).contains { [.imbalance, .launch].contains($0.code) }
    }
    let fewer =
      waiting > 0.25
      ? "layers that start or wait more than they work take \(percent(waiting))" : nil
    let more = team < options.cores ? "\(options.cores - team) cores are idle" : nil
    return [1, options.cores / 2, options.cores].reduce(into: [Int]()) { list, count in
      if count >= 1, count != team, !list.contains(count) { list.append(count) }
    }.map {
      AdviceCandidate(.threads, ["threads": "\($0)"], reason: $0 < team ? fewer : more)
    }
  }

  private static func pinning(_ record: RunRecord) -> [AdviceCandidate] {
    let isPinned = record.options.pinning?.by == .ntprof
    return [AdviceCandidate(.pinning, ["pin": isPinned ? "off" : "on"])]
  }

  private static func batch(_ record: RunRecord, _ options: AdviceOptions) -> [AdviceCandidate] {
    guard options.objective == .throughput else { return [] }
    let weights = share(of: record) { $0.bytes.weights * 2 > $0.bytes.total }
    let reason = weights > 0.25 ? "layers that read weights most take \(percent(weights))" : nil
    return [2, 4, 8].map {
      AdviceCandidate(.batch, ["batch": "\($0 * record.options.batch)"], reason: reason)
    }
  }

  private static func fusion(_ record: RunRecord) -> [AdviceCandidate] {
    record.options.fusion
      ? []
      : [
        AdviceCandidate(
          .fusion, ["no-fusion": nil], reason: "every element-wise operation is a pass of its own")
      ]
  }

  /// The next multiples of a vector up and down of each param that may be a width.
  private static func widths(_ record: RunRecord) -> [AdviceCandidate] {
    record.topology.parameters.filter { $0.value >= narrowest }
      .sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(mostParams)
      .flatMap { name, value -> [AdviceCandidate] in
        let down = (value - 1) / vector * vector
        let up = (value / vector + 1) * vector
        let reason =
          value % vector == 0 ? nil : "\(name) \(value) does not fill vectors of \(vector)"
        return [up, down].filter { $0 >= vector }.map {
          AdviceCandidate(.param, ["set \(name)": "\($0)"], reason: reason)
        }
      }
  }

  private static func share(of record: RunRecord, _ isMeant: (LayerRecord) -> Bool) -> Double {
    record.layers.filter(isMeant).compactMap(\.share).reduce(0, +)
  }

  private static func percent(_ share: Double) -> String {
    "\(Int((share * 100).rounded())) % of the time"
  }
}
