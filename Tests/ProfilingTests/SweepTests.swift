import Foundation
import Profiling
import TestSupport
import Testing

@Suite struct SweepTests {
  private static let axes = [
    SweepAxis(kind: .param, name: "a", values: ["1", "2"]),
    SweepAxis(kind: .batch, name: "batch", values: ["1", "4", "8"]),
  ]

  @Test func gridAndOneAtATime() {
    let grid = SweepPlan(axes: Self.axes, mode: .grid, rounds: 1, arguments: [])
    #expect(
      grid.settings == [
        ["1", "1"], ["1", "4"], ["1", "8"], ["2", "1"], ["2", "4"], ["2", "8"],
      ])
    let single = SweepPlan(axes: Self.axes, mode: .oneAtATime, rounds: 1, arguments: [])
    #expect(single.settings == [["1", "1"], ["2", "1"], ["1", "4"], ["1", "8"]])
  }

  @Test(arguments: [
    ("parameters<=10M", 10e6, "parameters"), ("latency < 5ms", 5e6, "latency"),
    ("memory<1.5GiB", 1_610_612_736.0, "memory"), ("batch=4", 4.0, "batch"),
    ("throughput>=2k", 2000.0, "throughput"),
  ])
  func constraints(text: String, limit: Double, subject: String) throws {
    let constraint = try #require(SweepConstraint(text))
    #expect(constraint.limit == limit && constraint.subject == subject)
  }

  @Test(arguments: [
    "", "latency", "latency<", "<5", "latency<5parsec", "latency<-5", "x<=1e", "a=b",
  ])
  func noConstraints(text: String) { #expect(SweepConstraint(text) == nil) }

  @Test(
    "a time or a size needs its unit, a number has none",
    arguments: [
      ("latency<5", "needs a unit, like latency<5ms"), ("latency<5M", "needs a unit"),
      ("latency<5MB", "needs a unit"), ("memory<=500", "needs a unit, like memory<=500MB"),
      ("memory<5ms", "needs a unit"), ("bytes<1G", "needs a unit"),
      ("parameters<5ms", "has no unit 'ms'"), ("throughput>100s", "has no unit 's'"),
      ("width<5kB", "has no unit 'kB'"),
    ])
  func wrongUnits(text: String, reason: String) throws {
    let constraint = try #require(SweepConstraint(text))
    #expect(constraint.fault(axes: ["width"])?.contains(reason) == true)
  }

  @Test(arguments: [
    "latency<5ms", "latency<0.5 s", "latency>=20us", "memory<1GiB", "bytes<=20MB", "parameters<10M",
    "throughput>1k", "macs<=3", "width>=512",
  ])
  func rightUnits(text: String) throws {
    #expect(try #require(SweepConstraint(text)).fault(axes: ["width"]) == nil)
  }

  /// A param may be called `latency`; its values are numbers.
  @Test func axesHaveNoUnits() throws {
    #expect(try #require(SweepConstraint("latency<5")).fault(axes: ["latency"]) == nil)
    #expect(try #require(SweepConstraint("latency<5ms")).fault(axes: ["latency"]) != nil)
  }

  @Test func constraintsHold() throws {
    let sweep = SampleRecords.sweep()
    func holds(_ text: String, _ index: Int) throws -> Bool? {
      try #require(SweepConstraint(text)).holds(for: sweep.points[index], axes: sweep.plan.axes)
    }
    // Point 0 has 512² · 4 = 1,048,576 parameters.
    #expect(try holds("parameters<=1048576", 0) == true)
    #expect(try holds("parameters<1048576", 0) == false)
    #expect(try holds("hidden>512", 0) == false)
    #expect(try holds("batch>=4", 1) == true)
    #expect(try holds("latency<1s", 11) == nil)
  }

  @Test func theBestIsSureWhenOthersAreFar() throws {
    let best = try #require(SampleRecords.sweep().analysis?.best)
    #expect(best.index == 0 && best.contenders.isEmpty)
    #expect(best.probability == 1)
    let second = try #require(best.runnerUp)
    #expect(second.index == 1)
    let percent = try #require(second.percent)
    #expect((24.0...30.5).contains(percent))
    #expect(try #require(second.pAdjusted) < 0.05)
    let throughput = try #require(SampleRecords.sweep(objective: .throughput).analysis?.best)
    #expect(throughput.index == 3)
    let memory = try #require(SampleRecords.sweep(objective: .memory).analysis?.best)
    #expect(memory.index == 0 && memory.probability == nil && memory.runnerUp?.pAdjusted == nil)
    #expect(SampleRecords.sweep(objective: nil).analysis?.best == nil)
  }

  @Test func theBestOfEqualsIsNotSure() throws {
    var sweep = SampleRecords.sweep()
    let times = (0..<6).map { 100 + Double($0) }
    sweep.points[0].latency = TimeSummary(samples: times)
    sweep.points[4].latency = TimeSummary(samples: times.map { $0 + 0.5 })
    let best = try #require(SweepAnalysis(sweep).best)
    #expect(best.index == 0 && best.contenders == [4])
    #expect((0.5...0.95).contains(try #require(best.probability)))
    // Three processes a point cannot tell anything, however far apart they are.
    let few = try #require(SampleRecords.sweep(samples: 3).analysis?.best)
    #expect(few.contenders.isEmpty && few.needs == 4 && few.probability == nil)
    #expect(few.runnerUp == nil)
  }

  @Test func nothingQualifies() {
    var sweep = SampleRecords.sweep()
    sweep.plan.constraints = [SweepConstraint("parameters>1T")].compactMap(\.self)
    #expect(SweepAnalysis(sweep).best == nil)
  }

  @Test func frontHoldsTheMostParametersForTheLatency() {
    // The fastest of each width, narrow to wide.
    #expect(SampleRecords.sweep().analysis?.pareto == [0, 4, 8])
  }

  @Test func scalingOverBatch() throws {
    let analysis = try #require(SampleRecords.sweep().analysis)
    let line = try #require(analysis.scaling.first { $0.axis == "batch" && $0.points[0] == 0 })
    #expect(line.points == [0, 1, 2, 3])
    let speedup = try #require(line.speedup)
    // b · 1.1 / (1 + 0.1 · b)
    let expected: [Double] = [1, 3.143, 6.769, 9.514]
    for (value, truth) in zip(speedup, expected) { #expect(abs(value - truth) < 0.03 * truth) }
    let efficiency = try #require(line.efficiency)
    let batches: [Double] = [1, 4, 16, 64]
    for (place, batch) in batches.enumerated() {
      #expect(abs(efficiency[place] * batch - speedup[place]) < 1e-9)
    }
    #expect(line.knee == 16)
    let widths = try #require(analysis.scaling.first { $0.axis == "hidden" })
    #expect(widths.speedup == nil && widths.points == [0, 4, 8])
    #expect(analysis.scaling.count == 7)
  }

  @Test func roundTrip() throws {
    let sweep = SampleRecords.sweep()
    let bytes = RecordCoding.encode(sweep)
    #expect(try RecordCoding.decodeSweep(bytes) == sweep)
    let text = String(decoding: bytes, as: UTF8.self)
    let cut = text.replacing("\"settings\": [\"512\", \"1\"]", with: "\"settings\": [\"512\"]")
    #expect(cut != text)
    #expect(throws: RecordError.self) { try RecordCoding.decodeSweep(Array(cut.utf8)) }
  }

  @Test func pointsCollectProcesses() throws {
    var point = SweepPoint(index: 0, settings: [])
    for slowdown in [1, 1.1, 1.2] { point.add(SampleRecords.remeasured(slowdown: slowdown)) }
    let time = try #require(point.latency)
    #expect(time.count == 3 && time.samples == time.samples.sorted())
    #expect(point.peakMemoryBytes == 612_000_000 && point.firstInferenceNs == 312_000_000)
  }

  /// A process that takes `slowdown` as long, of whose samples some were disturbed.
  private func process(_ slowdown: Double, disturbed: Int = 0) -> RunRecord {
    var record = ScriptedProcesses().process(slowdown)
    record.endToEnd?.disturbance = Disturbance(
      pairs: 20, disturbed: disturbed, kept: disturbed, stolenShare: 0)
    return record
  }

  @Test func disturbedProcessesAreReplaced() throws {
    var point = SweepPoint(index: 0, settings: [])
    for slowdown in [1, 1.01, 1.02] { point.add(process(slowdown)) }
    point.add(process(1.5, disturbed: 12))
    #expect(point.disturbed == [3] && point.soundProcesses == 3 && !point.isSound)
    // Worse than what is to be replaced, better but disturbed, and clean at last.
    point.add(process(1.6, disturbed: 12), replacing: true)
    point.add(process(1.4, disturbed: 12), replacing: true)
    #expect(point.disturbed == [3] && point.latency?.count == 4)
    point.add(process(1.03), replacing: true)
    #expect(point.disturbed == nil && point.isSound)
    #expect(try #require(point.latency?.samples.max()) < 1.04 * (point.latency?.min ?? 0))
    // The hypervisor says nothing, and a process takes 400 times as long.
    point.add(process(400))
    #expect(point.disturbed == [4] && !point.isSound)
  }

  @Test func nothingFollowsFromDisturbedPointsOrSingleProcesses() throws {
    var sweep = SampleRecords.sweep()
    sweep.points[0].latency = TimeSummary(samples: [1e6, 2e9, 1e6, 1e6, 1e6, 1e6])
    sweep.points[0].disturbed = [1]
    var analysis = SweepAnalysis(sweep)
    #expect(analysis.best?.needs == 4 && analysis.best?.contenders == [])
    #expect(!analysis.pareto.contains(0))
    let line = try #require(analysis.scaling.first { $0.axis == "batch" && $0.points.first == 1 })
    #expect(line.speedup == nil && line.efficiency == nil)
    analysis = SweepAnalysis(SampleRecords.sweep(samples: 1))
    #expect(analysis.scaling.isEmpty && analysis.pareto.isEmpty)
    #expect(analysis.best?.needs == 4 && analysis.best?.probability == nil)
  }
}

@Suite struct ComparisonTests {
  @Test func correctsOverAllCandidates() throws {
    let baseline = SampleRecords.deepspeech()
    let others = [SampleRecords.remeasured(slowdown: 1.004), SampleRecords.variant()]
    let comparison = Comparison(baseline: baseline, candidates: others)
    let alone = others.map { Diff(baseline: baseline, candidate: $0) }
    let raw = comparison.diffs.flatMap(\.layers).compactMap(\.difference.p)
    let adjusted = comparison.diffs.flatMap(\.layers).compactMap(\.difference.pAdjusted)
    #expect(adjusted == Holm.adjust(raw))
    #expect(raw == alone.flatMap(\.layers).compactMap(\.difference.p))
    let wholes = comparison.diffs.compactMap(\.endToEnd?.p)
    #expect(comparison.diffs.compactMap(\.endToEnd?.pAdjusted) == Holm.adjust(wholes))
    #expect(Comparison(baseline: baseline, candidates: [others[1]]).diffs == [alone[1]])
  }

  @Test func roundTrip() throws {
    let comparison = SampleRecords.comparison()
    #expect(
      try RecordCoding.decodeComparison(RecordCoding.encode(comparison)) == comparison)
  }
}

@Suite struct ProcessMergeTests {
  @Test func samplesAreMediansAndPartsAddUp() throws {
    let parts = (0..<5).map {
      SampleRecords.remeasured(slowdown: 1 + 0.01 * Double(($0 * 3) % 5))
    }
    let merged = RunRecord.merging(processes: parts)
    #expect(merged.options.processes == 5)
    #expect(merged.endToEnd?.time.samples == parts.compactMap(\.endToEnd?.time.median))
    #expect(merged.layers[3].time?.samples == parts.compactMap(\.layers[3].time?.median))
    let layers = merged.layers.compactMap(\.time?.mean).reduce(0, +)
    let rest = try #require(merged.unattributed?.time.mean)
    let pass = try #require(merged.timedPass?.time.mean)
    #expect(abs((layers + rest) / pass - 1) < 1e-12)
    let shares = merged.layers.compactMap(\.share).reduce(0, +) + (merged.unattributed?.share ?? 0)
    #expect(abs(shares - 1) < 1e-12)
  }

  @Test func unmeasuredProcessesDoNotCount() {
    let shown = SampleRecords.deepspeechShown()
    #expect(RunRecord.merging(processes: [shown]).options.processes == nil)
    let merged = RunRecord.merging(processes: [shown, SampleRecords.deepspeech()])
    #expect(merged.options.processes == 1)
  }

  @Test func eightEqualProcessesDifferNowhere() {
    let diff = Diff(baseline: SampleRecords.processes(8), candidate: SampleRecords.processes(8))
    #expect(diff.processes == 8 && !diff.paired)
    #expect(diff.layers.allSatisfy { $0.difference.pAdjusted == 1 })
    var slower = RunRecord.merging(
      processes: (0..<8).map { _ in SampleRecords.remeasured(slowdown: 1.3) })
    var baseline = SampleRecords.processes(8)
    baseline.options.rounds = "one"
    slower.options.rounds = "one"
    let found = Diff(baseline: baseline, candidate: slower)
    #expect(found.endToEnd?.verdict == .slower)
  }

  @Test func processesAndPassesAreComparedWithCare() {
    let diff = Diff(baseline: SampleRecords.processes(4), candidate: SampleRecords.deepspeech())
    #expect(diff.comparable.verdict == .caution && diff.processes == nil)
    #expect(diff.comparable.reasons == ["samples: whole processes against passes of one process"])
    var fast = SampleRecords.deepspeech()
    fast.machine.rooflines?.clockHz *= 1.1
    let clocks = Diff(baseline: SampleRecords.deepspeech(), candidate: fast)
    #expect(clocks.comparable.reasons == ["core clock: 4520 MHz against 4972 MHz"])
  }
}

@Suite struct PoissonQueueTests {
  @Test func arrivalsAreAsManyAsTheRateSays() {
    let times = PoissonQueue.arrivals(rate: 200, seconds: 50, seed: 3)
    #expect((9700...10_300).contains(times.count))
    #expect(times == times.sorted())
    // Exponential gaps: as many below the mean's ln 2 as above.
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    let below = gaps.count { $0 < 0.005 * 0.6931 }
    #expect(abs(Double(below) / Double(gaps.count) - 0.5) < 0.02)
    #expect(times == PoissonQueue.arrivals(rate: 200, seconds: 50, seed: 3))
    #expect(times != PoissonQueue.arrivals(rate: 200, seconds: 50, seed: 4))
  }

  /// M/M/1: time in the system is exponential with rate μ − λ, so p99 = ln 100 / (μ − λ).
  @Test func exponentialService() {
    let service = (1...2000).map { -log1m((Double($0) - 0.5) / 2000) * 0.001 }
    let rate = PoissonQueue.rate(service: service, bound: 0.02, seed: 5)
    let expected = 1000 - 4.605 / 0.02
    #expect(abs(rate / expected - 1) < 0.12, "\(rate), expected \(expected)")
    #expect(PoissonQueue.rate(service: [0.01], bound: 0.001, seed: 1) == 0)
    #expect(PoissonQueue.rate(service: [], bound: 1, seed: 1) == 0)
  }

  private func log1m(_ x: Double) -> Double { log(1 - x) }
}
