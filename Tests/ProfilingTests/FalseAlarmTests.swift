import Foundation
import Profiling
import TestSupport
import Testing

/// A against A finds nothing; what is there is found with the number of samples advertised.
@Suite struct FalseAlarmTests {
  private static let runs = 200
  private static let layers = 60

  /// Samples of a layer: its size, a machine that drifts, and spikes.
  private static func samples(
    _ count: Int, size: Double, drift: [Double], _ random: inout SplitMix64
  ) -> [Double] {
    (0..<count).map { pass in
      let spike = random.uniform() < 0.03 ? 1 + random.uniform() : 1
      return size * drift[pass] * exp(0.03 * random.normal()) * spike
    }
  }

  /// How many of 200 comparisons of a 60-layer network with itself call some layer significant.
  private static func alarms(
    count: Int, seed: UInt64, test: ([Double], [Double]) -> Double?
  ) -> Int {
    var random = SplitMix64(seed: seed)
    return (0..<runs).count { _ in
      let drift = (0..<count).map { 1 + 0.1 * Double($0) / Double(count) }
      let p = (0..<layers).compactMap { layer in
        let size = pow(1.2, Double(layer % 20))
        let first = samples(count, size: size, drift: drift, &random)
        let second = samples(count, size: size, drift: drift, &random)
        return test(first, second)
      }
      #expect(p.count == layers)
      return Holm.adjust(p).contains { $0 < Difference.significance }
    }
  }

  @Test func pairsOfPasses() {
    let found = Self.alarms(count: 30, seed: 5) { SignTest($0, $1)?.p }
    #expect(found <= 10, "\(found) of \(Self.runs)")
  }

  @Test func independentPasses() {
    let found = Self.alarms(count: 30, seed: 6) { MannWhitney($0, $1)?.p }
    #expect(found <= 10, "\(found) of \(Self.runs)")
  }

  @Test func processes() {
    let found = Self.alarms(count: 10, seed: 7) { MannWhitney($0, $1)?.p }
    #expect(found <= 10, "\(found) of \(Self.runs)")
  }

  /// Without the correction nearly every run would have raised an alarm: the test can fail.
  @Test func uncorrectedTestsDoRaiseAlarms() {
    var random = SplitMix64(seed: 8)
    let flat = [Double](repeating: 1, count: 30)
    let alarms = (0..<20).count { _ in
      (0..<Self.layers).contains { _ in
        let first = Self.samples(30, size: 1, drift: flat, &random)
        let second = Self.samples(30, size: 1, drift: flat, &random)
        return SignTest(first, second)?.p ?? 1 < Difference.significance
      }
    }
    #expect(alarms >= 15)
  }

  /// Whole diffs of a network measured twice in eight processes: the verdicts a user would read.
  @Test func diffsOfTheSameNetwork() {
    var random = SplitMix64(seed: 9)
    let script = ScriptedProcesses()
    var wrong = 0
    for _ in 0..<40 {
      let sides = (0..<2).map { _ in
        script.record((0..<8).map { _ in exp(0.03 * random.normal()) })
      }
      let diff = Diff(baseline: sides[0], candidate: sides[1])
      if diff.layers.contains(where: { [.faster, .slower].contains($0.difference.verdict) }) {
        wrong += 1
      }
    }
    #expect(wrong <= 2, "\(wrong) of 40")
  }
}

@Suite struct SampleSizeTests {
  private static func samples(
    _ count: Int, slowdown: Double, noise: Double, _ random: inout SplitMix64
  ) -> [Double] {
    (0..<count).map { _ in slowdown * exp(noise * random.normal()) }
  }

  /// A pilot says how many samples find 3 %; with that many, 3 % is found as often as advertised.
  @Test func threePercentAreFoundWithTheAdvertisedNumber() throws {
    var random = SplitMix64(seed: 10)
    var estimator = DifferenceEstimator(resamples: 500)
    var found = 0
    var advertised: [Double] = []
    for _ in 0..<200 {
      let pilots = [1, 1.03].map { Self.samples(20, slowdown: $0, noise: 0.05, &random) }
      let pilot = try #require(
        estimator.unpaired(baseline: pilots[0], candidate: pilots[1])?.interval)
      let count = SampleSize.toFind(
        percent: 3, halfWidth: (pilot.upperBound - pilot.lowerBound) / 2, count: 20)
      advertised.append(Double(count))
      let sides = [1, 1.03].map { Self.samples(count, slowdown: $0, noise: 0.05, &random) }
      if verdict(sides, &estimator) == .slower { found += 1 }
    }
    // 80 % is promised; a pilot of 20 estimates the noise, and so the number, only roughly.
    #expect(found >= 145, "\(found) of 200 with \(Percentiles.median(of: advertised)) samples")
    #expect((50...200).contains(Percentiles.median(of: advertised)))
  }

  /// The way a user goes: undecided, then as many more as was said, again if need be.
  @Test func undecidedComparisonsAreDecidedByWhatTheyAskFor() throws {
    var random = SplitMix64(seed: 11)
    var estimator = DifferenceEstimator(resamples: 500)
    var found = 0
    for _ in 0..<100 {
      var sides = [1, 1.03].map { Self.samples(15, slowdown: $0, noise: 0.04, &random) }
      var more = needed(sides, &estimator)
      var rounds = 0
      while let count = more, rounds < 4 {
        sides[0] += Self.samples(count, slowdown: 1, noise: 0.04, &random)
        sides[1] += Self.samples(count, slowdown: 1.03, noise: 0.04, &random)
        more = needed(sides, &estimator)
        rounds += 1
      }
      if verdict(sides, &estimator) == .slower { found += 1 }
    }
    #expect(found >= 85, "\(found) of 100")
  }

  @Test func moreSamplesFollowTheSquareLaw() throws {
    let wide = try #require(SampleSize.more(percent: 4, interval: -1...9, count: 20))
    let wider = try #require(SampleSize.more(percent: 4, interval: -6...14, count: 20))
    // Half widths 5 and 10 %, and 3 % beyond the band: 20·(5/1.96·(1.96 + 0.84)/3)² = 114 are needed,
    // and four times that.
    #expect(wide == 94 && wider == 435, "\(wide), \(wider)")
    // Nearly equal: what would show equivalence is fewer than what would find 0.1 %.
    #expect(SampleSize.more(percent: 0.1, interval: -2.6...2.8, count: 100) == 800)
    #expect(SampleSize.more(percent: 1, interval: 1...1, count: 10) == nil)
  }

  @Test func aTestMustBeAbleToComeOut() {
    // 2·2⁻⁶ = 0.031; 2/C(8, 4) = 0.029; corrected for 60 layers 2·2⁻¹² and 2/C(14, 7).
    #expect(SampleSize.fewest(tests: 1, paired: true) == 6)
    #expect(SampleSize.fewest(tests: 1, paired: false) == 4)
    #expect(SampleSize.fewest(tests: 60, paired: true) == 12)
    #expect(SampleSize.fewest(tests: 60, paired: false) == 7)
  }

  private func difference(
    _ sides: [[Double]], _ estimator: inout DifferenceEstimator
  ) -> (verdict: Verdict, more: Int?) {
    guard
      let estimate = estimator.unpaired(baseline: sides[0], candidate: sides[1]),
      let interval = estimate.interval, let p = MannWhitney(sides[0], sides[1])?.p
    else { return (.undecided, nil) }
    if interval.lowerBound >= -Difference.band, interval.upperBound <= Difference.band {
      return (.equivalent, nil)
    }
    if p < Difference.significance, !interval.contains(0) {
      return (estimate.percent < 0 ? .faster : .slower, nil)
    }
    let more = SampleSize.more(
      percent: estimate.percent, interval: interval, count: sides[0].count)
    return (.undecided, more)
  }

  private func verdict(_ sides: [[Double]], _ estimator: inout DifferenceEstimator) -> Verdict {
    difference(sides, &estimator).verdict
  }

  private func needed(_ sides: [[Double]], _ estimator: inout DifferenceEstimator) -> Int? {
    difference(sides, &estimator).more
  }
}
