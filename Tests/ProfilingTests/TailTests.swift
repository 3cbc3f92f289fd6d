import Profiling
import Testing

/// MLPerf's early stopping against results that its LoadGen printed.
@Suite struct EarlyStoppingTests {
  /// Published single-stream logs of 2,048 and 4,776,846 queries.
  ///
  /// "Processed at least 64 queries. Would discard 172 highest latency queries", and 476,158.
  @Test(arguments: [(2048, 172), (4_776_846, 476_158)])
  func discardsWhatLoadGenDiscards(queries: Int, discarded: Int) {
    let estimate = EarlyStopping((0..<queries).map(Double.init), percentile: 0.9)
    #expect(estimate.needed == 64)
    #expect(estimate.discarded == discarded)
    #expect(estimate.estimate == Double(queries - discarded - 1))
  }

  /// The rules' table: 662 queries for p99, 64 for p90, 6,635 for p99.9.
  @Test(arguments: [(0.9, 64), (0.99, 662), (0.999, 6636)])
  func fewestQueries(percentile: Double, needed: Int) {
    #expect(abs(EarlyStopping([], percentile: percentile).needed - needed) <= 1)
    let few = EarlyStopping([Double](repeating: 1, count: 63), percentile: percentile)
    #expect(few.estimate == nil && few.discarded == 0)
  }

  /// With none over, 1 − 0.9ⁿ ≥ 0.99 from 44 queries on.
  @Test func boundsOfARate() {
    #expect(EarlyStopping.holds(over: 0, queries: 44, percentile: 0.9))
    #expect(!EarlyStopping.holds(over: 0, queries: 43, percentile: 0.9))
    #expect(EarlyStopping.queries(overAllowed: 0, percentile: 0.99) == 459)
    #expect(!EarlyStopping.holds(over: 3, queries: 3, percentile: 0.9))
  }

  /// The estimate lies above the true percentile in 99 % of runs.
  @Test func estimatesHold() {
    var random = SplitMix64(seed: 12)
    let held = (0..<500).count { _ in
      let latencies = (0..<200).map { _ in random.uniform() }
      return EarlyStopping(latencies, percentile: 0.9).estimate ?? 0 >= 0.9
    }
    #expect(held >= 487, "\(held) of 500")
  }
}

@Suite struct StabilityTests {
  @Test func outliersAreNamedAndKept() {
    var samples = (0..<40).map { 100 + Double($0 * 7 % 11) }
    samples[5] = 400
    samples[30] = 10
    let summary = TimeSummary(samples: samples)
    #expect(Stability(samples: samples).outliers == [5, 30])
    #expect(summary.count == 40 && summary.min == 10)
    #expect(Stability(samples: [5, 5, 5, 5, 5]).outliers.isEmpty)
    #expect(Stability(samples: []).outliers.isEmpty && Stability(samples: [1]).drift == nil)
  }

  @Test func driftIsFound() throws {
    var random = SplitMix64(seed: 13)
    let rising = (0..<50).map { 100 + 0.2 * Double($0) + random.normal() }
    let drift = try #require(Stability(samples: rising).drift)
    #expect(drift.matters && (7...13).contains(drift.percent))
    let long = (0..<5000).map { 100 - 0.001 * Double($0) + random.normal() }
    let falling = try #require(Stability(samples: long).drift)
    #expect(falling.matters && (-7 ... -3).contains(falling.percent))
  }

  @Test func steadySamplesDoNotDrift() {
    var random = SplitMix64(seed: 14)
    let alarms = (0..<200).count { _ in
      let samples = (0..<40).map { _ in 100 + 3 * random.normal() }
      return Stability(samples: samples).drift?.matters == true
    }
    #expect(alarms <= 6, "\(alarms) of 200")
  }

  /// Kendall's example: 1…10 in order has S = 45, variance 125, p = erfc(44/√250).
  @Test func mannKendall() throws {
    let drift = try #require(Stability(samples: (1...10).map(Double.init)).drift)
    #expect(abs(drift.p - 8.3e-5) < 1e-6)
    #expect(abs(drift.percent - 9 / 5.5 * 100) < 1e-9)
    #expect(Stability(samples: [Double](repeating: 3, count: 10)).drift?.p == 1)
  }
}
