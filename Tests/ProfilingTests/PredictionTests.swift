import Foundation
import TestSupport
import Testing

@testable import Profiling

/// Predictions from a record and roofs.
@Suite("Predictions") struct PredictionTests {
  @Test func equalRoofsGiveEqualTimes() throws {
    let record = PredictionSpecimens.record()
    let made = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record))
    for ratio in PredictionSpecimens.ratios(made) { #expect(abs(ratio - 1) < 1e-9) }
    #expect(made.layers.allSatisfy { $0.method == .roofs })
    #expect(abs(made.whole.ns - 1_503_000) < 1 && abs(made.restNs) < 1e-6)
    #expect(made.whole.ci95[0] < made.whole.ns && made.whole.ns < made.whole.ci95[1])
    #expect(made.model.pairs == 0 && made.model.errorPercent == nil)
    #expect(abs((made.shares["roofs"] ?? 0) - 1) < 1e-9)
  }

  @Test("each layer goes with the roof that limits it; what neither explains stays")
  func limits() throws {
    let record = PredictionSpecimens.record()
    let peak = PredictionSpecimens.ratios(
      try PredictionSpecimens.predict(
        record, for: PredictionSpecimens.machine(like: record, peak: 2)))
    #expect(abs(peak[0] - 0.5) < 0.01 && peak[1] > 0.99 && peak[2] > 0.95)
    let bandwidth = PredictionSpecimens.ratios(
      try PredictionSpecimens.predict(
        record, for: PredictionSpecimens.machine(like: record, bandwidth: 0.5)))
    #expect(bandwidth[0] < 1.01 && abs(bandwidth[1] - 2) < 0.01 && bandwidth[2] < 1.1)
    let both = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, peak: 0.25, bandwidth: 0.25))
    #expect(abs(PredictionSpecimens.ratios(both)[0] - 4) < 0.05 && both.layers[0].limit == .core)
    #expect(both.layers[1].limit == .memory && both.layers[2].limit == .latency)
  }

  @Test("narrower vectors lengthen the arithmetic, and not what is lost beside it")
  func narrowerVectors() throws {
    let record = PredictionSpecimens.record()
    let file = PredictionSpecimens.machine(like: record, peak: 0.5, isa: "avx2")
    let made = try PredictionSpecimens.predict(record, for: file)
    let (here, there) = (made.layers[0].sourceRoof, made.layers[0].targetRoof)
    let roofs = try #require(here.map { ($0.computeNs, there?.computeNs ?? 0) })
    #expect(abs(roofs.1 - 2 * roofs.0) < 1)
    // 1 ms here, 0.9 ms of it arithmetic: 1.9 ms there, where carrying the proportion over would give 2 ms.
    #expect(abs((made.layers[0].predicted?.ns ?? 0) - 1.9e6) < 5e3)
    // With the same vectors the proportion stays.
    let same = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, peak: 0.5))
    #expect(abs((same.layers[0].predicted?.ns ?? 0) - 2e6) < 5e3)
    // What is lost goes with the clock.
    var slow = file
    slow.machine.rooflines?.clockHz /= 2
    #expect(
      abs((try PredictionSpecimens.predict(record, for: slow).layers[0].predicted?.ns ?? 0) - 2e6)
        < 5e3)
  }

  @Test("a median that neighbours left uncertain widens the interval, and not without bound")
  func disturbedSource() throws {
    var record = PredictionSpecimens.record()
    let quiet = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record)
    ).whole
    // Another program held a layer for 400 ms.
    record.layers[0].time?.ci95 = [1e6, 4e8]
    let made = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record)
    ).whole
    #expect(made.ci95[1] / made.ns > 2 * quiet.ci95[1] / quiet.ns)
    #expect(made.ci95[1] / made.ns < 400)
  }

  @Test("plain loops go with the clock, not with the width of vectors")
  func plainLoops() throws {
    var record = PredictionSpecimens.record()
    record.layers[0].primitives[0].kind = "host"
    let made = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, peak: 0.25))
    #expect(abs(PredictionSpecimens.ratios(made)[0] - 1) < 1e-9)
    var slow = PredictionSpecimens.machine(like: record)
    slow.machine.rooflines?.clockHz /= 2
    #expect(
      abs(PredictionSpecimens.ratios(try PredictionSpecimens.predict(record, for: slow))[0] - 2)
        < 0.01)
  }

  @Test("Winograd's algorithm gives way to the direct one where the library has it not")
  func winograd() throws {
    var record = PredictionSpecimens.record(implementation: "jit_wino_4x3:avx512_core")
    // It executes a quarter of the operations.
    record.layers[0].bound = Bound(
      class: .core, method: .roofline, confidence: "high",
      evidence: ["compute_ns": 225_000, "peak_gflops": 100, "memory_ns": 0])
    record.layers[0].time = TimeSummary(samples: Array(repeating: 300_000, count: 8))
    let wide = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record))
    #expect(abs((wide.layers[0].ratio ?? 0) - 1) < 1e-9)
    let narrow = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, isa: "avx2"))
    #expect((narrow.layers[0].predicted?.ns ?? 0) > 900_000)
    #expect(narrow.unknown.contains { $0.contains("Winograd") })
    // What a search found of the direct algorithm is better than any rule.
    record.layers[0].primitives[0].time = record.layers[0].time
    record.layers[0].primitives[0].alternatives = [
      Alternative(implementation: "jit:avx512_core", algorithm: "convolution_direct", time: 1.5e6)
    ]
    let tried = try PredictionSpecimens.predict(
      record, for: PredictionSpecimens.machine(like: record, isa: "avx2"))
    #expect(abs((tried.layers[0].predicted?.ns ?? 0) - 1.5e6) < 1e3)
  }

  @Test("what stands between layers goes with the clock; what timing adds goes with them")
  func rest() throws {
    var record = PredictionSpecimens.record()
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: 1_603_000, count: 8))
    var file = PredictionSpecimens.machine(like: record, peak: 2, bandwidth: 2)
    file.machine.rooflines?.clockHz *= 2
    #expect(abs(try PredictionSpecimens.predict(record, for: file).restNs - 50_000) < 1)
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: 1_352_700, count: 8))
    let made = try PredictionSpecimens.predict(record, for: file)
    #expect(abs(made.restNs / (made.whole.ns - made.restNs) + 0.1) < 1e-9)
  }
}
