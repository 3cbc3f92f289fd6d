import Profiling
import TestSupport
import Testing

@Suite struct JudgementTests {
  private let roofline = Bound(
    class: .core, method: .roofline, confidence: "high",
    evidence: ["memory_ns": 10, "compute_ns": 90, "efficiency": 0.9])

  private func judge(
    _ events: [String: Double], source: CounterSourceName = .perf, cpu: Microarchitecture? = .zen4,
    drift: Double? = nil, floor: Double? = nil
  ) -> Judgement {
    Judgement(
      JudgementInput(
        flops: 1000, trafficBytes: 100, timeNs: 100, peakFlopsPerSecond: 1e10, roofline: roofline,
        counters: CounterRecord(source: source, events: events.mapValues { .init(value: $0) }),
        cpu: cpu, drift: drift, instructionFloor: floor))
  }

  @Test func topDownGoesFirstAndTheRooflineStays() {
    let found = judge(SyntheticCounters.zen4[0].events)
    #expect(found.bound.method == .topDown)
    #expect(found.bound.class == .memory)
    #expect(found.metrics.roofline["memory_ns"] == 10)
    #expect(found.metrics.byName["roofline_compute_ns"] == 90)
    #expect(found.metrics.roofline["efficiency"] == 0.9)
    #expect(found.metrics["roof_fraction"] == 0.9)
    #expect(found.metrics["topdown_backend"] == 0.54)
  }

  @Test func withoutItsEventsTheRooflineDecides() {
    for found in [
      judge(["cycles": 1000, "instructions": 1000]),
      judge(SyntheticCounters.zen4[0].events, cpu: .zen3),
      judge(SyntheticCounters.zen4[0].events, cpu: nil),
    ] {
      #expect(found.bound == roofline)
      #expect(found.metrics.byName.keys.allSatisfy { !$0.hasPrefix("roofline_") })
      #expect(found.metrics["topdown_backend"] == nil)
    }
  }

  @Test func fractionsThatGaveNoVerdictAreShownStill() {
    var events = SyntheticCounters.zen4[0].events
    events["ex_no_retire.not_complete"] = nil
    let found = judge(events)
    #expect(found.bound == roofline)
    #expect(found.metrics["topdown_backend"] == 0.54)
    #expect(found.metrics["topdown_memory"] == nil)
  }

  @Test func fewInstructionsAreFlagged() {
    let events = SyntheticCounters.zen4[0].events  // 2.4 M instructions
    #expect(judge(events, floor: 2.4e6).metrics["below_counter_floor"] == nil)
    let low = judge(events, floor: 2.5e6)
    #expect(low.metrics["below_counter_floor"] == 1)
    #expect(low.bound.confidence == "low")
    #expect(judge(events, source: "simulated", floor: 1e9).metrics["below_counter_floor"] == nil)
    #expect(judge(["cycles": 5], floor: 1e9).metrics["below_counter_floor"] == nil)
  }

  @Test func operationsAreCompared() {
    let found = judge(["fp_ret_sse_avx_ops.all": 720])
    #expect(found.metrics["flops_measured"] == 720)
    #expect(found.metrics["flops_ratio"] == 0.72)
    #expect(judge(["cycles": 5]).metrics["flops_measured"] == nil)
    #expect(judge(["cycles": 5]).metrics["flops_ratio"] == nil)
  }

  @Test func driftIsKept() {
    #expect(judge(["cycles": 5], drift: 0.07).metrics["counter_drift"] == 0.07)
    #expect(judge(["cycles": 5]).metrics["counter_drift"] == nil)
  }
}

@Suite struct CounterChecksTests {
  @Test func driftIsTheDistanceOfMedians() {
    #expect(CounterChecks.drift(of: [100, 106, 103]) == 0.06)
    #expect(CounterChecks.drift(of: [100, 100]) == 0)
    #expect(CounterChecks.drift(of: [100]) == nil)
    #expect(CounterChecks.drift(of: []) == nil)
    #expect(CounterChecks.drift(of: [0, 100]) == nil)
  }

  @Test func doubtsAreWarnings() {
    var record = SampleRecords.deepspeech()
    #expect(CounterChecks.warnings(for: record).isEmpty)
    record.layers[0].metrics["counter_drift"] = 0.05
    #expect(CounterChecks.warnings(for: record).isEmpty)
    record.layers[1].metrics["counter_drift"] = 0.0714
    record.layers[2].metrics["counter_drift"] = 0.06
    record.layers[5].metrics["below_counter_floor"] = 1
    let found = CounterChecks.warnings(for: record)
    #expect(found.map(\.code) == ["counter-drift", "below-counter-floor"])
    #expect(found.first?.message.contains("fc2, fc3 (fc2: 7.1 %)") == true)
    #expect(found.last?.message.hasSuffix("in fc5") == true)
  }

  @Test func manyLayersAreAbridged() {
    var record = SampleRecords.large(layers: 12)
    for index in record.layers.indices { record.layers[index].metrics["below_counter_floor"] = 1 }
    let message = CounterChecks.warnings(for: record).first?.message ?? ""
    #expect(message.hasSuffix("and 7 more layers"))
  }
}
