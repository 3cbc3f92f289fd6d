internal import RealModule

/// The Hodges-Lehmann estimate of how two independent sample sets differ, with its 95 % interval.
///
/// The estimate is the median of all `n·m` differences; the interval runs from the `k`-th smallest
/// to the `k`-th largest of them, with the largest `k` for which `P(U ≤ k − 1)` is at most 2.5 %
/// under the Mann-Whitney distribution. It thus holds exactly the shifts that the U test does not
/// reject, needs no normality, and is right from 4 values a side on, where a bootstrap of so few is
/// not. Hodges and Lehmann, "Estimates of Location Based on Rank Tests", Ann. Math. Statist. 34
/// (1963); Hollander, Wolfe and Chicken, *Nonparametric Statistical Methods*, 3rd edition, §4.2-4.3.
public struct HodgesLehmann: Hashable, Sendable {
  /// The median difference, second less first.
  public let shift: Double
  /// The 95 % interval of the shift; nil where so few values cannot give one (3 and 3, say).
  public let interval: ClosedRange<Double>?

  /// Estimates; nil when a set is empty.
  ///
  /// - Complexity: O(n·m log(n·m)).
  public init?(_ first: [Double], _ second: [Double]) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    var differences: [Double] = []
    differences.reserveCapacity(first.count * second.count)
    for a in first { for b in second { differences.append(b - a) } }
    differences.sort()
    shift = Percentiles.value(0.5, ofSorted: differences)
    let k = Self.rank(first.count, second.count)
    interval = k < 1 ? nil : differences[k - 1]...differences[differences.count - k]
  }

  /// The largest `k` with `P(U ≤ k − 1) ≤ 0.025`; 0 when there is none.
  static func rank(_ n: Int, _ m: Int) -> Int {
    guard Swift.max(n, m) <= MannWhitney.exactLimit else {
      let (n, m) = (Double(n), Double(m))
      let spread = (n * m * (n + m + 1) / 12).squareRoot()
      return Int((n * m / 2 - NormalDistribution.quantile(0.975) * spread).rounded(.down))
    }
    let counts = MannWhitney.distribution(n: n, m: m)
    let limit = counts.reduce(0, +) * 0.025
    var sum = 0.0
    var k = 0
    while k < counts.count {
      sum += counts[k]
      if sum > limit { break }
      k += 1
    }
    return k
  }
}

extension PercentDifference {
  /// The Hodges-Lehmann ratio of two independent sample sets, less one.
  ///
  /// Of the logarithms, so that a shift is a factor. Nil when a side is empty or a value is not
  /// positive.
  public static func hodgesLehmann(baseline: [Double], candidate: [Double]) -> PercentDifference? {
    guard baseline.allSatisfy({ $0 > 0 }), candidate.allSatisfy({ $0 > 0 }),
      let estimate = HodgesLehmann(baseline.map { .log($0) }, candidate.map { .log($0) })
    else { return nil }
    var interval: ClosedRange<Double>?
    if let shifts = estimate.interval {
      interval = percent(ofShift: shifts.lowerBound)...percent(ofShift: shifts.upperBound)
    }
    return PercentDifference(percent: percent(ofShift: estimate.shift), interval: interval)
  }

  private static func percent(ofShift shift: Double) -> Double { .expMinusOne(shift) * 100 }
}
