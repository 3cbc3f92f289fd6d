import Profiling
import TestSupport
import Testing

/// Whether a layer that is measured in several processes keeps its class.
@Suite struct LabelStabilityTests {
  /// A layer as it is: what its roofs allow and what it takes.
  private struct Truth {
    var memory: Double
    var compute: Double
    var time: Double
  }

  /// One process's view of it: roofs and times are off by as much as they are from run to run, and
  /// a busy machine stretches most of the samples.
  private func observe(
    _ truth: Truth, noisy: Bool, _ random: inout SplitMix64
  ) -> (evidence: Evidence, time: TimeSummary) {
    func drift(_ sigma: Double) -> Double {
      1 + sigma * min(max(random.normal(), -2), 2)
    }
    let own = truth.time * drift(0.06)
    let samples = (0..<20).map { _ in
      let disturbance = noisy && random.uniform() < 0.6 ? 4 * random.uniform() : 0
      return own * (1 + 0.02 * abs(random.normal()) + disturbance)
    }
    let evidence: Evidence = [
      "memory_ns": truth.memory * drift(0.08), "compute_ns": truth.compute * drift(0.03),
    ]
    return (evidence, TimeSummary(samples: samples))
  }

  /// Layers of all ratios and efficiencies, most of them near some threshold.
  private func layers(_ random: inout SplitMix64) -> [Truth] {
    (0..<400).map { _ in
      let ratio = 0.1 * Double(100).squareRoot() * (0.2 + 9.8 * random.uniform())
      let memory = 50_000 * ratio
      let share = 0.1 + 0.9 * random.uniform()
      return Truth(memory: memory, compute: 50_000, time: max(memory, 50_000) / share)
    }
  }

  /// Cells whose labels, `balanced` aside, are not all the same: of this rule, and of one with a
  /// single threshold on the median's efficiency.
  private func flips(noisy: Bool, seed: UInt64) -> (new: Int, single: Int) {
    var random = SplitMix64(seed: seed)
    var counts = (new: 0, single: 0)
    for truth in layers(&random) {
      var new: Set<Bound.Class> = []
      var single: Set<Bound.Class> = []
      for _ in 0..<5 {
        let seen = observe(truth, noisy: noisy, &random)
        new.insert(
          Roofline.bound(
            evidence: seen.evidence, timeNs: seen.time.median,
            undisturbedNs: seen.time.undisturbed
          ).class)
        single.insert(singleThreshold(seen.evidence, seen.time.median))
      }
      if new.subtracting([.balanced]).count > 1 { counts.new += 1 }
      if single.subtracting([.balanced]).count > 1 { counts.single += 1 }
    }
    return counts
  }

  private func singleThreshold(_ evidence: Evidence, _ time: Double) -> Bound.Class {
    guard let memory = evidence["memory_ns"], let compute = evidence["compute_ns"] else {
      return .unknown
    }
    if max(memory, compute) / time < 0.35 { return .latency }
    return memory > 2 * compute ? .memory : compute > 2 * memory ? .core : .balanced
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func classesChangeToBalancedOnly(seed: UInt64) {
    let found = flips(noisy: false, seed: seed)
    #expect(found.new == 0)
    #expect(found.single > 0, "the case must be one that a single threshold fails")
  }

  @Test(arguments: [5, 6, 7, 8] as [UInt64])
  func aBusyMachineChangesNothing(seed: UInt64) {
    let found = flips(noisy: true, seed: seed)
    #expect(found.new == 0)
    #expect(found.single > 10)
  }

  @Test func theUndisturbedTimeIsALowSampleButNotTheLowest() {
    let samples = (0...20).map { 100 + Double($0) }
    #expect(TimeSummary(samples: samples).undisturbed == 102)
    #expect(TimeSummary(samples: [7]).undisturbed == 7)
  }

  /// A layer by its roofs and its time, and what is to be said of it.
  struct Case: Sendable {
    var memory: Double
    var compute: Double
    var time: Double
    var name: Bound.Class
    var margin: Double
    var confidence: String
  }

  static let cases: [Case] = [
    // 0.9 / 0.45; 9 / 2 is further.
    Case(memory: 900, compute: 100, time: 1000, name: .memory, margin: 2, confidence: "high"),
    // 2.5 / 2
    Case(memory: 250, compute: 100, time: 260, name: .memory, margin: 1.25, confidence: "high"),
    Case(memory: 240, compute: 100, time: 260, name: .memory, margin: 1.2, confidence: "medium"),
    Case(
      memory: 100, compute: 400, time: 800, name: .core, margin: 0.5 / 0.45, confidence: "medium"),
    Case(
      memory: 100, compute: 150, time: 200, name: .balanced, margin: 200 / 150, confidence: "high"),
    // (1/3) / 0.25; 0.45 · 3 is further.
    Case(
      memory: 100, compute: 10, time: 300, name: .balanced, margin: 4 / 3, confidence: "high"),
    // 0.45 / 0.4
    Case(
      memory: 100, compute: 10, time: 250, name: .balanced, margin: 1.125, confidence: "medium"),
    Case(memory: 100, compute: 10, time: 1000, name: .latency, margin: 2.5, confidence: "high"),
    Case(memory: 100, compute: 10, time: 440, name: .latency, margin: 1.1, confidence: "medium"),
  ]

  @Test(arguments: cases)
  func theMarginIsTheFactorToTheNextClass(sample: Case) throws {
    let bound = Roofline.bound(
      evidence: ["memory_ns": sample.memory, "compute_ns": sample.compute], timeNs: sample.time)
    #expect(bound.class == sample.name)
    #expect(abs(try #require(bound.evidence["margin"]) - sample.margin) < 1e-12)
    #expect(bound.confidence == sample.confidence)
  }

  @Test func noWorkIsLatencyWithoutAMargin() {
    let bound = Roofline.bound(evidence: ["memory_ns": 0, "compute_ns": 0], timeNs: 100)
    #expect(bound.class == .latency)
    #expect(bound.evidence["margin"] == nil)
    #expect(bound.confidence == "high")
  }
}
