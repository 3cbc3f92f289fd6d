internal import RealModule

/// The sign test of whether paired samples differ.
///
/// Dixon and Mood, "The Statistical Sign Test", JASA 41 (1946): when nothing differs, the number of
/// pairs whose second member is the larger is binomial(n, ½), whatever the distribution. It is the
/// paired test for interleaved runs: what slows both sides of a pair does not count, and a pass that
/// lost its core for a scheduler slice weighs no more than any other. Rank tests of the differences
/// give such passes the highest ranks, and then miss differences that every quiet pair shows.
public struct SignTest: Hashable, Sendable {
  /// Pairs whose second member is larger.
  public let larger: Int
  /// Pairs whose second member is smaller; equal pairs count nowhere.
  public let smaller: Int
  /// Two-sided exact probability of a split at least this uneven when nothing differs.
  public let p: Double

  /// Runs the test; nil when there are no pairs or the counts differ.
  ///
  /// - Complexity: O(n).
  public init?(_ first: [Double], _ second: [Double]) {
    guard first.count == second.count, !first.isEmpty else { return nil }
    larger = zip(first, second).count { $0 < $1 }
    smaller = zip(first, second).count { $0 > $1 }
    let n = larger + smaller
    let tail = (0...Swift.min(larger, smaller)).reduce(0) { $0 + Self.probability($1, of: n) }
    p = Swift.min(1, 2 * tail)
  }

  /// Probability that binomial(count, ½) is `k`.
  private static func probability(_ k: Int, of count: Int) -> Double {
    Double.exp(
      Double.logGamma(Double(count + 1)) - Double.logGamma(Double(k + 1))
        - Double.logGamma(Double(count - k + 1)) - Double(count) * Double.log(2))
  }
}
