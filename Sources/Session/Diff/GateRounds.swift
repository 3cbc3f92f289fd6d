package import Profiling

/// Decides how many rounds of processes the answer to a gate takes, and says so with the time.
///
/// After the first round by what earlier runs of these networks showed here; where there were none, by what the first
/// processes differ by. Once what was planned is measured, by what it differed by itself: a machine may be
/// less quiet than it was.
package final class GateRounds {
  private let question: GateProcesses
  private let subjects: [GateSubject]
  private let observer: any SessionObserver
  private var planned: Int
  /// Processes a side beyond which nobody is told to ask for them.
  private static let worthAsking = 1000

  /// Asks a gate of some subjects.
  package init(
    _ question: GateProcesses, of subjects: [GateSubject], _ observer: any SessionObserver
  ) {
    self.question = question
    self.subjects = subjects.isEmpty ? [.network] : subjects
    self.observer = observer
    planned = question.least
  }

  /// Plans on after a round.
  ///
  /// - Parameters:
  ///   - found: The records of each side's processes, the sides equally many.
  ///   - seconds: What a round took.
  /// - Returns: How many rounds there are to be.
  package func rounds(after found: [[RunRecord]], seconds: Double) -> Int {
    let done = found.first?.count ?? 0
    if done == 1 {
      let known = known(of: found.compactMap(\.first))
      if known.allSatisfy({ $0.degrees >= GateProcesses.fewestDegrees }) {
        plan(by: known, after: done, seconds, "in earlier runs here")
      } else {
        say(
          "nothing is known of how processes differ here: \(planned) a side first, "
            + "\(time(planned - done, seconds)) more")
      }
    } else if done >= planned, done < GateProcesses.most {
      plan(by: seen(in: found), after: done, seconds, "here")
    }
    return planned
  }

  /// By how much processes differed in earlier runs of these networks, of each subject.
  private func known(of records: [RunRecord]) -> [PooledSpread] {
    var spreads: [String: KnownSpread] = [:]
    for record in records {
      let known = KnownSpread(of: record, sha256: record.topology.sha256)
      spreads[known.name] = known
    }
    return subjects.map { subject in
      spreads.values.reduce(into: PooledSpread()) { $0.add($1.inTurn(subject)) }
    }
  }

  /// By how much they differ now.
  private func seen(in found: [[RunRecord]]) -> [PooledSpread] {
    subjects.map { subject in
      PooledSpread(runs: found.map { $0.compactMap { $0.time(of: subject)?.median } })
    }
  }

  /// Plans for the subject that takes most, and says what it takes.
  private func plan(
    by spreads: [PooledSpread], after done: Int, _ seconds: Double, _ place: String
  ) {
    let all = spreads.compactMap { spread in
      question.needed(spread).map { (needed: $0, spread: spread) }
    }
    guard let worst = all.max(by: { $0.needed < $1.needed }), let percent = worst.spread.percent
    else { return }
    let before = planned
    planned = max(planned, min(worst.needed, GateProcesses.most))
    guard done == 1 || planned > before else { return }
    var text =
      "processes differ by \(Diff.tenths(percent)) % \(place): a change of "
      + "\(Diff.tenths(question.change)) % takes \(worst.needed) a side"
    if worst.needed > planned, let found = question.change(found: planned, worst.spread) {
      text +=
        "; \(planned) are measured, which find \(Diff.tenths(found)) % → "
        + (worst.needed > Self.worthAsking
          ? "a quieter machine or a wider gate takes fewer"
          : "--processes \(worst.needed) measures all")
    }
    say("\(text), \(time(planned - done, seconds)) more")
  }

  private func say(_ text: String) {
    observer.progressEnded()
    observer.note(text)
  }

  /// The time of so many rounds more; those behind ``ProcessRounds/judgedRounds`` are quicker, by what is not known yet.
  private func time(_ rounds: Int, _ seconds: Double) -> String {
    let words = SimulationProgress.duration(Double(rounds) * seconds)
    return planned > ProcessRounds.judgedRounds ? "at most \(words)" : "about \(words)"
  }
}
