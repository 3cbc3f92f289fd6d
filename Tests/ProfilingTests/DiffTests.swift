import Profiling
import TestSupport
import Testing

@Suite struct DiffTests {
  @Test func againstItselfNothingDiffers() {
    let record = SampleRecords.deepspeech()
    let diff = Diff(baseline: record, candidate: record, paired: true)
    #expect(diff.comparable == Comparability(verdict: .comparable, reasons: []))
    // One process a side: not even that nothing differs can be told.
    #expect(diff.endToEnd?.verdict == .undecided)
    #expect(diff.endToEnd?.percent == 0)
    #expect(diff.layers.allSatisfy { $0.difference.verdict == .undecided })
    #expect(diff.layers.allSatisfy { $0.explanation == nil })
    #expect(diff.layers.count == record.layers.count)
    let processes = ScriptedProcesses().record([1, 1.002, 0.998, 1.001])
    let independent = Diff(baseline: processes, candidate: processes)
    #expect(independent.endToEnd?.percent == 0)
    #expect(independent.layers.allSatisfy { $0.difference.pAdjusted == 1 })
  }

  @Test func fivePercentSlower() throws {
    let script = ScriptedProcesses()
    let diff = Diff(
      baseline: script.record([0.999, 1, 1.001, 1.002, 0.998, 1.0005, 0.9995, 1.003]),
      candidate: script.record([1.049, 1.05, 1.051, 1.052, 1.048, 1.0505, 1.0495, 1.053]))
    let whole = try #require(diff.endToEnd)
    #expect(whole.verdict == .slower)
    #expect(try #require(whole.interval).contains(5))
    // Complete separation of 8 and 8: 2 / C(16, 8).
    #expect(abs(try #require(whole.p) - 2.0 / 12_870) < 1e-9)
    #expect(diff.layers.allSatisfy { $0.difference.verdict == .slower })
    let explanations = Set(diff.layers.map { $0.explanation ?? "" })
    #expect(explanations == ["same FLOP and bytes, same implementation"])
  }

  @Test func probabilitiesAreCorrectedForTheLayers() throws {
    let script = ScriptedProcesses()
    let diff = Diff(
      baseline: script.record([1, 1.01, 0.99, 1.02]), candidate: script.record([1.001, 1, 1.02, 1]))
    for row in diff.layers {
      let p = try #require(row.difference.p)
      #expect(try #require(row.difference.pAdjusted) >= p)
    }
  }

  @Test func variantIsAlignedAndExplained() throws {
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())
    #expect(
      diff.layers.map(\.change) == [
        .resized, .renamed, .removed, .resized, .resized, .added, .resized,
      ])
    let rnn = diff.layers[3]
    #expect(
      rnn.explanation
        == "output 16x1x4096 → 16x1x3072, 44 % fewer FLOP and bytes, same implementation")
    #expect(rnn.flops?.candidate == 1_208_451_072)
    #expect(rnn.difference.verdict == .faster && rnn.difference.percent ?? 0 < -40)
    let removed = diff.layers[2]
    #expect(removed.candidate == nil)
    #expect(removed.difference.candidateNs == nil)
    #expect(removed.difference.percent == nil)
    #expect(removed.difference.verdict == .removed)
    #expect(diff.layers[5].difference.verdict == .added)
  }

  @Test func tooFewSamplesDecideNothing() throws {
    let diff = Diff(
      baseline: SampleRecords.deepspeech(), candidate: SampleRecords.interrupted())
    let whole = try #require(diff.endToEnd)
    #expect(whole.verdict == .undecided)
    #expect(try #require(whole.interval).contains(0))
    #expect(whole.percent != nil)
    #expect(diff.comparable.verdict == .caution)
    #expect(diff.comparable.reasons == ["the candidate was interrupted"])
    #expect(diff.layers[5].difference.percent == nil)
  }

  @Test func shownTopologiesCompareWithoutTimes() {
    let diff = Diff(
      baseline: SampleRecords.deepspeechShown(),
      candidate: SampleRecords.deepspeechShown(hidden: 512))
    #expect(diff.endToEnd == nil)
    #expect(diff.layers.allSatisfy { $0.difference == Difference(verdict: .notMeasured) })
    #expect(
      diff.layers[1].explanation
        == "output 16x1x2048 → 16x1x512, 94 % fewer FLOP, 93 % fewer bytes, same implementation")
  }

  @Test func machinesAndOptionsDiffer() {
    let baseline = SampleRecords.deepspeech()
    var candidate = baseline
    candidate.options.threads = 1
    candidate.options.precision = "bf16"
    candidate.options.fusion = false
    var diff = Diff(baseline: baseline, candidate: candidate)
    #expect(diff.comparable.verdict == .caution)
    #expect(
      diff.comparable.reasons == [
        "threads: 2 against 1", "precision: f32 against bf16", "fusion: on against off",
      ])
    candidate.machine.cpu = "another"
    candidate.machine.onednn?.version = "3.2"
    diff = Diff(baseline: baseline, candidate: candidate)
    #expect(diff.comparable.verdict == .notComparable)
    #expect(
      diff.comparable.reasons.prefix(2) == [
        "CPU: AMD EPYC 9R45 against another", "oneDNN: 2.6.3 against 3.2",
      ])
  }

  @Test func pairsCancelDriftButNotWhatProcessesDifferBy() throws {
    // Both drift by a third together; the candidate takes 20 % more.
    let known = ProcessSpread(percent: 1, degrees: 50, processes: 51, source: .measured)
    var sides = [SampleRecords.deepspeech(), SampleRecords.deepspeech()]
    for (place, factor) in [1, 1.2].enumerated() {
      let samples = (0..<20).map { 5e7 * factor * (1 + Double($0) / 60) }
      sides[place].endToEnd?.time = TimeSummary(samples: samples)
      sides[place].endToEnd?.processSpread = known
    }
    let paired = try #require(Diff(baseline: sides[0], candidate: sides[1], paired: true).endToEnd)
    let unpaired = try #require(Diff(baseline: sides[0], candidate: sides[1]).endToEnd)
    #expect(paired.verdict == .slower)
    let widths = [paired, unpaired].compactMap { $0.interval.map { $0.upperBound - $0.lowerBound } }
    // ±2.01 · √2 · 1 % of 120 stays, however alike the pairs are.
    #expect(widths[0] > 6.5 && widths[1] > 1.5 * widths[0], "\(widths)")
  }

  @Test func precisionAndImplementationAreExplained() {
    let baseline = SampleRecords.deepspeech()
    var candidate = baseline
    candidate.layers[0].precision = "bf16"
    candidate.layers[0].primitives[0].implementation = "brgemm:avx512_core_bf16"
    candidate.layers[0].bound?.class = .core
    let row = Diff(baseline: baseline, candidate: candidate).layers[0]
    #expect(
      row.explanation
        == "same FLOP and bytes, f32 → bf16, brgemm:avx512_core → brgemm:avx512_core_bf16, "
        + "bound: balanced → core")
  }

  @Test func roundTrip() throws {
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())
    let bytes = RecordCoding.encode(diff)
    #expect(try RecordCoding.decodeDiff(bytes) == diff)
    #expect(RecordCoding.encode(try RecordCoding.decodeDiff(bytes)) == bytes)
  }
}
