import Execution
import Machine
import Measuring
package import Profiling

/// Measures the points of a sweep in fresh processes, round by round, each round in the reverse
/// order of the one before, so that drift of the machine favours no point.
package struct SweepRun {
  package var sweep: Sweep
  package private(set) var file: SweepFile
  /// Why it ended early, if it was neither the user nor the budget.
  package private(set) var failure: Failure?
  package let observer: any SessionObserver

  /// Shortest measuring of a process that is worth its start, seconds.
  package static let shortest = 0.05
  /// Measuring of a process when nothing limits the sweep, seconds.
  package static let usual = 0.5

  private let begin = Clock.now()
  /// Processes that were ended from outside, or lacked something for a moment, by point.
  private var losses: [Int: Int] = [:]
  private var finished = 0
  private var busySeconds = 0.0
  private var measuringSeconds = 0.0
  /// What each point is to run, decided before its first process.
  private var decisions: [Int: TuningDecision] = [:]
  /// What undisturbed processes measured, by point; none in large sweeps.
  private var records: [Int: [RunRecord]] = [:]
  /// Points above which the records are not kept in memory.
  private static let remembered = 64
  /// Lost processes of a point that are made up for.
  private static let patience = 3
  /// What processes are told.
  private let points: PointSettings

  package init(_ sweep: Sweep, file: SweepFile, observer: any SessionObserver) throws(Failure) {
    points = try PointSettings(sweep)
    self.sweep = sweep
    self.file = file
    self.observer = observer
  }

  private var elapsed: Double { Double(Clock.now() - begin) * 1e-9 }

  private var isOverBudget: Bool {
    sweep.plan.budgetSeconds.map { elapsed >= $0 } ?? false
  }

  /// Measures until every point has its processes, the budget is used up, or Ctrl-C.
  ///
  /// What ends it otherwise is its ``failure``: what was measured until then stands.
  package mutating func run() {
    sweep.interrupted = false
    do throws(Failure) {
      if try measureRounds() {
        try repair()
        try settle()
        learn()
      } else {
        sweep.interrupted = Interrupt.isRequested
      }
    } catch {
      failure = error
    }
    sweep.analysis = SweepAnalysis(sweep)
    file.save(sweep)
    observer.progressEnded()
  }

  /// The rounds of the plan, and others for what was lost in them; false when it had to stop.
  private mutating func measureRounds() throws(Failure) -> Bool {
    for round in 0..<(sweep.plan.rounds + Self.patience) {
      let isPlanned = round < sweep.plan.rounds
      let due = sweep.points.filter { point in
        point.state == .pending && (point.latency?.count ?? 0) <= round
          && (isPlanned || (1...Self.patience).contains(losses[point.index] ?? 0))
      }.map(\.index)
      if try !measure(round % 2 == 0 ? due : due.reversed(), mustFinish: round == 0) {
        return false
      }
    }
    return true
  }

  /// Rounds for those points alone of which one may be the best, while the tests do not decide.
  ///
  /// At most as many rounds again as were planned.
  private mutating func settle() throws(Failure) {
    guard sweep.plan.objective != nil, sweep.plan.objective != .memory, sweep.plan.rounds >= 4
    else { return }
    for extra in 0..<sweep.plan.rounds {
      guard let best = SweepAnalysis(sweep).best, !best.contenders.isEmpty else { return }
      let due = [best.index] + best.contenders
      if try !measure(extra % 2 == 0 ? due : due.reversed(), mustFinish: false) {
        if Interrupt.isRequested { sweep.interrupted = true }
        return
      }
    }
  }

  /// Measures points again of which a process was disturbed, as many rounds again at most.
  private mutating func repair() throws(Failure) {
    for extra in 0..<sweep.plan.rounds {
      let due = sweep.points.filter { $0.disturbed != nil && $0.state == .measured }.map(\.index)
      guard !due.isEmpty else { return }
      if try !measure(
        extra % 2 == 0 ? due : due.reversed(), mustFinish: false, replacing: true)
      {
        if Interrupt.isRequested { sweep.interrupted = true }
        return
      }
    }
  }

  /// Keeps what processes of each point were seen to differ by.
  private func learn() {
    for records in records.values where records.count > 1 {
      let merged = RunRecord.merging(processes: records)
      KnownSpread(of: merged, sha256: merged.topology.sha256).learn(from: merged)
    }
  }

  /// One process for each of some points; false when it had to stop.
  private mutating func measure(
    _ indices: [Int], mustFinish: Bool, replacing: Bool = false
  ) throws(Failure) -> Bool {
    for (place, index) in indices.enumerated() {
      if Interrupt.isRequested || (isOverBudget && !mustFinish) { return false }
      let left = indices.count - place + remainingLater(than: indices)
      guard try measure(index, processesLeft: left, replacing: replacing) else { return false }
      file.save(sweep)
    }
    return true
  }

  /// Processes that later rounds will want.
  private func remainingLater(than indices: [Int]) -> Int {
    sweep.points.reduce(0) { sum, point in
      guard point.state == .pending else { return sum }
      let wanted = sweep.plan.rounds - (point.latency?.count ?? 0)
      return sum + max(0, wanted - (indices.contains(point.index) ? 1 : 0))
    }
  }

  private mutating func measure(
    _ index: Int, processesLeft: Int, replacing: Bool
  ) throws(Failure) -> Bool {
    let seconds = measuringTime(processesLeft: processesLeft)
    let start = Clock.now()
    let outcome: MeasuredProcess.Outcome<RunRecord>
    do throws(Failure) {
      guard let decided = try decision(for: index, seconds: seconds, processesLeft) else {
        return false
      }
      let process = try MeasuredProcess(
        points.settings(of: sweep.points[index], seconds: seconds), decided: decided)
      outcome = try process.outcome { note(index, processesLeft: processesLeft) }
    } catch {
      // One point that cannot be measured is no reason to lose the others; a network that is another
      // one by now is.
      guard error.exit != .usage, error.exit != .noInput,
        LoadedTopology.isUnchanged(sweep.topology)
      else { throw error }
      // What the machine lacks, it may have again: what a process says twice is the point's own fault.
      if error.exit != .data, sweep.points[index].reason != error.message {
        losses[index, default: 0] += 1
      } else {
        sweep.points[index].state = .failed
      }
      sweep.points[index].reason = error.message
      return true
    }
    let record: RunRecord
    switch outcome {
    case .done(let measured): record = measured
    case .interrupted: return false
    case .lost(let how):
      losses[index, default: 0] += 1
      sweep.points[index].reason = "a measuring process ended with \(how)"
      return true
    }
    guard !record.interrupted else { return false }
    // The other points are times of all their layers.
    if let layer = record.layers.first(where: { $0.untimed == .timedOut }) {
      sweep.points[index].state = .failed
      sweep.points[index].reason = "layer '\(layer.name)' ran longer than --layer-timeout"
      return true
    }
    sweep.points[index].reason = nil
    finished += 1
    busySeconds += Double(Clock.now() - start) * 1e-9
    measuringSeconds += seconds
    sweep.points[index].add(record, replacing: replacing)
    let isDisturbed = record.endToEnd?.disturbance?.isDoubtful ?? false
    if sweep.points.count <= Self.remembered, !isDisturbed {
      records[index, default: []].append(record)
    }
    if (sweep.points[index].latency?.count ?? 0) >= sweep.plan.rounds {
      sweep.points[index].state = .measured
    }
    return true
  }

  /// What all processes of a point run; nil after Ctrl-C.
  private mutating func decision(
    for index: Int, seconds: Double, _ processesLeft: Int
  ) throws(Failure) -> TuningDecision? {
    if let known = decisions[index] { return known }
    let decided =
      !points.decides
      ? TuningDecision(bytes: [])
      : try TuningDecision.of(
        [points.settings(of: sweep.points[index], seconds: seconds)], observer
      ) {
        note(index, processesLeft: processesLeft)
      }
    decisions[index] = decided
    return decided
  }

  /// Seconds that the next process may measure: its share of what is left of the budget, less what
  /// processes have needed besides measuring.
  private func measuringTime(processesLeft: Int) -> Double {
    guard let budget = sweep.plan.budgetSeconds else { return Self.usual }
    let overhead = finished > 0 ? max(0, (busySeconds - measuringSeconds) / Double(finished)) : 0.5
    let share = (budget - elapsed) / Double(max(processesLeft, 1)) - overhead
    return max(Self.shortest, (share * 1000).rounded() / 1000)
  }

  private func note(_ index: Int, processesLeft: Int) {
    observer.progress(line(index, processesLeft: processesLeft))
  }

  private func line(_ index: Int, processesLeft: Int) -> String {
    let noun = processesLeft == 1 ? "process" : "processes"
    var text = "sweeping: \(settings(index)), \(processesLeft) \(noun) to go"
    if finished > 0 {
      let each = elapsed / Double(finished)
      text += ", about \(SimulationProgress.duration(each * Double(processesLeft))) left"
    }
    let measured = sweep.points.compactMap { point in
      point.latency.map { (index: point.index, median: $0.median) }
    }
    if let best = measured.min(by: { $0.median < $1.median }) {
      text += "; shortest so far \(Quantity.time(best.median)) (\(settings(best.index)))"
    }
    return text
  }

  private func settings(_ index: Int) -> String {
    zip(sweep.plan.axes, sweep.points[index].settings).map { "\($0.name) \($1)" }
      .joined(separator: ", ")
  }
}
