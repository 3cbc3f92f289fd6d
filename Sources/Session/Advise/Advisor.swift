import Execution
import FoundationEssentials
import Machine
import Measuring
package import Profiling

/// Measures what may make a network faster: a race of many candidates, then a final of few.
///
/// Every measurement is a fresh process with its own plan, decided before it runs first.
package struct Advisor {
  package let baseline: AdviseSettings
  package let options: AdviceOptions
  package let minCosine: Double
  package let seconds: Double
  package let observer: any SessionObserver
  /// What settings are predicted to take by bricks, ns an input or a pass as the objective has it; nil where that
  /// is not known.
  package var forecast: (AdviseSettings) -> Double?

  /// Nothing is measured yet.
  ///
  /// - Parameters:
  ///   - baseline: What is to become better.
  ///   - options: What it may become.
  ///   - minCosine: The least likeness of a candidate's outputs with those in f32.
  ///   - seconds: For all of it.
  ///   - observer: Who is told how it gets on.
  ///   - forecast: What settings are predicted to take, ns; nil where that is not known.
  package init(
    baseline: AdviseSettings, options: AdviceOptions, minCosine: Double, seconds: Double,
    observer: any SessionObserver, forecast: @escaping (AdviseSettings) -> Double? = { _ in nil }
  ) {
    self.baseline = baseline
    self.options = options
    self.minCosine = minCosine
    self.seconds = seconds
    self.observer = observer
    self.forecast = forecast
  }

  /// Candidates in the final, beside their combination.
  private static let finalists = 3
  /// Of the time, what the race may take.
  private static let shareOfRace = 0.5
  /// Processes of each side in the final, where time allows, and where it does not.
  private static let processes = (most: 6, fewest: 4)
  /// Seconds that each process of the final measures.
  private static let finalLap = 0.5

  /// Measures, and says what came of it.
  package func advise(command: [String]) throws(Failure) -> Advice {
    let track = Track(self)
    guard let first = try track.record(of: baseline, seconds: 0.5, similarity: true) else {
      throw Failure(.interrupted, "interrupted before the baseline was measured once")
    }
    var advice = Advice(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: command, baseline: first, objective: options.objective, minCosine: minCosine,
      budgetSeconds: seconds)
    let all = AdviceCandidates.all(for: first, options)
    let predicted = predictions(of: all)
    let order = AdviceCandidates.order(predicted: predicted)
    // A search takes longer than all other laps together, and would leave them no time.
    let places =
      order.filter { !Self.searches(all[$0]) } + order.filter { Self.searches(all[$0]) }
    let candidates = places.map { all[$0] }
    track.runners = [baseline] + candidates.map { baseline.applying([$0]) }
    var race = Race(
      candidates: candidates.count, seconds: seconds * Self.shareOfRace,
      finalists: Self.finalists)
    var lane = RaceLane(track: track)
    race.run(on: &lane)
    var rows = candidates.enumerated().map { index, candidate in
      var row = row(candidate, race.standings[index], cosine: track.cosines[index + 1])
      row.predictedPercent = predicted[places[index]]
      return row
    }
    let finalists = Array(race.running.prefix(Self.finalists))
    for index in race.running.dropFirst(Self.finalists) { rows[index].state = .dropped }
    var sides = finalists.map { track.runners[$0 + 1] }
    let combined = race.combination(of: candidates)
    if !combined.isEmpty {
      let parts = combined.map { candidates[$0] }
      sides.append(baseline.applying(parts))
      rows.append(
        AdviceRow(
          change: AdviseSettings.text(of: parts), kind: .combination, reason: nil,
          command: baseline.applying(parts).command(processes: Self.processes.most)))
    }
    let seats = finalists + (combined.isEmpty ? [] : [rows.count - 1])
    var faults = [race.fault?.sentence].compactMap(\.self)
    if !race.isStopped, !sides.isEmpty {
      do throws(Failure) {
        try finish(&advice, &rows, seats, sides, track)
      } catch {
        faults.append(fault(of: error, after: advice.processes))
      }
    }
    advice.faults = faults.isEmpty ? nil : faults
    advice.rows = rows.sorted { Self.order($0) < Self.order($1) }
    advice.seconds = track.elapsed
    advice.interrupted = Interrupt.isRequested
    return advice
  }

  /// By how many percent each candidate is predicted to differ from the baseline.
  private func predictions(of candidates: [AdviceCandidate]) -> [Double?] {
    guard let before = forecast(baseline), before > 0 else {
      return [Double?](repeating: nil, count: candidates.count)
    }
    return candidates.map { candidate in
      forecast(baseline.applying([candidate])).map { ($0 / before - 1) * 100 }
    }
  }

  /// What ended the final, and what was kept of it.
  private func fault(of failure: Failure, after processes: Int) -> String {
    let kept =
      switch processes {
      case 0: "the race alone stands"
      case 1: "one process of each stands"
      default: "\(processes) processes of each stand"
      }
    return "the final ended with a process that failed (\(failure.message)): \(kept)"
  }

  private static func searches(_ candidate: AdviceCandidate) -> Bool {
    candidate.settings["tuning"] == .some(.some("search"))
  }

  /// Finalists by what they gained, then what fell out of the race by what it gained there.
  private static func order(_ row: AdviceRow) -> (Int, Double) {
    let stage = AdviceRow.State.allCases.firstIndex(of: row.state) ?? 0
    return (stage, row.difference?.percent ?? row.racePercent ?? 0)
  }

  private func row(
    _ candidate: AdviceCandidate, _ standing: Race.Standing, cosine: Double?
  ) -> AdviceRow {
    var row = AdviceRow(
      change: AdviseSettings.text(of: [candidate]), kind: candidate.kind,
      reason: candidate.reason,
      command: baseline.applying([candidate]).command(processes: Self.processes.most))
    row.laps = standing.ratios.count
    row.racePercent = standing.ratios.isEmpty ? nil : (standing.ratio - 1) * 100
    row.failure = standing.failure
    row.state = standing.state ?? .pending
    row.cosine = candidate.kind == .param ? nil : cosine
    return row
  }

  /// Measures the baseline and the finalists in turn, as `diff` measures its sides.
  private func finish(
    _ advice: inout Advice, _ rows: inout [AdviceRow], _ places: [Int],
    _ sides: [AdviseSettings], _ track: Track
  ) throws(Failure) {
    let all = [baseline] + sides
    var records = [[RunRecord]](repeating: [], count: all.count)
    // What whole rounds measured stands, whatever ends them.
    defer { conclude(&advice, &rows, places, records) }
    let begin = track.elapsed
    for round in 0..<Self.processes.most where !Interrupt.isRequested {
      let each = round == 0 ? 0 : (track.elapsed - begin) / Double(round)
      if round >= Self.processes.fewest, track.elapsed + each > seconds { break }
      var row = [RunRecord?](repeating: nil, count: all.count)
      let order = Array(all.indices)
      for side in round % 2 == 0 ? order : order.reversed() {
        let isNew = side == all.count - 1 && round == 0
        row[side] = try track.record(
          of: all[side], seconds: Self.finalLap, similarity: isNew)
        guard row[side] != nil else { break }
      }
      guard row.allSatisfy({ $0 != nil }) else { break }
      for (side, record) in row.enumerated() { if let record { records[side].append(record) } }
    }
  }

  /// Compares the finalists with the baseline, by the records of their processes.
  private func conclude(
    _ advice: inout Advice, _ rows: inout [AdviceRow], _ places: [Int], _ records: [[RunRecord]]
  ) {
    guard let count = records.first?.count, count > 0 else { return }
    let cosines = records.map { $0.compactMap(\.endToEnd?.cosineSimilarity).min() }
    let rounds = ProcessRounds.name(begun: records[0][0].created)
    let merged = records.map {
      RunRecord.merging(processes: $0, rounds: rounds).timed(for: options.objective)
    }
    let comparison = Comparison(
      baseline: merged[0], candidates: Array(merged.dropFirst()), paired: true)
    advice.processes = count
    advice.baselineNs = merged[0].endToEnd?.time.median
    for (index, place) in places.enumerated() {
      rows[place].difference = comparison.diffs[index].endToEnd
      if !rows[place].changesNetwork {
        rows[place].cosine = rows[place].cosine ?? cosines[index + 1]
      }
      let isFar = rows[place].cosine.map { $0 < minCosine } ?? false
      rows[place].state = isFar ? .inaccurate : .measured
    }
  }
}

extension RunRecord {
  /// The record with the times of its whole passes, or of one input of each.
  fileprivate func timed(for objective: Advice.Objective) -> RunRecord {
    guard objective == .throughput, options.batch > 1, let time = endToEnd?.time else {
      return self
    }
    var made = self
    made.endToEnd?.time = TimeSummary(samples: time.samples.map { $0 / Double(options.batch) })
    return made
  }
}

/// The processes of an ``Advisor``.
package final class Track {
  /// The baseline, then the candidates.
  package var runners: [AdviseSettings] = []
  /// How alike each runner's outputs are to those in f32, where that was measured.
  package private(set) var cosines: [Int: Double] = [:]
  private let advisor: Advisor
  private let begin = Clock.now()
  private var decisions: [RunSettings: TuningDecision] = [:]

  package init(_ advisor: Advisor) { self.advisor = advisor }

  /// Seconds since it began.
  package var elapsed: Double { Double(Clock.now() - begin) * 1e-9 }

  /// One process; nil after Ctrl-C.
  ///
  /// Without `roofs` its record has times, and no bounds.
  package func record(
    of settings: AdviseSettings, seconds: Double, similarity: Bool = false, roofs: Bool = true
  ) throws(Failure) -> RunRecord? {
    let key = try settings.settings()
    if decisions[key] == nil {
      guard let decided = try TuningDecision.of([key], advisor.observer, tick) else { return nil }
      decisions[key] = decided
    }
    var told = try settings.settings(seconds: seconds)
    told.measurement.measuresRoofs = roofs
    let record = try MeasuredProcess.measure(
      told, decided: decisions[key], similarity: similarity, observer: advisor.observer, tick: tick)
    guard let record, !record.interrupted else { return nil }
    return record
  }

  /// One lap of a runner; what cannot be measured is no reason to end a race.
  package func lap(_ runner: Int, seconds: Double) -> RaceLap? {
    let record: RunRecord?
    do throws(Failure) {
      let isNew = cosines[runner] == nil
      record = try self.record(
        of: runners[runner], seconds: seconds, similarity: isNew, roofs: false)
    } catch {
      return .failed(error.message)
    }
    guard let record else { return nil }
    if let cosine = record.endToEnd?.cosineSimilarity { cosines[runner] = cosine }
    if runner > 0, let cosine = cosines[runner], cosine < advisor.minCosine { return .inaccurate }
    guard let time = record.endToEnd?.time.median else { return .failed("nothing was timed") }
    let inputs = advisor.options.objective == .throughput ? Double(record.options.batch) : 1
    return .time(time / inputs)
  }

  private func tick() {
    advisor.observer.progress("advising: \(Int(elapsed)) s of about \(Int(advisor.seconds)) s")
  }
}

/// A ``Track`` as a race sees it.
private struct RaceLane: RaceTrack {
  typealias Fault = Never
  let track: Track
  var elapsed: Double { track.elapsed }
  mutating func lap(_ runner: Int, seconds: Double) -> RaceLap? {
    track.lap(runner, seconds: seconds)
  }
}
