import Profiling
import TestSupport
import Testing

@Suite struct DiffTests {
  @Test func againstItselfNothingDiffers() {
    let record = SampleRecords.deepspeech()
    let diff = Diff(baseline: record, candidate: record, paired: true)
    #expect(diff.comparable == Comparability(verdict: .comparable, reasons: []))
    #expect(diff.endToEnd?.verdict == .equivalent)
    #expect(diff.endToEnd?.percent == 0)
    #expect(diff.layers.allSatisfy { $0.difference.verdict == .equivalent })
    #expect(diff.layers.allSatisfy { $0.explanation == nil })
    #expect(diff.layers.count == record.layers.count)
    let independent = Diff(baseline: record, candidate: record)
    #expect(independent.endToEnd?.percent == 0)
    #expect(independent.layers.allSatisfy { $0.difference.pAdjusted == 1 })
  }

  @Test func fivePercentSlower() throws {
    let diff = Diff(
      baseline: SampleRecords.deepspeech(), candidate: SampleRecords.remeasured(slowdown: 1.05))
    let whole = try #require(diff.endToEnd)
    #expect(whole.verdict == .slower)
    #expect(try #require(whole.interval).contains(5))
    #expect(try #require(whole.p) < 1e-6)
    #expect(diff.layers.allSatisfy { $0.difference.verdict == .slower })
    let explanations = Set(diff.layers.map { $0.explanation ?? "" })
    #expect(explanations == ["same FLOP and bytes, same implementation"])
  }

  @Test func probabilitiesAreCorrectedForTheLayers() throws {
    let diff = Diff(
      baseline: SampleRecords.deepspeech(), candidate: SampleRecords.remeasured(slowdown: 1.001))
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
    #expect(rnn.difference.verdict == .faster)
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
    #expect(whole.ci95 == nil)
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
    #expect(diff.layers.allSatisfy { $0.difference == Difference(verdict: .undecided) })
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

  @Test func pairedSamplesSeeSmallDifferences() throws {
    // The same noise on both sides: only pairs can tell 2 %.
    let baseline = SampleRecords.deepspeech()
    var candidate = baseline
    let samples = try #require(baseline.endToEnd).time.samples
    let noisy = samples.enumerated().map { $1 * (1 + Double($0 % 7) * 0.05) }
    var first = baseline
    first.endToEnd?.time = TimeSummary(samples: noisy)
    candidate.endToEnd?.time = TimeSummary(
      samples: noisy.enumerated().map { $1 * (1.02 + Double($0 % 3) * 0.0001) })
    let paired = try #require(Diff(baseline: first, candidate: candidate, paired: true).endToEnd)
    let unpaired = try #require(Diff(baseline: first, candidate: candidate).endToEnd)
    #expect(paired.verdict == .slower)
    #expect(unpaired.verdict == .undecided)
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
