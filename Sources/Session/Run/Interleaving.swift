import Execution
import Machine
package import Measuring
import Profiling

/// Samples several networks in turn, each round in the reverse order of the one before (A B, B A,
/// …), so that drift of the machine falls on all alike.
package struct Interleaving {
  package let runs: [NetworkRun]
  package let rule: SamplingRule
  package let observer: any SessionObserver

  /// Takes rounds until every network satisfies the rule.
  package func sample() throws(Failure) {
    let begin = Clock.now()
    let aside = runs.reduce(0) { $0 + $1.asideNs }
    // They keep the same rounds of a long comparison.
    let room = runs.map(\.sampler.room).min() ?? 0
    for run in runs { run.sampler.room = room }
    var round = 0
    while !Interrupt.isRequested {
      for run in round % 2 == 0 ? runs : runs.reversed() {
        if runs.count > 1 { try run.settle() }
        try run.takePair()
      }
      round += 1
      let measuring = Clock.now() - begin - (runs.reduce(0) { $0 + $1.asideNs } - aside)
      let seconds = Double(measuring) * 1e-9 / Double(runs.count)
      let done = runs.allSatisfy { run in
        rule.isSatisfied(
          count: run.sampler.taken, clean: run.sampler.cleanTaken, seconds: seconds,
          halfWidth: run.sampler.halfWidth)
      }
      if done { break }
      let part = rule.progress(count: round, seconds: seconds)
      observer.progress(
        "comparing: \(round) round\(round == 1 ? "" : "s")\(changes), \(Int(part * 100)) %"
          + TimeLeft.text(elapsed: seconds * Double(runs.count), done: part))
    }
    // The same rounds of all, or they are no pairs any more.
    let stride = runs.first?.sampler.stride ?? 1
    let chosen = PairLoss.chosen(
      PairLoss.rounds(runs.map(\.sampler.lost)), wanted: rule.wanted(stride: stride))
    for run in runs { run.sampler.keep(chosen) }
    observer.progressEnded()
  }

  /// How the candidates' medians differ from the baseline's so far: `, +3.1 %, −0.2 %`.
  private var changes: String {
    guard let baseline = runs.first?.sampler.bare, !baseline.isEmpty else { return "" }
    let median = Percentiles.median(of: baseline)
    return runs.dropFirst().filter { !$0.sampler.bare.isEmpty }.map { run in
      ", " + Quantity.change(Percentiles.median(of: run.sampler.bare) / median - 1)
    }.joined()
  }
}
