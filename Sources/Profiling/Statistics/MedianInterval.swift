internal import RealModule

/// The distribution-free 95 % interval of a median.
///
/// The number of samples below the true median is binomial(n, ½) whatever the distribution, so
/// the interval from the `l`-th smallest to the `l`-th largest sample covers it with probability
/// `1 − 2·P(B ≤ l − 1)`. `l` is the largest rank for which that is at least 95 %. See David and
/// Nagaraja, *Order Statistics*, 3rd edition (2003), §7.1. benchstat uses the same interval.
///
/// Samples are assumed independent; drift and neighbours on the machine widen the truth, never
/// this interval.
public enum MedianInterval {
  /// Fewest samples for which a 95 % interval exists: 1 − 2·2⁻⁵ is 93.75 %, 1 − 2·2⁻⁶ is 96.9 %.
  public static let fewestSamples = 6

  /// Ranks, from 1, of the samples that bound the interval; nil below ``fewestSamples``.
  ///
  /// - Complexity: O(√n).
  public static func ranks(count: Int) -> (low: Int, high: Int)? {
    guard count >= fewestSamples else { return nil }
    let low = lowestRank(count: count)
    return (low, count + 1 - low)
  }

  /// The largest `l` with `P(B ≤ l − 1) ≤ 0.025` for B binomial(count, ½).
  private static func lowestRank(count: Int) -> Int {
    let n = Double(count)
    // Twelve standard deviations below the mean nothing is left to sum.
    var below = Swift.max(0, Int(n / 2 - 6 * n.squareRoot()))
    var probability = Double.exp(logProbability(below, of: count))
    var cumulative = probability
    while cumulative <= 0.025 {
      probability *= Double(count - below) / Double(below + 1)
      below += 1
      cumulative += probability
    }
    return Swift.max(below, 1)
  }

  /// Logarithm of the probability that binomial(count, ½) is `k`.
  private static func logProbability(_ k: Int, of count: Int) -> Double {
    Double.logGamma(Double(count + 1)) - Double.logGamma(Double(k + 1))
      - Double.logGamma(Double(count - k + 1)) - Double(count) * Double.log(2)
  }
}
