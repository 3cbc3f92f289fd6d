import Profiling
import Testing

@Suite struct RankTestTests {
  /// Critical values of the two-sided test at 5 %: the largest U that is significant, and the next.
  @Test(arguments: [
    (5, 2, 0.0317), (5, 3, 0.0556), (10, 23, 0.0433), (10, 24, 0.0524), (20, 127, 0.0491),
    (20, 128, 0.0524),
  ])
  func publishedCriticalValues(size: Int, u: Int, p: Double) throws {
    let test = try #require(MannWhitney(samples(size: size, u: u), (1...size).map(Double.init)))
    #expect(test.u == Double(u))
    #expect(test.exact)
    #expect(abs(test.p - p) < 5e-5)
  }

  /// Hollander and Wolfe, *Nonparametric Statistical Methods*, 69f: permeability of membranes,
  /// as in R's help of `wilcox.test` (W = 35, one-sided p = 0.1272).
  @Test func workedExampleOfTheTextbook() throws {
    let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    let early = [1.15, 0.88, 0.90, 0.74, 1.21]
    let test = try #require(MannWhitney(term, early))
    #expect(test.u == 35)
    #expect(abs(test.p / 2 - 0.1272) < 5e-5)
  }

  @Test func tiesAreCorrected() throws {
    // scipy.stats.mannwhitneyu(x, y, method='asymptotic')
    let x = Array(repeatElement([1.0, 2, 2, 3, 5], count: 5).joined())
    let y = Array(repeatElement([2.0, 3, 3, 4, 6, 6], count: 4).joined())
    let test = try #require(MannWhitney(x, y))
    #expect(test.u == 140)
    #expect(!test.exact)
    #expect(abs(test.p - 0.0010735731396420744) < 1e-12)
  }

  @Test func equalSamplesDoNotDiffer() throws {
    #expect(try #require(MannWhitney([2, 2, 2], [2, 2])).p == 1)
    #expect(try #require(SignedRank([2, 2, 2], [2, 2, 2])).p == 1)
    #expect(MannWhitney([], [1]) == nil)
    #expect(SignedRank([1], [1, 2]) == nil)
  }

  @Test func fourAgainstFourIsTheLeastThatCanTell() throws {
    #expect(abs(try #require(MannWhitney([1, 2, 3], [4, 5, 6])).p - 0.1) < 1e-12)
    #expect(abs(try #require(MannWhitney([1, 2, 3, 4], [5, 6, 7, 8])).p - 2.0 / 70) < 1e-12)
  }

  @Test func largeSetsAreApproximated() throws {
    // scipy.stats.mannwhitneyu(x, y, method='asymptotic')
    let first = (0..<21).map { Double($0) * 1.37 }
    let second = (0..<21).map { Double($0) * 1.61 + 0.9 }
    let test = try #require(MannWhitney(first, second))
    #expect(!test.exact)
    #expect(test.u == 177)
    #expect(abs(test.p - 0.2793872631916571) < 1e-12)
  }

  /// Hollander and Wolfe, 29f: depression before and after, as in R's help (V = 40, one-sided
  /// p = 0.01953).
  @Test func signedRankExample() throws {
    let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    let test = try #require(SignedRank(after, before))
    #expect(test.positiveRankSum == 40)
    #expect(abs(test.p / 2 - 0.01953) < 5e-6)
  }

  @Test func signedRankOfManyPairs() throws {
    // scipy.stats.wilcoxon(d, correction=True, method='approx')
    let differences = (0..<60).map { Double($0 % 5 * 10 - 17) }
    let zeros = [Double](repeating: 0, count: 60)
    let test = try #require(SignedRank(zeros, differences))
    #expect(!test.exact)
    #expect(test.positiveRankSum == 1098)
    #expect(abs(test.p - 0.17700076660942954) < 1e-12)
  }

  @Test func holmsExample() {
    let adjusted = Holm.adjust([0.01, 0.04, 0.03, 0.005])
    for (value, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) {
      #expect(abs(value - expected) < 1e-15)
    }
    #expect(Holm.adjust([0.6, 0.7]) == [1, 1])
    #expect(Holm.adjust([]).isEmpty)
  }

  /// A first sample that wins `u` pairs against 1…size.
  private func samples(size: Int, u: Int) -> [Double] {
    var left = u
    return (0..<size).map { place in
      let wins = min(left, size)
      left -= wins
      return Double(wins) + 0.5 - Double(place) * 0.001
    }
  }
}
