/// What became of a core's slots, as fractions of all slots.
public struct TopDownFractions: Hashable, Sendable {
  /// No instructions arrived.
  public var frontend: Double
  /// Work that was thrown away.
  public var badSpeculation: Double
  /// Work that retired.
  public var retiring: Double
  /// Nothing could take the operation up.
  public var backend: Double
  /// The part of the backend's that waited for memory; nil without the events of level 2.
  public var memory: Double?
  /// The part that waited for anything else in the core.
  public var core: Double?

  /// Gathers the fractions.
  public init(
    frontend: Double, badSpeculation: Double, retiring: Double, backend: Double,
    memory: Double? = nil, core: Double? = nil
  ) {
    self.frontend = frontend
    self.badSpeculation = badSpeculation
    self.retiring = retiring
    self.backend = backend
    self.memory = memory
    self.core = core
  }

  /// All of them by name.
  public var byName: [String: Double] {
    var values = [
      "frontend": frontend, "bad_speculation": badSpeculation, "retiring": retiring,
      "backend": backend,
    ]
    values["memory"] = memory
    values["core"] = core
    return values
  }

  /// The sum of level 1: 1, less what went to the core's other hardware thread.
  public var sum: Double { frontend + badSpeculation + retiring + backend }
}

/// Top-down analysis of levels 1 and 2: what holds a layer back, by the core's own accounting.
///
/// The method is Yasin's (ISPASS 2014); formulas and thresholds are the catalogue's
/// (``TopDownModel``). Of the findings above their thresholds the largest names the class:
/// * frontend: `frontend`; bad speculation: `bad-speculation`;
/// * backend: `memory` or `core`, whichever is the larger by the dominance of the thresholds and
///   above its own; `balanced` when neither is;
/// * no finding: `core` when retiring is above its threshold, for then the core's width is the
///   limit; else `balanced`.
///
/// What cannot be is not judged: see ``bound(events:model:drift:)``.
public enum TopDown {
  /// Drift of cycles or instructions between groups above which the passes did different work.
  public static let suspectDrift = 0.05
  /// Drift above which their events cannot be related at all.
  public static let uselessDrift = 0.25
  /// How negative a fraction may be: counters are read one after the other, a few cycles apart.
  static let tolerance = 0.02
  /// Beyond it, an event does not mean here what the formula takes it to mean.
  static let impossible = 0.10

  /// The fractions as the formulas give them, inconsistent ones too.
  ///
  /// - Parameters:
  ///   - events: Events of a layer by record name.
  ///   - model: The CPU's formulas.
  /// - Returns: Nil when an event of level 1 is missing or the slots are 0.
  public static func fractions(
    of events: [String: Double], by model: TopDownModel
  ) -> TopDownFractions? {
    guard let frontend = model.frontend.value(events),
      let badSpeculation = model.badSpeculation.value(events),
      let retiring = model.retiring.value(events), let backend = model.backend.value(events)
    else { return nil }
    let memory = model.memory.value(events)
    let core = model.core.value(events)
    let both = memory != nil && core != nil
    return TopDownFractions(
      frontend: frontend, badSpeculation: badSpeculation, retiring: retiring, backend: backend,
      memory: both ? memory : nil, core: both ? core : nil)
  }

  /// Judges a layer; nil when the events do not allow it, and the roofline rule has to.
  ///
  /// That is: an event of level 1 missing; a fraction below −10 % or above 110 %; level 1 adding up
  /// to less than a half or more than 1.5; a drift above 25 %; or a backend-bound layer without
  /// level 2, which cannot tell memory from core. Between −2 % and −10 %, with a sum that is off by
  /// more than 10 %, or with a drift above 5 %, the confidence is low. Evidence: the fractions,
  /// negative ones as 0, and `counter_drift`.
  ///
  /// - Parameters:
  ///   - events: Events of a layer by record name.
  ///   - model: The CPU's formulas.
  ///   - drift: Drift of cycles or instructions between the groups; nil when there was one group.
  /// - Returns: The verdict.
  public static func bound(
    events: [String: Double], model: TopDownModel, drift: Double? = nil
  ) -> Bound? {
    guard let raw = fractions(of: events, by: model) else { return nil }
    let values = raw.byName.values
    guard values.allSatisfy({ $0 >= -impossible && $0 <= 1 + impossible }),
      (0.5...1.5).contains(raw.sum), (drift ?? 0) <= uselessDrift
    else { return nil }
    let clean = clamped(raw)
    guard let found = classify(clean, model.thresholds) else { return nil }
    let doubtful =
      values.contains { $0 < -tolerance } || abs(raw.sum - 1) > 0.1
      || (drift ?? 0) > suspectDrift
    var evidence = Evidence(byName: clean.byName)
    evidence[.counterDrift] = drift
    return Bound(
      class: found, method: .topDown, confidence: doubtful ? "low" : "high", evidence: evidence)
  }

  private static func clamped(_ raw: TopDownFractions) -> TopDownFractions {
    TopDownFractions(
      frontend: max(0, raw.frontend), badSpeculation: max(0, raw.badSpeculation),
      retiring: max(0, raw.retiring), backend: max(0, raw.backend),
      memory: raw.memory.map { max(0, $0) }, core: raw.core.map { max(0, $0) })
  }

  private static func classify(
    _ part: TopDownFractions, _ limits: TopDownModel.Thresholds
  ) -> Bound.Class? {
    let backendBound = part.backend > limits.backend
    let findings: [(fraction: Double, name: Bound.Class?)] = [
      (part.frontend > limits.frontend ? part.frontend : 0, .frontend),
      (part.badSpeculation > limits.badSpeculation ? part.badSpeculation : 0, .badSpeculation),
      (backendBound ? part.backend : 0, backendClass(part, limits)),
    ]
    // Equal fractions: the first, so that the same events always give the same class.
    let largest = findings.reduce(findings[0]) { $1.fraction > $0.fraction ? $1 : $0 }
    if largest.fraction > 0 { return largest.name }
    return part.retiring > limits.retiring ? .core : .balanced
  }

  /// Memory, core or balanced; nil without level 2.
  private static func backendClass(
    _ part: TopDownFractions, _ limits: TopDownModel.Thresholds
  ) -> Bound.Class? {
    guard let memory = part.memory, let core = part.core else { return nil }
    if memory > limits.memory, memory >= limits.dominance * core { return .memory }
    if core > limits.core, core >= limits.dominance * memory { return .core }
    return .balanced
  }
}
