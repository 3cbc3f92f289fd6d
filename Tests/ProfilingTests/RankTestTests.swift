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

  /// Nine pairs, seven larger: 2·(C(9,0) + C(9,1) + C(9,2)) / 2⁹ = 92/512.
  @Test func signTestExample() throws {
    let first = [Double](repeating: 1, count: 9)
    let test = try #require(SignTest(first, [2, 2, 2, 2, 2, 2, 2, 0, 0]))
    #expect(test.larger == 7 && test.smaller == 2)
    #expect(abs(test.p - 92.0 / 512) < 1e-12)
    #expect(abs(try #require(SignTest([1, 1, 1, 1], [2, 2, 2, 1])).p - 0.25) < 1e-12)
  }

  /// Passes that lost the core for milliseconds do not hide what all quiet pairs show.
  @Test func signTestIgnoresTheSizeOfOutliers() throws {
    var first = (0..<20).map { 100 + Double($0 % 3) }
    let second = first.map { $0 * 0.9 }
    first[3] = 4000
    var slow = second
    for index in [1, 5, 9] { slow[index] = 5000 }
    let test = try #require(SignTest(first, slow))
    #expect(test.smaller == 17 && test.larger == 3)
    #expect(test.p < 0.003)
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
