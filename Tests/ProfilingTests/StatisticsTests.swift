import Profiling
import Testing

@Suite struct StatisticsTests {
  @Test func percentilesInterpolateBetweenNeighbours() {
    // numpy.percentile([15, 20, 35, 40, 50, 3], [50, 90, 99])
    let sorted = [15.0, 20, 35, 40, 50, 3].sorted()
    #expect(Percentiles.value(0.5, ofSorted: sorted) == 27.5)
    #expect(Percentiles.value(0.9, ofSorted: sorted) == 45)
    #expect(abs(Percentiles.value(0.99, ofSorted: sorted) - 49.5) < 1e-12)
    #expect(Percentiles.value(0, ofSorted: sorted) == 3)
    #expect(Percentiles.value(1, ofSorted: sorted) == 50)
    #expect(Percentiles.median(of: [7]) == 7)
  }

  @Test func summaryKeepsSamplesInOrder() {
    let summary = TimeSummary(samples: [4, 2, 8, 6])
    #expect(summary.samples == [4, 2, 8, 6])
    #expect(summary.count == 4)
    #expect(summary.min == 2)
    #expect(summary.median == 5)
    #expect(summary.mean == 5)
    #expect(abs(summary.stddev * summary.stddev - 20.0 / 3) < 1e-12)
    #expect(summary.ci95 == nil)
    #expect(TimeSummary(samples: [3]).stddev == 0)
  }

  @Test(arguments: [
    // Largest l with P(binomial(n, ½) ≤ l − 1) ≤ 0.025, computed in exact arithmetic.
    (6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (20, 6, 15), (50, 18, 33), (100, 40, 61),
    (1000, 469, 532), (5000, 2431, 2570),
  ])
  func intervalRanks(count: Int, low: Int, high: Int) throws {
    let ranks = try #require(MedianInterval.ranks(count: count))
    #expect(ranks.low == low)
    #expect(ranks.high == high)
  }

  @Test func noIntervalBelowSixSamples() {
    #expect(MedianInterval.ranks(count: 5) == nil)
    #expect(TimeSummary(samples: [1, 2, 3, 4, 5, 6]).ci95 == [1, 6])
  }

  @Test func intervalsTouchTheSamples() throws {
    // Low and high in turn: neighbours do not depend on each other the way that widens.
    let samples = (1...10).flatMap { [Double($0), Double($0 + 10)] }
    let summary = TimeSummary(samples: samples)
    #expect(summary.ci95 == [6, 15])
    #expect(try #require(summary.relativeHalfWidth) == 4.5 / 10.5)
    // In ascending order every pass is the one before it and a little: nothing narrower is known.
    #expect(TimeSummary(samples: samples.sorted()).ci95 == [1, 20])
  }

  @Test func medianIntervalCoversTheMedian() {
    var random = SplitMix64(seed: 42)
    var covered = 0
    for _ in 0..<2000 {
      // Skewed, as times are: the true median is 1.
      let samples = (0..<20).map { _ in 1 + Self.skewed(&random) }
      if TimeSummary(samples: samples).interval?.contains(1) == true { covered += 1 }
    }
    // Exact ranks would cover 95.9 %; what chance makes of the autocorrelation widens some.
    #expect((1860...1970).contains(covered), "covered \(covered) of 2000")
  }

  @Test func bootstrapIntervalCoversTheDifference() {
    var random = SplitMix64(seed: 43)
    var estimator = DifferenceEstimator()
    var covered = 0
    for _ in 0..<400 {
      let baseline = (0..<25).map { _ in 100 + 5 * random.normal() }
      let candidate = (0..<30).map { _ in 110 + 5 * random.normal() }
      let difference = estimator.unpaired(baseline: baseline, candidate: candidate)
      if difference?.interval?.contains(10) == true { covered += 1 }
    }
    #expect((368...396).contains(covered), "covered \(covered) of 400")
  }

  @Test func pairsCancelWhatBothSuffer() throws {
    var random = SplitMix64(seed: 44)
    var estimator = DifferenceEstimator()
    // The machine drifts by half; the candidate is 2 % slower throughout.
    let baseline = (0..<20).map { 100 + 2.5 * Double($0) + 0.01 * random.normal() }
    let candidate = baseline.map { $0 * 1.02 + 0.01 * random.normal() }
    let pairs = estimator.paired(baseline: baseline, candidate: candidate)
    let sets = estimator.unpaired(baseline: baseline, candidate: candidate)
    let paired = try #require(pairs?.interval)
    let loose = try #require(sets?.interval)
    #expect(paired.contains(2) && paired.upperBound - paired.lowerBound < 0.1)
    #expect(loose.upperBound - loose.lowerBound > 10)
  }

  @Test func differencesWithoutEnoughSamples() {
    var estimator = DifferenceEstimator()
    let few = estimator.unpaired(baseline: [2, 2, 2], candidate: [3, 3, 3])
    #expect(few == PercentDifference(percent: 50, interval: nil))
    let none = [
      estimator.unpaired(baseline: [], candidate: [1]),
      estimator.unpaired(baseline: [0, 0], candidate: [1]),
      estimator.paired(baseline: [1, 2], candidate: [1]),
    ]
    #expect(none == [nil, nil, nil])
  }

  @Test func differencesAreReproducible() {
    let baseline = (0..<12).map { 10 + Double($0 % 5) }
    let candidate = (0..<12).map { 11 + Double($0 % 4) }
    var first = DifferenceEstimator()
    var second = DifferenceEstimator()
    _ = second.unpaired(baseline: candidate, candidate: baseline)
    let once = first.unpaired(baseline: baseline, candidate: candidate)
    let again = second.unpaired(baseline: baseline, candidate: candidate)
    #expect(once == again)
  }

  @Test func resampledMediansHaveTheBootstrapDistribution() {
    // Of three values the resampled median is the middle one with probability 13/27.
    let medians = MedianBootstrap(count: 3, resamples: 20_000, seed: 5).medians(
      ofSorted: [1, 2, 3])
    let middle = Double(medians.filter { $0 == 2 }.count) / 20_000
    #expect(abs(middle - 13.0 / 27) < 0.012)
    // Of two values the median is their mean with probability one half.
    let even = MedianBootstrap(count: 2, resamples: 20_000, seed: 6).medians(ofSorted: [1, 3])
    let mean = Double(even.filter { $0 == 2 }.count) / 20_000
    #expect(abs(mean - 0.5) < 0.012)
  }

  @Test func splitMixFollowsItsReference() {
    // The first outputs of Vigna's splitmix64.c for seed 1234567.
    var random = SplitMix64(seed: 1_234_567)
    let outputs = (0..<3).map { _ in random.next() }
    #expect(
      outputs == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  /// A number whose median is 0 and whose upper tail is long.
  private static func skewed(_ random: inout SplitMix64) -> Double {
    let value = random.normal()
    return value > 0 ? value * value : value * 0.2
  }
}
