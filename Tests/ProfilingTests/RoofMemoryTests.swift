import Foundation
import Profiling
import TestSupport
import Testing

/// Roofs by hand-off, and what may replace what.
@Suite struct RoofMemoryTests {
  private func roofs(
    _ gflops: Double, handOff: Double? = 60, memory: Double = 40, clock: Double = 3.6e9,
    threads: Int = 2
  ) -> Rooflines {
    var roofs = Rooflines(
      peakFlops: .init(f32: gflops * 1e9),
      bandwidth: [.init(bytes: 1 << 20, gbs: 400), .init(bytes: 1 << 28, gbs: memory)],
      clockHz: clock, threads: threads)
    roofs.handOffNs = handOff.map { [$0] }
    return roofs
  }

  @Test func lowerOnesWaitUntilTheyAreFoundAgain() {
    // The incident: 226 GFLOP/s at 3.66 GHz were replaced by 124 at 3.32.
    var memory = RoofMemory()
    #expect(memory.admit(roofs(226, clock: 3.66e9)).peakFlops.f32 == 226e9)
    #expect(memory.admit(roofs(124, clock: 3.32e9)).peakFlops.f32 == 226e9)
    #expect(memory.roofs(handOff: 60)?.peakFlops.f32 == 226e9)
    // Another low one, but not the same: it waits in the place of the first.
    #expect(memory.admit(roofs(160)).peakFlops.f32 == 226e9)
    // Found again within 10 %: the machine is another one now.
    #expect(memory.admit(roofs(170)).peakFlops.f32 == 170e9)
    #expect(memory.roofs(handOff: 60)?.peakFlops.f32 == 170e9)
    #expect(memory.entries.count == 1)
  }

  @Test func aGoodOneInBetweenForgetsTheLowOne() {
    var memory = RoofMemory()
    _ = memory.admit(roofs(226))
    _ = memory.admit(roofs(124))
    _ = memory.admit(roofs(228))
    #expect(memory.admit(roofs(124)).peakFlops.f32 == 228e9)
  }

  @Test func nearOnesKeepTheBetterOfEachPoint() throws {
    var memory = RoofMemory()
    _ = memory.admit(roofs(226, memory: 30))
    let used = memory.admit(roofs(215, memory: 45, clock: 3.5e9))
    #expect(used.peakFlops.f32 == 226e9)
    #expect(used.bandwidth.last?.gbs == 45)
    #expect(used.clockHz == 3.5e9)
    // A narrower precision that fell behind is lower, too.
    var narrow = roofs(230)
    narrow.peakFlops.int8 = 900e9
    _ = memory.admit(narrow)
    narrow.peakFlops.int8 = 400e9
    #expect(memory.admit(narrow).peakFlops.int8 == 900e9)
  }

  @Test func eachPlacementOfTheThreadsHasItsOwn() {
    var memory = RoofMemory()
    _ = memory.admit(roofs(226, handOff: 62, memory: 56))
    #expect(memory.roofs(handOff: 350) == nil)
    // 3.6 times as long: another placement, whose lower roofs replace nothing.
    #expect(memory.admit(roofs(180, handOff: 350, memory: 25)).peakFlops.f32 == 180e9)
    #expect(memory.roofs(handOff: 75)?.bandwidth.last?.gbs == 56)
    #expect(memory.roofs(handOff: 335)?.bandwidth.last?.gbs == 25)
    // Within a factor of two of two of them the nearer one counts.
    _ = memory.admit(roofs(200, handOff: 140, memory: 33))
    #expect(memory.entries.count == 3)
    #expect(memory.roofs(handOff: 90)?.bandwidth.last?.gbs == 56)
    #expect(memory.roofs(handOff: 100)?.bandwidth.last?.gbs == 33)
  }

  @Test(arguments: [
    (58.0, 79.0, true), (60, 119.9, true), (60, 120.1, false), (335, 79, false), (370, 335, true),
  ])
  func placementsDifferByAFactorOfTwo(first: Double, second: Double, same: Bool) {
    #expect(RoofMemory.isSamePlacement(first, second) == same)
    #expect(RoofMemory.isSamePlacement(second, first) == same)
  }

  @Test func oneThreadHasNoHandOff() {
    var memory = RoofMemory()
    _ = memory.admit(roofs(118, handOff: nil, threads: 1))
    #expect(memory.roofs(handOff: nil)?.threads == 1)
    #expect(memory.entries.count == 1)
  }

  @Test func doubtfulOnesAreUsedOnceAndKeptWhenFoundAgain() {
    var memory = RoofMemory()
    #expect(memory.admit(roofs(119), isDoubtful: true).peakFlops.f32 == 119e9)
    #expect(memory.roofs(handOff: 60) == nil)
    // The next one is sound: nothing is left of the first.
    #expect(memory.admit(roofs(230)).peakFlops.f32 == 230e9)
    #expect(memory.admit(roofs(119), isDoubtful: true).peakFlops.f32 == 230e9)
    var twice = RoofMemory()
    _ = twice.admit(roofs(119), isDoubtful: true)
    _ = twice.admit(roofs(121), isDoubtful: true)
    #expect(twice.roofs(handOff: 60)?.peakFlops.f32 == 121e9)
  }

  @Test func layersRaiseWhatIsKept() {
    var memory = RoofMemory()
    _ = memory.admit(roofs(124))
    memory.raise(to: .init(f32: 226e9), handOff: 64)
    #expect(memory.roofs(handOff: 60)?.peakFlops.f32 == 226e9)
    memory.raise(to: .init(f32: 200e9), handOff: 64)
    #expect(memory.roofs(handOff: 60)?.peakFlops.f32 == 226e9)
    memory.raise(to: .init(f32: 900e9), handOff: 500)
    #expect(memory.roofs(handOff: 60)?.peakFlops.f32 == 226e9)
  }

  @Test func itSurvivesTheFile() throws {
    var memory = RoofMemory()
    _ = memory.admit(roofs(226))
    _ = memory.admit(roofs(120))
    let data = try JSONEncoder().encode(memory)
    #expect(try JSONDecoder().decode(RoofMemory.self, from: data) == memory)
  }
}

@Suite struct RoofChecksTests {
  private func roofs(
    f32: Double, bf16: Double? = nil, int8: Double? = nil, registers: Double? = nil,
    threads: Int = 2
  ) -> Rooflines {
    var roofs = Rooflines(
      peakFlops: .init(f32: f32, bf16: bf16, int8: int8), bandwidth: [], clockHz: 3.66e9,
      threads: threads)
    roofs.registerFlops = registers
    return roofs
  }

  @Test func againstRegisters() {
    // The incident: 119 of 230, where two threads at 3.66 GHz with 8 lanes and two units can do 234.
    let units = 2 * 3.66e9 * 8 * 2 * 2
    #expect(RoofChecks.contradictions(in: roofs(f32: 119e9, registers: units)).count == 1)
    #expect(RoofChecks.contradictions(in: roofs(f32: 230e9, registers: units)).isEmpty)
    #expect(RoofChecks.contradictions(in: roofs(f32: 119e9)).isEmpty)
    // Two threads on one core: the registers have half as much.
    #expect(RoofChecks.contradictions(in: roofs(f32: 115e9, registers: 119e9)).isEmpty)
  }

  @Test func againstOtherTeams() {
    let one = roofs(f32: 115e9, registers: 118e9, threads: 1)
    #expect(!RoofChecks.contradictions(in: roofs(f32: 119e9), others: [one]).isEmpty)
    #expect(RoofChecks.contradictions(in: roofs(f32: 200e9), others: [one]).isEmpty)
    // 52 % a thread, but so have the registers.
    let shared = roofs(f32: 119e9, registers: 121e9)
    #expect(RoofChecks.contradictions(in: shared, others: [one]).isEmpty)
  }

  @Test func againstOtherPrecisions() {
    let low = RoofChecks.contradictions(in: roofs(f32: 119e9, bf16: 460e9, int8: 900e9))
    #expect(low.count == 2)
    #expect(RoofChecks.contradictions(in: roofs(f32: 230e9, bf16: 460e9, int8: 900e9)).isEmpty)
    // Matrix tiles: 16 and 32 times as much.
    #expect(
      RoofChecks.contradictions(
        in: roofs(f32: 230e9, bf16: 3e12, int8: 6e12), hasTiles: true
      ).isEmpty)
  }
}

@Suite struct RoofRepairTests {
  /// A record of one convolution that reaches `gflops` where the peak was measured as 124 GFLOP/s.
  private func record(_ gflops: Double, registers: Double? = nil) throws -> RunRecord {
    var record = SampleRecords.deepspeech()
    record.machine.rooflines?.peakFlops = .init(f32: 124e9)
    record.machine.rooflines?.registerFlops = registers
    let flops = 1e9
    let time = TimeSummary(samples: [Double](repeating: flops / gflops, count: 10))
    record.layers = [record.layers[0]]
    record.layers[0].time = time
    record.layers[0].metrics = [:]
    record.layers[0].bound = Roofline.bound(
      evidence: [
        "memory_ns": 1e5, "compute_ns": flops / 124, "peak_gflops": 124, "dispatch_ns": 1000,
      ], timeNs: time.median)
    return record
  }

  @Test func aLayerAboveThePeakRaisesIt() throws {
    let raised = try #require(RoofRepair.peaks(reachedIn: record(210)))
    #expect(abs(raised.f32 / 210e9 - 1) < 1e-9)
    #expect(try RoofRepair.peaks(reachedIn: record(120)) == nil)
  }

  @Test func notBeyondWhatRegistersDo() throws {
    #expect(try RoofRepair.peaks(reachedIn: record(210, registers: 234e9)) != nil)
    #expect(try RoofRepair.peaks(reachedIn: record(300, registers: 234e9)) == nil)
  }

  @Test func countsThatAreNotSureProveNothing() throws {
    var winograd = try record(210)
    winograd.layers[0].metrics["algorithm_flops"] = 1e9
    #expect(RoofRepair.peaks(reachedIn: winograd) == nil)
    var short = try record(210)
    short.layers[0].bound?.evidence["dispatch_ns"] = 1e6
    #expect(RoofRepair.peaks(reachedIn: short) == nil)
    var bytes = try record(210)
    bytes.layers[0].bound?.evidence["memory_ns"] = 9e6
    #expect(RoofRepair.peaks(reachedIn: bytes) == nil)
    var mixed = try record(210)
    mixed.layers[0].bound?.evidence["peak_gflops"] = 160
    #expect(RoofRepair.peaks(reachedIn: mixed) == nil)
    var copy = try record(210)
    copy.layers[0].macs = 0
    #expect(RoofRepair.peaks(reachedIn: copy) == nil)
  }
}

@Suite struct RoofsBesideRunTests {
  private let calibrated = Rooflines(
    peakFlops: .init(f32: 1e11),
    bandwidth: [.init(bytes: 10, gbs: 500, copyGbs: 300), .init(bytes: 20, gbs: 60, copyGbs: 50)],
    clockHz: 3e9, threads: 2)

  private func curve(_ first: Double, _ last: Double, copy: Double) -> [Rooflines.Bandwidth] {
    [.init(bytes: 10, gbs: first, copyGbs: copy), .init(bytes: 20, gbs: last, copyGbs: copy / 6)]
  }

  @Test func theCurveOfTheRunCounts() {
    var found = RoofsBesideRun()
    #expect(found.roofs(calibrated: calibrated) == calibrated)
    found.curves = [curve(400, 30, copy: 240), curve(440, 20, copy: 252), curve(100, 99, copy: 6)]
    found.memory = [22, 24, 60]
    found.handOffs = [340, 350]
    let roofs = found.roofs(calibrated: calibrated)
    #expect(roofs.bandwidth.map(\.gbs) == [400, 24])
    // 40 GB/s of copying where reading gave 30, which gave 24 in the middle.
    #expect(roofs.bandwidth.map(\.copyGbs) == [240, 32])
    #expect(roofs.memoryGbs == [22, 24, 60])
    #expect(roofs.peakFlops == calibrated.peakFlops)
    #expect(roofs.handOff == 345)
    // What a warm layer is held against is what is drawn.
    #expect(roofs.memory(cold: false) == .init(gbs: 24, copyGbs: 32))
  }

  @Test func aRepeatedCurveRaises() {
    var found = RoofsBesideRun()
    found.curves = [curve(400, 30, copy: 240)]
    found.memory = [25]
    found.repeated = curve(390, 50, copy: 300)
    let roofs = found.roofs(calibrated: calibrated)
    #expect(roofs.bandwidth.map(\.gbs) == [400, 50])
    #expect(roofs.bandwidth.map(\.copyGbs) == [300, 50])
    #expect(roofs.memory(cold: false)?.gbs == 50)
  }

  @Test func coldRunsHaveARoofOfFirstTouches() {
    var found = RoofsBesideRun()
    found.memory = [25]
    found.cold = [.init(gbs: 20, copyGbs: 30), .init(gbs: 24, copyGbs: 34)]
    let roofs = found.roofs(calibrated: calibrated)
    #expect(roofs.memory(cold: true) == .init(gbs: 22, copyGbs: 32))
  }
}

/// Two records whose threads lay elsewhere compare with caution.
@Suite struct PlacementComparabilityTests {
  private func record(_ handOffs: [Double]?) -> RunRecord {
    var record = SampleRecords.deepspeech()
    record.machine.rooflines?.handOffNs = handOffs
    return record
  }

  @Test func aChangedHandOffIsAReason() {
    let found = Comparability(baseline: record([60, 62, 64]), candidate: record([340, 350]))
    #expect(found.verdict == .caution)
    #expect(
      found.reasons == [
        "hand-off between threads: 62 ns against 345 ns (the host placed the CPUs elsewhere)"
      ])
  }

  @Test(arguments: [
    ([58.0], [79.0]), ([335], [369]), (nil, [60]), (nil, nil), ([60, 350, 61], [65]),
  ])
  func aSimilarOneIsNone(baseline: [Double]?, candidate: [Double]?) {
    let found = Comparability(baseline: record(baseline), candidate: record(candidate))
    #expect(found.verdict == .comparable && found.reasons.isEmpty)
  }

  @Test func processesKeepTheirHandOffs() {
    let merged = RunRecord.merging(processes: [record([60, 61, 70]), record([350]), record([62])])
    #expect(merged.machine.rooflines?.handOffNs == [61, 350, 62])
    #expect(merged.machine.rooflines?.handOff == 62)
  }
}
