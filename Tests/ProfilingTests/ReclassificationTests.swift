import Profiling
import TestSupport
import Testing

@Suite struct ReclassificationTests {
  @Test(arguments: [
    SyntheticCounters.zen4, SyntheticCounters.iceLake, SyntheticCounters.sapphireRapids,
    SyntheticCounters.zen5, SyntheticCounters.skylake,
  ])
  func syntheticRecordsClassifyAsComputedByHand(cases: [SyntheticCounters]) throws {
    let saved = SampleRecords.synthetic(cases)
    let record = Reclassification.apply(to: saved)
    #expect(record.machine.cpu.hasPrefix("synthetic "))
    for (index, layer) in record.layers.enumerated() {
      let expected = cases[index % cases.count]
      let bound = try #require(layer.bound)
      #expect(bound.class == expected.expected, "\(layer.name): \(expected)")
      #expect(bound.method == .topDown)
      #expect(bound.confidence == "high")
      let backend = try #require(layer.metrics["topdown_backend"])
      #expect(abs(backend - expected.fractions.backend) < 1e-12)
      // The roofline's verdict of the saved record is kept beside it.
      #expect(
        layer.metrics.roofline["memory_ns"] == saved.layers[index].bound?.evidence["memory_ns"])
    }
  }

  @Test func itSurvivesTheFile() throws {
    let saved = SampleRecords.synthetic(SyntheticCounters.zen4)
    let read = try RecordCoding.decode(RecordCoding.encode(saved))
    #expect(Reclassification.apply(to: read) == Reclassification.apply(to: saved))
  }

  @Test(arguments: [
    SampleRecords.deepspeech(), SampleRecords.withHardwareCounters(),
    SampleRecords.synthetic(SyntheticCounters.zen4), SampleRecords.interrupted(),
    SampleRecords.large(layers: 20),
  ])
  func applyingItTwiceChangesNothingMore(record: RunRecord) {
    let once = Reclassification.apply(to: record)
    #expect(Reclassification.apply(to: once) == once)
  }

  @Test func whatThisVersionJudgedStaysAsItIs() {
    let record = SampleRecords.deepspeech()
    let again = Reclassification.apply(to: record)
    for (old, new) in zip(record.layers, again.layers) {
      #expect(new.bound == old.bound)
      #expect(new.metrics == old.metrics)
    }
    #expect(again.endToEnd == record.endToEnd)
    #expect(again.warnings == record.warnings)
  }

  @Test func withoutAVerdictTheRoofsAreRebuilt() throws {
    var record = SampleRecords.deepspeech()
    let before = try #require(record.layers[1].bound)
    record.layers[1].bound = nil
    record.layers[1].metrics = [:]
    let after = try #require(Reclassification.apply(to: record).layers[1].bound)
    #expect(after.method == .roofline)
    #expect(after.class == before.class)
  }

  @Test func withoutTheCPUTheRooflineDecides() {
    var record = SampleRecords.synthetic(SyntheticCounters.zen4)
    record.machine.microarchitecture = nil
    for layer in Reclassification.apply(to: record).layers {
      #expect(layer.bound?.method == .roofline)
    }
  }

  @Test func whatOnlyTheRunKnewIsKept() {
    var record = SampleRecords.synthetic(SyntheticCounters.zen4)
    record.layers[0].metrics["counter_drift"] = 0.08
    record.layers[1].metrics["below_counter_floor"] = 1
    record.layers[2].metrics["of_a_later_version"] = 7
    let found = Reclassification.apply(to: record).layers
    #expect(found[0].metrics["counter_drift"] == 0.08)
    #expect(found[0].bound?.confidence == "low")
    #expect(found[1].metrics["below_counter_floor"] == 1)
    #expect(found[1].bound?.confidence == "low")
    #expect(found[2].metrics["of_a_later_version"] == 7)
  }

  @Test func layersWithoutATimeAreLeftAlone() {
    let record = SampleRecords.interrupted()
    #expect(Reclassification.apply(to: record).layers[5] == record.layers[5])
  }
}
