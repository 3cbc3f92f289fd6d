import Machine

/// Takes the samples of one network in one engine.
///
/// Bare and timed passes take turns in blocks (bare, timed, timed, bare), each after passes that are not
/// kept; an engine whose profile can only be closed once runs all timed ones first.
public final class EngineSession {
  /// When there are enough samples.
  public struct Plan: Hashable, Sendable {
    /// The fewest bare passes.
    public var passes: Int
    /// The least time of measuring, seconds.
    public var seconds: Double
    /// Exactly ``passes``, whatever they take.
    public var isExact: Bool
    /// Warm-up passes; nil until 3 passes and 0.2 s are over.
    public var warmup: Int?

    /// Makes a plan.
    public init(passes: Int, seconds: Double, isExact: Bool = false, warmup: Int? = nil) {
      self.passes = passes
      self.seconds = seconds
      self.isExact = isExact
      self.warmup = warmup
    }
  }

  /// Times of bare passes, ns.
  public private(set) var bare: [Double] = []
  private let worker: EngineWorker
  private let alternates: Bool
  private let plan: Plan
  private let isCancelled: () -> Bool
  private var warmed: Set<PassKind> = []
  private var pass = 0.0

  /// Prepares to measure what a worker has loaded.
  public init(
    _ worker: EngineWorker, loaded: Loaded, plan: Plan, isCancelled: @escaping () -> Bool
  ) {
    self.worker = worker
    alternates = loaded.alternates
    self.plan = plan
    self.isCancelled = isCancelled
    pass = loaded.firstNs * 1e-9
  }

  /// Warm-up passes before the first sample of each kind.
  public var warmupPasses: Int { plan.warmup ?? 3 }

  /// Takes all samples.
  ///
  /// - Parameter isEnough: Asked after every round of blocks: of the bare samples so far, and the
  ///   seconds since the first one.
  /// - Throws: ``EngineError`` of the worker.
  public func measure(
    isEnough: (_ bare: [Double], _ seconds: Double) -> Bool
  ) throws(EngineError) {
    let begin = Clock.now()
    func seconds() -> Double { Double(Clock.now() - begin) * 1e-9 }
    if alternates {
      repeat {
        let rounds = self.rounds
        let part = plan.seconds / Double(4 * rounds)
        let passes = max(1, (plan.passes + 2 * rounds - 1) / (2 * rounds))
        for kind in [PassKind.bare, .timed, .timed, .bare] where !isCancelled() {
          try block(kind, passes: passes, seconds: plan.isExact ? 0 : part)
        }
      } while !isCancelled() && !isEnough(bare, seconds())
    } else {
      try block(.timed, passes: plan.passes, seconds: plan.isExact ? 0 : plan.seconds / 2)
      repeat {
        try block(
          .bare, passes: plan.isExact ? plan.passes : max(1, plan.passes / 6),
          seconds: plan.isExact ? 0 : plan.seconds / 12)
      } while !isCancelled() && !isEnough(bare, seconds())
    }
    if plan.isExact, bare.count > plan.passes { bare.removeLast(bare.count - plan.passes) }
  }

  /// Rounds of four blocks that the time is good for: as many as give six samples where a sample is a
  /// block, fewer of a slow network.
  private var rounds: Int {
    guard plan.isExact || pass > 0 else { return 3 }
    if plan.isExact { return plan.passes >= 6 ? 3 : 1 }
    return max(1, Int(min(3, plan.seconds / (8 * pass))))
  }

  private func block(_ kind: PassKind, passes: Int, seconds: Double) throws(EngineError) {
    let isFirst = warmed.insert(kind).inserted
    let warmup: (passes: Int, seconds: Double) =
      isFirst
      ? (plan.warmup ?? 3, plan.warmup == nil ? 0.2 : 0) : (1, 0.02)
    let samples = try worker.run(
      kind, passes: passes, seconds: seconds, warmup: warmup, expected: pass * Double(passes))
    if kind == .bare { bare += samples }
    if let fastest = samples.min() { pass = fastest * 1e-9 }
  }
}
