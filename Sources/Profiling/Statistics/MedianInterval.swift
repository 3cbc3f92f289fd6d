internal import RealModule

/// The distribution-free 95 % interval of a median.
///
/// The number of samples below the true median is binomial(n, ½) whatever the distribution, so
/// the interval from the `l`-th smallest to the `l`-th largest sample covers it with probability
/// `1 − 2·P(B ≤ l − 1)`. `l` is the largest rank for which that is at least 95 %. See David and
/// Nagaraja, *Order Statistics*, 3rd edition (2003), §7.1. benchstat uses the same interval.
///
/// Successive passes are not independent: ``Autocorrelation`` says how many of them tell as much as
/// one that is, and the ranks move apart by its square root. What passes of one process cannot show,
/// how the next process differs, is in no interval of theirs.
public enum MedianInterval {
  /// Fewest samples for which a 95 % interval exists: 1 − 2·2⁻⁵ is 93.75 %, 1 − 2·2⁻⁶ is 96.9 %.
  public static let fewestSamples = 6

  /// Ranks, from 1, of the samples that bound the interval; nil below ``fewestSamples``.
  ///
  /// - Complexity: O(√n).
  public static func ranks(count: Int) -> (low: Int, high: Int)? {
    ranks(count: count, correlationTime: 1)
  }

  /// The same where `correlationTime` successive samples tell as much as one independent one.
  ///
  /// At most from the smallest to the largest sample.
  public static func ranks(count: Int, correlationTime: Double) -> (low: Int, high: Int)? {
    guard count >= fewestSamples else { return nil }
    var low = lowestRank(count: count)
    if correlationTime > 1 {
      let middle = Double(count + 1) / 2
      let place = middle - (middle - Double(low)) * correlationTime.squareRoot()
      low = Swift.max(1, Int(place.rounded(.down)))
    }
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
