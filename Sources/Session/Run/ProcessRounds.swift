package import Engines
import Execution
import Machine
import Measuring
package import Profiling

/// Measures several topologies in fresh processes, in turn and each round in the reverse order of
/// the one before (A B, B A, …), so that drift of the machine falls on all alike.
package struct ProcessRounds {
  package let sides: [LoadedTopology]
  package let options: MeasurementSettings
  package let rounds: Int
  package let observer: any SessionObserver
  /// The engine of each side; that of the options unless told otherwise.
  package var engines: [EngineName]?
  /// Whether a record of one process stays as it is: its samples are passes.
  package var keepsPasses = false
  /// What the progress line says is going on.
  package var doing = "comparing"
  /// Asked after each round how many there are to be, of what was measured and the seconds that a round took; nil for
  /// ``rounds``.
  package var extend: ((_ found: [[RunRecord]], _ seconds: Double) -> Int)?
  /// Seconds that each process measures; `--time` itself, or what is usual, unless told otherwise.
  package var seconds: Double?

  /// What several processes measured.
  package struct Result {
    /// One record a side, of those rounds that every side completed; empty when Ctrl-C came before
    /// the first round was over.
    package var records: [RunRecord]
    /// Why there are fewer rounds than were asked for, if it was not the user; what they measured is
    /// delivered first.
    package var failure: Failure?
  }

  /// Measures all rounds.
  ///
  /// Only the first process of a side counts events: they hardly vary, and simulating them takes minutes. Roofs
  /// are measured in the first ``judgedRounds`` rounds.
  ///
  /// - Throws: ``Failure`` that came before the first round was over.
  package func measure() throws(Failure) -> Result {
    var found = [[RunRecord]](repeating: [], count: sides.count)
    defer { observer.progressEnded() }
    var done = 0
    let decided = try TuningDecision.of(sides, options, observer) {
      observer.progress("\(doing): choosing implementations")
    }
    let begin = Clock.now()
    var total = rounds
    var round = 0
    while round < total {
      var row = [RunRecord?](repeating: nil, count: sides.count)
      let order = Array(sides.indices)
      for side in round % 2 == 0 ? order : order.reversed() {
        let own = engines.map { options.with($0[side]) } ?? options
        let place = done
        do throws(Failure) {
          row[side] = try MeasuredProcess.measure(
            RunSettings(sides[side].childSettings, timed(own, in: round)),
            decided: decided, observer: observer
          ) { note(place, of: total, since: begin, found) }
        } catch {
          guard round > 0 else { throw error }
          return Result(records: merged(found, of: total), failure: error)
        }
        guard row[side] != nil, !Interrupt.isRequested else {
          return Result(records: merged(found, of: total))
        }
        done += 1
      }
      for (side, record) in row.enumerated() { if let record { found[side].append(record) } }
      round += 1
      if let extend {
        total = extend(found, Double(Clock.now() - begin) * 1e-9 / Double(round))
      }
    }
    return Result(records: merged(found, of: total))
  }

  /// What rounds are called that began at a moment: no others of this machine are.
  package static func name(begun moment: String) -> String { "\(moment)-\(OwnProcess.id)" }

  /// Rounds whose processes measure roofs beside their samples: more tell nothing new of the machine, and take
  /// longer than the samples of a small network do.
  package static let judgedRounds = 6

  /// Seconds of measuring of a process where nothing else is asked for.
  package static let usualSeconds = 0.5

  /// Settings of a process, and how long it measures: processes are what varies, and many short ones tell more than few
  /// long ones.
  private func timed(_ own: MeasurementSettings, in round: Int) -> MeasurementSettings {
    var settings = own.child(counting: round == 0, timing: seconds == nil)
    if round >= Self.judgedRounds { settings.measuresRoofs = false }
    if let seconds {
      settings.time = seconds
    } else if options.rule.goal == .standard {
      settings.time = Self.usualSeconds
    }
    return settings
  }

  private func merged(_ found: [[RunRecord]], of total: Int) -> [RunRecord] {
    guard found.allSatisfy({ !$0.isEmpty }) else { return [] }
    if keepsPasses { return found.map { $0[0] } }
    let name = found.count > 1 ? Self.name(begun: found[0][0].created) : nil
    return found.map { records in
      var record = RunRecord.merging(processes: records, rounds: name)
      // Events are those of the process that counted.
      for index in record.layers.indices where records[0].layers[index].counters != nil {
        record.layers[index].counters = records[0].layers[index].counters
      }
      record.estimateCyclesAnew()
      record.simulation = records[0].simulation
      record.options.counters = records[0].options.counters
      record.command = CommandWords.current
      record.interrupted = records.count < total
      KnownSpread(of: record, sha256: record.topology.sha256).learn(from: record)
      return record
    }
  }

  private func note(
    _ done: Int, of rounds: Int, since begin: UInt64, _ found: [[RunRecord]]
  ) {
    observer.progress(line(done, of: rounds, since: begin, found))
  }

  private func line(
    _ done: Int, of rounds: Int, since begin: UInt64, _ found: [[RunRecord]]
  ) -> String {
    let total = rounds * sides.count
    var text = "\(doing): process \(done + 1) of \(total)\(changes(found))"
    if done > 0 {
      let seconds = Double(Clock.now() - begin) * 1e-9
      text +=
        ", about \(SimulationProgress.duration(seconds / Double(done) * Double(total - done))) left"
    }
    return text
  }

  /// How the candidates' medians differ from the baseline's so far: `, +3.1 %, −0.2 %`.
  private func changes(_ found: [[RunRecord]]) -> String {
    func median(_ records: [RunRecord]) -> Double? {
      let times = records.compactMap(\.endToEnd?.time.median)
      return times.isEmpty ? nil : Percentiles.median(of: times)
    }
    guard let baseline = found.first.flatMap(median), baseline > 0 else { return "" }
    return found.dropFirst().compactMap(median).map { ", " + Quantity.change($0 / baseline - 1) }
      .joined()
  }
}
