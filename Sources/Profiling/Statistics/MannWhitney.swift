internal import RealModule

/// The Mann-Whitney U test of whether two independent sample sets share a distribution.
///
/// Mann and Whitney, "On a Test of Whether one of Two Random Variables is Stochastically Larger
/// than the Other", Ann. Math. Statist. 18 (1947). It asks nothing of the distribution's shape,
/// but samples must be independent: neighbouring passes of one process often are not, which makes
/// `p` too small; separate, interleaved processes are the cure.
public struct MannWhitney: Hashable, Sendable {
  /// Number of pairs in which the first set's value is the larger; ties count a half.
  public let u: Double
  /// Two-sided probability of a `u` at least this far from its mean under the hypothesis that
  /// nothing differs.
  public let p: Double
  /// Whether `p` is exact; else it is the normal approximation, corrected for ties.
  public let exact: Bool

  /// Largest set for which the exact distribution is computed.
  static let exactLimit = 20

  /// Runs the test; nil when a set is empty.
  ///
  /// - Complexity: O((n + m) log(n + m)).
  public init?(_ first: [Double], _ second: [Double]) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let ranking = Ranking(first + second)
    let n = first.count
    let m = second.count
    let rankSum = ranking.ranks[..<n].reduce(0, +)
    u = rankSum - Double(n * (n + 1)) / 2
    exact = !ranking.hasTies && Swift.max(n, m) <= Self.exactLimit
    p = exact ? Self.exactP(u: u, n: n, m: m) : Self.normalP(u: u, n: n, m: m, ranking: ranking)
  }

  /// Normal approximation with continuity and tie correction.
  private static func normalP(u: Double, n: Int, m: Int, ranking: Ranking) -> Double {
    let n = Double(n)
    let m = Double(m)
    let total = n + m
    let variance = n * m / 12 * (total + 1 - ranking.tieTerm / (total * (total - 1)))
    guard variance > 0 else { return 1 }
    let distance = Swift.max(abs(u - n * m / 2) - 0.5, 0)
    return Double.erfc(distance / (2 * variance).squareRoot())
  }

  /// Two-sided p from the exact distribution.
  private static func exactP(u: Double, n: Int, m: Int) -> Double {
    let counts = distribution(n: n, m: m)
    let smaller = Int(Swift.min(u, Double(n * m) - u))
    let tail = counts[...smaller].reduce(0, +)
    return Swift.min(1, 2 * tail / counts.reduce(0, +))
  }

  /// How many arrangements give each `u` from 0 to n·m.
  ///
  /// They are the coefficients of the Gaussian binomial `∏ (1 − x^(m + i)) / (1 − x^i)`, i = 1…n.
  static func distribution(n: Int, m: Int) -> [Double] {
    let top = n * m
    var counts = [Double](repeating: 0, count: top + 1)
    counts[0] = 1
    for i in 1...n {
      for u in stride(from: top, through: m + i, by: -1) { counts[u] -= counts[u - m - i] }
      for u in stride(from: i, through: top, by: 1) { counts[u] += counts[u - i] }
    }
    return counts
  }
}

/// Ranks of values from 1, ties sharing the mean of their ranks.
struct Ranking {
  /// The rank of each value, in the order given.
  let ranks: [Double]
  /// Σ (t³ − t) over the groups of t equal values.
  let tieTerm: Double
  /// Whether any two values are equal.
  var hasTies: Bool { tieTerm > 0 }

  init(_ values: [Double]) {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var tieTerm = 0.0
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      let ties = Double(end - start)
      tieTerm += ties * ties * ties - ties
      start = end
    }
    self.ranks = ranks
    self.tieTerm = tieTerm
  }
}
