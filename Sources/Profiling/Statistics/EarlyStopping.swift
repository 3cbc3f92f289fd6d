internal import RealModule

/// MLPerf's early-stopping estimate of a tail latency: a bound that holds with 99 % confidence.
///
/// MLPerf Inference Rules, appendix "Early Stopping Criterion" (and LoadGen's `early_stopping.cc`):
/// of `n` queries let `t` be over the latency. If at least a fraction `p` of all queries were within
/// it only with bad luck, so few would be over: the claim holds when
/// `P(binomial(n, 1 − p) ≤ t) ≤ 1 − c` with confidence `c` = 0.99 and tolerance 0. The estimate of
/// the percentile is the smallest latency for which it does: the `t`-th largest, with the largest
/// such `t`. At least one query over must be allowed, so p90 needs 64 queries and p99 662.
public struct EarlyStopping: Hashable, Sendable {
  /// The confidence of the claim.
  public static let confidence = 0.99

  /// The share of queries that must be within the latency, like 0.9.
  public let percentile: Double
  /// The estimate, in the unit of the latencies; nil with fewer than ``needed`` queries.
  public let estimate: Double?
  /// Queries whose latencies are larger than the estimate: `t − 1`.
  public let discarded: Int
  /// Fewest queries for which there is an estimate.
  public let needed: Int

  /// Estimates a percentile of latencies in any order.
  ///
  /// - Complexity: O(n log n).
  public init(_ latencies: [Double], percentile: Double) {
    self.percentile = percentile
    needed = Self.queries(overAllowed: 1, percentile: percentile)
    let count = latencies.count
    guard count >= needed else {
      estimate = nil
      discarded = 0
      return
    }
    let over = Self.overAllowed(queries: count, percentile: percentile)
    estimate = latencies.sorted()[count - over]
    discarded = over - 1
  }

  /// Whether the claim that a fraction `percentile` of queries is within a bound holds, when `over`
  /// of `queries` were not.
  public static func holds(over: Int, queries: Int, percentile: Double) -> Bool {
    guard over < queries else { return false }
    return cumulative(over, of: queries, probability: 1 - percentile) < 1 - confidence
  }

  /// Most queries over the bound for which the claim holds; 0 when it does for none over, or for
  /// no number.
  static func overAllowed(queries: Int, percentile: Double) -> Int {
    var (low, high) = (0, queries)
    while low + 1 < high {
      let middle = (low + high) / 2
      if holds(over: middle, queries: queries, percentile: percentile) {
        low = middle
      } else {
        high = middle
      }
    }
    return low
  }

  /// Fewest queries for which `overAllowed` of them may be over the bound.
  public static func queries(overAllowed over: Int, percentile: Double) -> Int {
    var high = Swift.max(over + 1, 2)
    while !holds(over: over, queries: high, percentile: percentile) { high *= 2 }
    var low = over
    while low + 1 < high {
      let middle = (low + high) / 2
      if holds(over: over, queries: middle, percentile: percentile) {
        high = middle
      } else {
        low = middle
      }
    }
    return high
  }

  /// Probability that binomial(count, probability) is at most `k`, summed downwards from `k` until
  /// terms no longer count.
  private static func cumulative(_ k: Int, of count: Int, probability q: Double) -> Double {
    let n = Double(count)
    let x = Double(k)
    // Above the mean the sum from the other side is shorter, and is at least a half anyway.
    if x >= n * q { return 1 }
    let first =
      Double.logGamma(n + 1) - Double.logGamma(x + 1) - Double.logGamma(n - x + 1)
      + x * Double.log(q) + (n - x) * Double.log(onePlus: -q)
    var term = Double.exp(first)
    var sum = term
    var place = x
    while place > 0, term > sum * 1e-17 {
      term *= place * (1 - q) / ((n - place + 1) * q)
      sum += term
      place -= 1
    }
    return sum
  }
}
