import TestSupport
import Testing

@testable import Profiling

/// Successive halving, measured by a script.
@Suite struct RaceTests {
  /// Times by runner, the baseline first; a lap takes as long as it measures and a second more.
  private struct Script: RaceTrack {
    struct Broken: Error {}
    typealias Fault = Broken
    var times: [Double]
    var faults: [Int: RaceLap] = [:]
    /// Laps that have none before them.
    var faultsFrom = 0
    /// What the machine slows everything down by, a round.
    var drift: [Double] = [1]
    var stopsAfter = Int.max
    var elapsed = 0.0
    var laps: [(runner: Int, seconds: Double)] = []
    var rounds = 0

    mutating func lap(_ runner: Int, seconds: Double) throws(Broken) -> RaceLap? {
      if laps.count >= stopsAfter { return nil }
      if let last = laps.last, last.seconds != seconds { rounds += 1 }
      laps.append((runner, seconds))
      elapsed += seconds + 1
      if runner < 0 { throw Broken() }
      let fault = laps.count > faultsFrom ? faults[runner] : nil
      return fault ?? .time(times[runner] * drift[min(rounds, drift.count - 1)])
    }
  }

  @Test func theFastestAreLeft() throws {
    var track = Script(times: [100, 90, 120, 80, 110, 95, 130, 70, 105])
    var race = Race(candidates: 8, seconds: 1000, finalists: 3)
    try race.run(on: &track)
    #expect(race.running == [6, 2, 0])
    #expect(race.standings[6].ratio == 0.7)
    // Nine runners, then the baseline and the better four of eight; each twice as long.
    #expect(track.laps.map(\.runner) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 5, 3, 1, 0])
    #expect(
      track.laps.map(\.seconds) == Array(repeating: 0.25, count: 9) + [0.5, 0.5, 0.5, 0.5, 0.5])
    #expect(race.standings.count { $0.state == .dropped } == 5)
    #expect(!race.isStopped)
  }

  /// The baseline runs in every round, so that a machine that slows down favours nobody.
  @Test func driftFavoursNobody() throws {
    var track = Script(times: [100, 90, 95, 97, 120, 130, 140, 150, 160], drift: [1, 3])
    var race = Race(candidates: 8, seconds: 1000, finalists: 2)
    try race.run(on: &track)
    #expect(race.running == [0, 1])
    #expect(race.standings[0].ratios == [0.9, 0.9])
  }

  @Test func faultsAreNoCandidates() throws {
    var track = Script(
      times: [100, 10, 20, 90], faults: [1: .inaccurate, 2: .failed("no such width")])
    var race = Race(candidates: 3, seconds: 1000, finalists: 1)
    try race.run(on: &track)
    #expect(race.running == [2])
    #expect(race.standings[0].state == .inaccurate)
    #expect(race.standings[1].state == .failed)
    #expect(race.standings[1].failure == "no such width")
  }

  /// Every candidate has a lap while there is time; none begins after it.
  @Test func timeEndsIt() throws {
    var track = Script(times: [100, 90, 80, 70, 60])
    var race = Race(candidates: 4, seconds: 3, finalists: 1)
    try race.run(on: &track)
    #expect(track.laps.map(\.runner) == [0, 1, 2])
    #expect(race.running == [1])
    // Those that had no turn are in no state but that.
    #expect(race.standings[2].state == nil && race.standings[2].ratios.isEmpty)
    // One round fits, a second one does not.
    var longer = Script(times: [100, 90, 80, 70, 60])
    var other = Race(candidates: 4, seconds: 7, finalists: 1)
    try other.run(on: &longer)
    #expect(longer.laps.count == 5 && other.running == [3, 2])
  }

  /// A round without the baseline compares nothing; those before it stand, and it is said.
  @Test func aFailedBaselineIsSaid() throws {
    let times: [Double] = [100, 90, 120, 80, 110, 95, 130, 70, 105]
    var track = Script(times: times, faults: [0: .failed("no memory")], faultsFrom: 9)
    var race = Race(candidates: 8, seconds: 1000, finalists: 3)
    try race.run(on: &track)
    // Nine laps of the first round; the second one runs backwards and ends with the baseline.
    #expect(track.laps.count == 14 && !race.isStopped)
    #expect(race.fault == Race.Fault(reason: "could not be measured (no memory)", rounds: 1))
    let said = try #require(race.fault).sentence
    #expect(said.hasSuffix("the round before it stands, this one is left out"))
    #expect(race.running == [6, 2, 0, 4])
    #expect(race.running.allSatisfy { race.standings[$0].ratios.count == 1 })
    var none = Script(times: times, faults: [0: .failed("no memory")])
    var other = Race(candidates: 8, seconds: 1000, finalists: 3)
    try other.run(on: &none)
    #expect(none.laps.count == 1 && other.fault?.rounds == 0 && other.running.isEmpty)
    #expect(other.fault?.sentence.hasSuffix("nothing of it can be compared") == true)
    // Without a fault nothing is said.
    var whole = Script(times: times)
    var third = Race(candidates: 8, seconds: 1000, finalists: 3)
    try third.run(on: &whole)
    #expect(third.fault == nil)
  }

  @Test func itCanBeStopped() throws {
    var track = Script(times: [100, 90, 80], stopsAfter: 2)
    var race = Race(candidates: 2, seconds: 100, finalists: 1)
    try race.run(on: &track)
    #expect(race.isStopped && race.running.isEmpty)
  }

  @Test func whatGainsIsPutTogether() throws {
    let candidates = [
      AdviceCandidate(.tuning, ["tuning": "search"]), AdviceCandidate(.tuning, ["tuning": "fast"]),
      AdviceCandidate(.threads, ["threads": "1"]), AdviceCandidate(.pinning, ["pin": "off"]),
      AdviceCandidate(.param, ["set a": "16"]), AdviceCandidate(.precision, ["precision": "int8"]),
    ]
    var track = Script(
      times: [100, 80, 90, 95, 99, 10, 20], faults: [6: .inaccurate])
    var race = Race(candidates: 6, seconds: 1000, finalists: 3)
    try race.run(on: &track)
    // Of each kind the faster one; not another network, not what is inaccurate, not what gains 1 %.
    #expect(race.combination(of: candidates) == [0, 2])
    #expect(race.combination(of: Array(candidates.prefix(2))) == [])
  }
}

/// What is tried, and what of a record speaks for it.
@Suite struct AdviceCandidatesTests {
  private let latency = AdviceOptions(
    objective: .latency, precisions: ["f32", "int8"], cores: 4)

  private func settings(_ list: [AdviceCandidate], _ kind: AdviceRow.Kind) -> [[String: String?]] {
    list.filter { $0.kind == kind }.map(\.settings)
  }

  @Test func fixedList() {
    var record = SampleRecords.deepspeech()
    record.options.tuning = "auto"
    record.options.threads = 2
    record.topology.parameters = ["hidden": 2000, "width": 512, "layers": 3]
    let list = AdviceCandidates.all(for: record, latency)
    #expect(Set(settings(list, .tuning)) == [["tuning": "search"], ["tuning": "fast"]])
    #expect(settings(list, .precision) == [["precision": "int8"]])
    #expect(Set(settings(list, .threads)) == [["threads": "1"], ["threads": "4"]])
    #expect(settings(list, .batch).isEmpty && settings(list, .fusion).isEmpty)
    // 2000 is 125 vectors of 16: the multiples beside it; 3 layers are no width.
    #expect(
      Set(settings(list, .param)) == [
        ["set hidden": "2016"], ["set hidden": "1984"], ["set width": "528"],
        ["set width": "496"],
      ])
    var uneven = record
    uneven.topology.parameters = ["hidden": 2001]
    let widths = AdviceCandidates.all(for: uneven, latency).filter { $0.kind == .param }
    #expect(widths.map { $0.settings["set hidden"] } == ["2016", "2000"])
    #expect(widths.allSatisfy { $0.reason != nil })
  }

  @Test func objectiveAndOptions() {
    var record = SampleRecords.deepspeech()
    record.options.fusion = false
    var options = latency
    options.objective = .throughput
    let list = AdviceCandidates.all(for: record, options)
    #expect(settings(list, .batch) == [["batch": "2"], ["batch": "4"], ["batch": "8"]])
    #expect(settings(list, .fusion) == [["no-fusion": nil]])
    // What the record speaks for stands first.
    let reasons = list.map { $0.reason != nil }
    #expect(reasons == reasons.sorted { $0 && !$1 } && reasons.contains(true))
  }

  @Test func guessesSpeakForASearch() {
    var record = SampleRecords.deepspeech()
    record.options.tuning = "auto"
    for layer in record.layers.indices {
      for primitive in record.layers[layer].primitives.indices {
        record.layers[layer].primitives[primitive].tuning = .guessed
      }
    }
    let first = AdviceCandidates.all(for: record, latency).first { $0.kind == .tuning }
    #expect(first?.settings == ["tuning": "search"])
    #expect(first?.reason?.contains("guessed") == true)
  }
}
