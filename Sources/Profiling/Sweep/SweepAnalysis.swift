/// What follows from the points of a sweep: a pure function of them.
public struct SweepAnalysis: Codable, Hashable, Sendable {
  /// The best point by the plan's objective; absent without one, or when nothing qualifies.
  public var best: Best?
  /// Indices of the points with which no other is both at least as large (parameters) and faster,
  /// by ascending latency: the most parameters that each latency buys.
  public var pareto: [Int]
  /// How throughput scales along threads and batch, and where growth bends along any axis.
  public var scaling: [Scaling]

  /// The best point, and how sure that is.
  public struct Best: Codable, Hashable, Sendable {
    /// Its index.
    public var index: Int
    /// The objective.
    public var objective: SweepObjective
    /// The objective's value: nanoseconds, inferences a second, or bytes.
    public var value: Double
    /// Share of bootstrap resamples in which it is the best; absent when samples do not decide.
    public var probability: Double?
    /// Points that the tests do not tell from it, best first; empty when it is surely the best.
    public var contenders: [Int]
    /// The next best point and how far it is behind; absent when there is none.
    public var runnerUp: RunnerUp?
    /// Undisturbed processes that every point needs before tests can say which is the best.
    ///
    /// Absent when all have them; else ``index`` is only that of the best median so far.
    public var needs: Int?
  }

  /// The second best point.
  public struct RunnerUp: Codable, Hashable, Sendable {
    /// Its index.
    public var index: Int
    /// Its time over the best's, less one, percent.
    public var percent: Double?
    /// Its 95 % interval (Hodges-Lehmann).
    public var ci95: [Double]?
    /// Mann-Whitney's U test against the best, corrected over all points (Holm).
    public var pAdjusted: Double?
  }

  /// A line of points that differ along one axis only.
  public struct Scaling: Codable, Hashable, Sendable {
    /// The axis.
    public var axis: String
    /// Indices of its points, by ascending value.
    public var points: [Int]
    /// Throughput over that of the first point; for threads and batch.
    public var speedup: [Double]?
    /// Speedup over the ratio of the values: 1 is perfect scaling.
    public var efficiency: [Double]?
    /// The value where the curve bends; absent where it does not.
    public var knee: Double?
  }

  /// Analyses the measured points of a sweep.
  public init(_ sweep: Sweep) {
    let measured = sweep.points.filter { $0.latency != nil && $0.state != .excluded }
    best = SweepChoice(sweep.plan, points: measured)?.best
    // What rests on a single process, or on disturbed ones, is no verdict.
    let sound = measured.filter(\.isSound)
    pareto = SweepAnalysis.front(sound)
    scaling = SweepLines(sweep.plan, points: measured).scaling
  }

  private static func front(_ points: [SweepPoint]) -> [Int] {
    let ordered = points.sorted {
      ($0.latency?.median ?? 0, -($0.totals?.parameters ?? 0), $0.index)
        < ($1.latency?.median ?? 0, -($1.totals?.parameters ?? 0), $1.index)
    }
    var largest = -1
    return ordered.compactMap { point in
      let size = point.totals?.parameters ?? 0
      guard size > largest else { return nil }
      largest = size
      return point.index
    }
  }
}

/// Chooses the best point and says how sure that is.
struct SweepChoice {
  let best: SweepAnalysis.Best

  init?(_ plan: SweepPlan, points: [SweepPoint]) {
    guard let objective = plan.objective else { return nil }
    let feasible = points.filter { point in
      plan.constraints.allSatisfy { $0.holds(for: point, axes: plan.axes) == true }
    }
    let ranked = feasible.compactMap { point in objective.value(point).map { (point, $0) } }
      .sorted {
        let order = objective.prefersLarge ? ($1.1, $0.1) : ($0.1, $1.1)
        return (order.0, $0.0.index) < (order.1, $1.0.index)
      }
    guard let (winner, value) = ranked.first else { return nil }
    var best = SweepAnalysis.Best(
      index: winner.index, objective: objective, value: value, contenders: [])
    let costs = ranked.map { Self.costs($0.0, objective) }
    let others = ranked.dropFirst().map(\.0)
    if costs[0] != nil, !ranked.allSatisfy({ $0.0.isSound }) {
      best.needs = SweepPoint.fewestProcesses
    } else if costs[0] != nil {
      let p = costs.dropFirst().map { cost in
        MannWhitney(costs[0] ?? [], cost ?? [])?.p ?? 1
      }
      let adjusted = Holm.adjust(p)
      best.contenders = zip(others, adjusted).filter { $0.1 >= Difference.significance }
        .map(\.0.index)
      best.probability = Self.probability(costs.map { $0 ?? [] })
      best.runnerUp = others.first.map { other in
        let difference = PercentDifference.hodgesLehmann(
          baseline: costs[0] ?? [], candidate: costs[1] ?? [])
        return SweepAnalysis.RunnerUp(
          index: other.index, percent: difference?.percent,
          ci95: difference?.interval.map { [$0.lowerBound, $0.upperBound] },
          pAdjusted: adjusted.first)
      }
    } else {
      best.runnerUp = others.first.map { SweepAnalysis.RunnerUp(index: $0.index) }
    }
    self.best = best
  }

  private static func costs(_ point: SweepPoint, _ objective: SweepObjective) -> [Double]? {
    let costs = (point.latency?.samples ?? []).compactMap {
      objective.cost(ofSample: $0, batch: point.batch ?? 1)
    }
    return costs.isEmpty ? nil : costs
  }

  /// Share of resamples of all points in which the first one's median is the smallest.
  ///
  /// Fewer than 2 samples say nothing of their spread.
  private static func probability(_ costs: [[Double]]) -> Double? {
    guard costs.allSatisfy({ $0.count >= 2 }) else { return nil }
    let medians = costs.enumerated().map { place, cost in
      MedianBootstrap(count: cost.count, seed: UInt64(place) &* 0x9e37_79b9 &+ 1)
        .medians(ofSorted: cost.sorted())
    }
    let rounds = medians[0].indices
    let wins = rounds.count { round in
      medians.dropFirst().allSatisfy { $0[round] >= medians[0][round] }
    }
    return Double(wins) / Double(rounds.count)
  }
}
