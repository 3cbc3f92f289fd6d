/// How a CPU's events become top-down fractions, by its vendor's formulas.
///
/// Top-down accounting asks of every slot in which the core could have taken up an operation what
/// became of it: level 1 has four answers, level 2 here the two halves of the last one.
public struct TopDownModel: Hashable, Sendable {
  /// Slots that stayed empty because no instructions arrived, of all slots.
  public let frontend: Formula
  /// Slots spent on work that was thrown away.
  public let badSpeculation: Formula
  /// Slots whose operations retired.
  public let retiring: Formula
  /// Slots that stayed empty because nothing could take the operation up.
  public let backend: Formula
  /// The part of the backend's slots that waited for memory.
  public let memory: Formula
  /// The part that waited for anything else in the core.
  public let core: Formula
  /// From where a fraction is a finding.
  public let thresholds: Thresholds
  /// Where the formulas come from.
  public let source: String

  /// From where on a fraction is a finding, and what is told apart.
  public struct Thresholds: Hashable, Sendable {
    /// Frontend-bound from here on.
    public let frontend: Double
    /// Bad speculation from here on.
    public let badSpeculation: Double
    /// Backend-bound from here on.
    public let backend: Double
    /// Memory-bound from here on, if backend-bound too.
    public let memory: Double
    /// Core-bound from here on, if backend-bound too.
    public let core: Double
    /// From here on the core is used as well as its width allows.
    public let retiring: Double
    /// By how much memory and core must differ for the larger to be called the limit.
    public let dominance: Double

    /// Intel's thresholds, which AMD's CPUs share, for AMD publishes none.
    ///
    /// From perfmon, `threshold` of each metric in `skylakex_metrics.json`; the same in the files of
    /// Ice Lake and Sapphire Rapids. The dominance is ours: neighbours within a quarter of each
    /// other flip between runs.
    public static let intel = Thresholds(
      frontend: 0.15, badSpeculation: 0.15, backend: 0.20, memory: 0.20, core: 0.10,
      retiring: 0.70, dominance: 1.25)
  }

  /// The events of level 1, each once.
  public var level1Events: [String] {
    Self.events(of: [frontend, badSpeculation, retiring, backend])
  }

  /// The events that level 2 needs beside those of level 1.
  public var level2Events: [String] {
    let first = level1Events
    return Self.events(of: [memory, core]).filter { !first.contains($0) }
  }

  private static func events(of formulas: [Formula]) -> [String] {
    var seen: Set<String> = []
    return formulas.flatMap(\.events).filter { seen.insert($0).inserted }
  }
}
