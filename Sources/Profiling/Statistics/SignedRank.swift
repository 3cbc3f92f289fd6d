internal import RealModule

/// The Wilcoxon signed-rank test of whether paired samples differ.
///
/// Wilcoxon, "Individual Comparisons by Ranking Methods", Biometrics Bulletin 1 (1945). The paired
/// counterpart of ``MannWhitney``, for runs that were interleaved: what slows both sides of a pair
/// does not count. Pairs without a difference are dropped, as Wilcoxon did.
public struct SignedRank: Hashable, Sendable {
  /// Sum of the ranks of the positive differences (second − first).
  public let positiveRankSum: Double
  /// Two-sided probability of a sum at least this far from its mean when nothing differs.
  public let p: Double
  /// Whether `p` is exact; else it is the normal approximation, corrected for ties.
  public let exact: Bool

  /// Largest number of pairs for which the exact distribution is computed.
  static let exactLimit = 50

  /// Runs the test; nil when there are no pairs or the counts differ.
  ///
  /// - Complexity: O(n log n).
  public init?(_ first: [Double], _ second: [Double]) {
    guard first.count == second.count, !first.isEmpty else { return nil }
    let differences = zip(second, first).map { $0 - $1 }.filter { $0 != 0 }
    let ranking = Ranking(differences.map { abs($0) })
    let sum = zip(differences, ranking.ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    positiveRankSum = sum
    exact = !ranking.hasTies && differences.count <= Self.exactLimit
    p =
      exact
      ? Self.exactP(sum: sum, n: differences.count)
      : Self.normalP(sum: sum, n: Double(differences.count), tieTerm: ranking.tieTerm)
  }

  private static func normalP(sum: Double, n: Double, tieTerm: Double) -> Double {
    let variance = n * (n + 1) * (2 * n + 1) / 24 - tieTerm / 48
    guard variance > 0 else { return 1 }
    let distance = Swift.max(abs(sum - n * (n + 1) / 4) - 0.5, 0)
    return Double.erfc(distance / (2 * variance).squareRoot())
  }

  /// Two-sided p from the counts of subsets of {1…n} by their sum.
  private static func exactP(sum: Double, n: Int) -> Double {
    let top = n * (n + 1) / 2
    var counts = [Double](repeating: 0, count: top + 1)
    counts[0] = 1
    for rank in stride(from: 1, through: n, by: 1) {
      for total in stride(from: top, through: rank, by: -1) {
        counts[total] += counts[total - rank]
      }
    }
    let smaller = Int(Swift.min(sum, Double(top) - sum))
    return Swift.min(1, 2 * counts[...smaller].reduce(0, +) / counts.reduce(0, +))
  }
}
