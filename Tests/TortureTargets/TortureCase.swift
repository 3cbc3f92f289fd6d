public import Execution
import Measuring

/// A network and what it is run with.
public struct TortureCase: Codable, Hashable, Sendable {
  /// How it is planned.
  public struct Setting: Codable, Hashable, Sendable, CustomStringConvertible {
    /// OpenMP threads.
    public var threads = 1
    /// Whether operations are fused.
    public var fusion = true
    /// The name of a tuning.
    public var tuning = "fast"
    /// The name of a precision.
    public var precision = "f32"
    /// Whether algorithms that round otherwise are left alone.
    public var isExact = false
    /// How LSTMs are run: a place in ``Execution/PlanOptions/Recurrence/allCases``.
    public var recurrence = 0
    /// Whether every value can be read afterwards.
    public var keepsAll = false

    /// The options that say so.
    public var options: PlanOptions {
      PlanOptions(
        threads: threads, fusion: fusion, precision: Precision(rawValue: precision) ?? .f32,
        tuning: PlanOptions.Tuning(rawValue: tuning) ?? .fast, keepAllValues: keepsAll,
        recurrence: PlanOptions.Recurrence.allCases[recurrence], budget: 0.1, isExact: isExact)
    }

    /// As options of the command where it has them.
    public var description: String {
      var words = ["--threads \(threads) --tuning \(tuning) --precision \(precision)"]
      if !fusion { words.append("--no-fusion") }
      if isExact { words.append("--exact") }
      if recurrence > 0 { words.append("LSTM \(PlanOptions.Recurrence.allCases[recurrence])") }
      if keepsAll { words.append("all values kept") }
      return words.joined(separator: " ")
    }
  }

  /// The network.
  public var network: DrawnNetwork
  /// What `--batch` makes of it.
  public var batch: Int?
  /// The ways in which it is planned and run.
  public var settings: [Setting]
  /// Whether an engine runs its export.
  public var asksEngine: Bool

  /// The case of a number among those of a seed.
  ///
  /// - Parameters:
  ///   - number: Which one.
  ///   - seed: Of all of them.
  ///   - elements: What networks are made of; nil for everything.
  /// - Returns: The case.
  public static func drawn(_ number: UInt64, seed: UInt64, elements: [String]? = nil) -> TortureCase
  {
    let mixed = seed &* 0xD6E8_FEB8_6659_FD93 &+ number
    var dice = Dice(seed: ~mixed)
    let network =
      elements.map { NetworkGenerator.network(seed: mixed, elements: $0) }
      ?? NetworkGenerator.network(seed: mixed)
    var settings = [Setting(threads: 1 + dice.below(2))]
    for _ in 0..<dice.within(2...3) {
      settings.append(
        Setting(
          threads: 1 + dice.below(2), fusion: !dice.oneIn(2),
          tuning: dice.pick(PlanOptions.Tuning.allCases).rawValue,
          precision: dice.pick(["f32", "f32", "f32", "bf16", "int8"]), isExact: dice.oneIn(3),
          recurrence: dice.oneIn(2) ? 0 : dice.below(PlanOptions.Recurrence.allCases.count),
          keepsAll: dice.oneIn(5)))
    }
    return TortureCase(
      network: network, batch: dice.oneIn(4) ? dice.within(1...4) : nil, settings: settings,
      asksEngine: true)
  }
}

/// What was found to be wrong with a case.
public struct TortureFailure: Codable, Hashable, Sendable {
  /// What kind of fault it is.
  public enum Kind: String, Codable, Hashable, Sendable {
    /// Written as XML and read again it is another network, or none.
    case text
    /// A valid network was refused.
    case refused
    /// Numbers other than those of naive loops.
    case wrong
    /// Steps of a plan that contradict each other.
    case inconsistent
    /// An engine refuses what was exported.
    case engineRefused = "engine-refused"
    /// An engine makes other numbers of what was exported.
    case engineDiffers = "engine-differs"
    /// The process did not survive.
    case crash
    /// It took too long.
    case hang
  }

  /// What kind of fault it is.
  public var kind: Kind
  /// What was seen.
  public var message: String

  /// Describes a failure.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// How one case went, as a child process tells its parent.
public struct TortureOutcome: Codable, Sendable {
  /// Its number.
  public var number: UInt64 = 0
  /// The elements of its network; of inlays `inlay:KIND`.
  public var elements: [String] = []
  /// How many plans were run.
  public var plans = 0
  /// Whether an engine ran it, too.
  public var engines = 0
  /// Why the engine was not asked.
  public var notExported: String?
  /// What is wrong.
  public var failure: TortureFailure?
  /// The case with nothing but the run that failed.
  public var failing: TortureCase?

  /// Nothing yet.
  public init() {}
}
