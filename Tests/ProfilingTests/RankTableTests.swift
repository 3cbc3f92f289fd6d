import Profiling
import Testing

/// The two-sided 5 % table of the U test: the largest U that is significant.
///
/// Milton, "An Extended Table of Critical Values for the Mann-Whitney (Wilcoxon) Two-Sample
/// Statistic", JASA 59 (1964), table 1, as reprinted in most textbooks; sizes 5 to 20 by 5 to 13.
@Suite struct RankTableTests {
  private static let table: [(size: Int, critical: [Int])] = [
    (5, [2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 17, 18, 19, 20]),
    (6, [3, 5, 6, 8, 10, 11, 13, 14, 16, 17, 19, 21, 22, 24, 25, 27]),
    (7, [5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34]),
    (8, [6, 8, 10, 13, 15, 17, 19, 22, 24, 26, 29, 31, 34, 36, 38, 41]),
    (9, [7, 10, 12, 15, 17, 20, 23, 26, 28, 31, 34, 37, 39, 42, 45, 48]),
    (10, [8, 11, 14, 17, 20, 23, 26, 29, 33, 36, 39, 42, 45, 48, 52, 55]),
    (11, [9, 13, 16, 19, 23, 26, 30, 33, 37, 40, 44, 47, 51, 55, 58, 62]),
    (12, [11, 14, 18, 22, 26, 29, 33, 37, 41, 45, 49, 53, 57, 61, 65, 69]),
    (13, [12, 16, 20, 24, 28, 33, 37, 41, 45, 50, 54, 59, 63, 67, 72, 76]),
  ]

  @Test(arguments: table.indices)
  func criticalValues(row: Int) throws {
    let (n, critical) = Self.table[row]
    for (place, u) in critical.enumerated() {
      let m = place + 5
      let second = (1...m).map(Double.init)
      let at = try #require(MannWhitney(Self.samples(n, m, u: u), second))
      let next = try #require(MannWhitney(Self.samples(n, m, u: u + 1), second))
      #expect(at.u == Double(u) && next.u == Double(u + 1))
      #expect(at.p <= 0.05 && next.p > 0.05, "\(n), \(m): \(at.p), \(next.p)")
    }
  }

  /// Every pair of sets has an interval that ends where the test stops rejecting.
  @Test func hodgesLehmannIsTheTestTurnedRound() throws {
    let first = [1.1, 2.3, 2.9, 4.2, 5.7, 6.1, 7.4, 9.9]
    let second = [3.3, 4.6, 5.2, 6.8, 8.5, 9.1, 12.2, 13.6, 15.1]
    let interval = try #require(HodgesLehmann(first, second)?.interval)
    for (shift, inside) in [
      (interval.lowerBound - 1e-9, false), (interval.lowerBound + 1e-9, true),
      (interval.upperBound - 1e-9, true), (interval.upperBound + 1e-9, false),
    ] {
      let p = try #require(MannWhitney(first.map { $0 + shift }, second)?.p)
      #expect((p > 0.05) == inside, "shift \(shift): p \(p)")
    }
  }

  /// Hollander and Wolfe's example 4.1 and 4.3 (permeability of chorioamnion): estimate 0.305 of
  /// x − y, and ranks of the interval as in R's wilcox.test.
  @Test func hodgesLehmannExample() throws {
    let x = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    let y = [1.15, 0.88, 0.90, 0.74, 1.21]
    let estimate = try #require(HodgesLehmann(y, x))
    #expect(abs(estimate.shift - 0.305) < 1e-9)
    let interval = try #require(estimate.interval)
    #expect(abs(interval.lowerBound + 0.15) < 1e-9 && abs(interval.upperBound - 0.76) < 1e-9)
    #expect(abs(try #require(MannWhitney(x, y)?.p) - 0.2544) < 5e-5)
  }

  /// A first sample that wins `u` of its pairs against 1…m.
  private static func samples(_ n: Int, _ m: Int, u: Int) -> [Double] {
    var left = u
    return (0..<n).map { place in
      let wins = min(left, m)
      left -= wins
      return Double(wins) + 0.5 - Double(place) * 0.001
    }
  }
}
