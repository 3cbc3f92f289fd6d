import Profiling
import TestSupport
import Testing

@Suite struct TopDownTests {
  /// Events of a synthetic Zen 4 layer, some of them changed.
  private func zen4(_ changes: [String: Double] = [:], without: [String] = []) -> [String: Double] {
    var events = SyntheticCounters.zen4[0].events.merging(changes) { $1 }
    for name in without { events[name] = nil }
    return events
  }

  private func bound(_ events: [String: Double], drift: Double? = nil) throws -> Bound? {
    let model = try #require(Microarchitecture.zen4.topDown.value)
    return TopDown.bound(events: events, model: model, drift: drift)
  }

  @Test(arguments: SyntheticCounters.all)
  func fractionsAreThoseComputedByHand(sample: SyntheticCounters) throws {
    let model = try #require(sample.cpu.topDown.value)
    let found = try #require(TopDown.fractions(of: sample.events, by: model)).byName
    for (name, expected) in sample.fractions.byName {
      let value = try #require(found[name])
      #expect(abs(value - expected) < 1e-12, "\(name): \(value) for \(expected)")
    }
  }

  @Test(arguments: SyntheticCounters.all)
  func classesAreThoseComputedByHand(sample: SyntheticCounters) throws {
    let model = try #require(sample.cpu.topDown.value)
    let found = try #require(TopDown.bound(events: sample.events, model: model))
    #expect(found.class == sample.expected)
    #expect(found.method == .topDown)
    #expect(found.confidence == "high")
    #expect(Set(found.evidence.byName.keys) == Set(sample.fractions.byName.keys))
  }

  @Test func everyFormulaIsTested() {
    let tested = Set(SyntheticCounters.all.map(\.cpu.id))
    #expect(tested == Set(EventCatalogue.all.filter { $0.topDown.value != nil }.map(\.id)))
  }

  @Test func aMissingEventOfLevelOneIsNoVerdict() throws {
    for event in try #require(Microarchitecture.zen4.topDown.value).level1Events {
      #expect(try bound(zen4(without: [event])) == nil)
    }
    #expect(try bound(zen4(["cycles": 0])) == nil)
    #expect(try bound([:]) == nil)
  }

  @Test func withoutLevelTwoOnlyTheBackendIsUndecided() throws {
    #expect(try bound(zen4(without: ["ex_no_retire.not_complete"])) == nil)
    // 0 / 0 cycles is not a share either.
    let idle: [String: Double] = [
      "ex_no_retire.not_complete": 0, "ex_no_retire.load_not_complete": 0,
    ]
    #expect(try bound(zen4(idle)) == nil)
    let frontend = try bound(
      zen4(
        [
          "de_no_dispatch_per_slot.no_ops_from_frontend": 3300e3,
          "de_no_dispatch_per_slot.backend_stalls": 240e3,
        ], without: ["ex_no_retire.not_complete"]))
    #expect(frontend?.class == .frontend)
    #expect(frontend?.evidence["memory"] == nil)
  }

  @Test func slightlyNegativeFractionsAreDoubted() throws {
    // (2,394 − 2,400) / 6,000 = −0.1 %: reads are a few cycles apart.
    let near = try #require(try bound(zen4(["de_src_op_disp.all": 2394e3])))
    #expect(near.confidence == "high")
    #expect(near.evidence["bad_speculation"] == 0)
    // −4 %.
    let odd = try #require(try bound(zen4(["de_src_op_disp.all": 2160e3])))
    #expect(odd.confidence == "low")
    #expect(odd.class == .memory)
    #expect(odd.evidence["bad_speculation"] == 0)
    // −15 %.
    #expect(try bound(zen4(["de_src_op_disp.all": 1500e3])) == nil)
    // More waiting for loads than waiting at all: core −10.8 %.
    #expect(try bound(zen4(["ex_no_retire.load_not_complete": 600e3])) == nil)
  }

  @Test func slotsThatDoNotAddUpAreDoubted() throws {
    // Another hardware thread took 20 % of the slots: backend 0.34.
    let shared = try #require(
      try bound(zen4(["de_no_dispatch_per_slot.backend_stalls": 2040e3])))
    #expect(shared.confidence == "low")
    // Backend 0.54 and frontend 0.7: 1.65 in all.
    #expect(
      try bound(zen4(["de_no_dispatch_per_slot.no_ops_from_frontend": 4200e3])) == nil)
    #expect(try bound(zen4(["cycles": 3e6])) == nil)
  }

  @Test func driftLowersTheConfidence() throws {
    #expect(try bound(zen4(), drift: 0.05)?.confidence == "high")
    let drifting = try #require(try bound(zen4(), drift: 0.06))
    #expect(drifting.confidence == "low")
    #expect(drifting.evidence["counter_drift"] == 0.06)
    #expect(try bound(zen4(), drift: 0.3) == nil)
  }
}
