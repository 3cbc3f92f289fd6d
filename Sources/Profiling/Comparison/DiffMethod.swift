/// How the differences of a diff were estimated, so that a reader need not guess.
///
/// The process is the sample: passes of one process are no independent samples of what the network
/// takes on the machine, because all of them share one placement of memory and one moment.
public struct DiffMethod: Codable, Hashable, Sendable {
  /// What `percent` is.
  public enum Estimate: String, Codable, Hashable, Sendable, CaseIterable {
    /// Candidate's over baseline's median of the processes' medians, less one: the times beside it.
    case ratioOfMedians = "ratio-of-medians"
  }

  /// Where `ci95` and `p` come from.
  public enum Interval: String, Codable, Hashable, Sendable, CaseIterable {
    /// Hodges-Lehmann's interval and Mann-Whitney's test over the processes, taken in turn.
    case hodgesLehmann = "hodges-lehmann"
    /// Student's t over the processes of runs that lie apart in time, with what such runs are known
    /// to differ by.
    case runSpread = "run-spread"
    /// Student's t with what processes of these networks are known to differ by: the interval of the
    /// difference between two more processes.
    case processSpread = "process-spread"
  }

  /// What `percent` is.
  public var estimate: Estimate
  /// Where `ci95` and `p` come from.
  public var interval: Interval
  /// Processes of each side.
  public var processes: Sides<Int>
  /// What processes of each side, and runs of them, are known to differ by; absent beside
  /// `hodges-lehmann`.
  public var spread: Sides<ProcessSpread>?

  /// Fewest processes a side with which a rank test can come out at all: 2 / C(8, 4) is 0.029.
  public static let fewestProcesses = 4

  /// Whether both sides have processes enough to tell anything by them.
  public var hasProcesses: Bool { interval != .processSpread }

  /// Whether both sides have one process, whose passes are the samples of its times.
  var isOfPasses: Bool { processes.baseline == 1 && processes.candidate == 1 }

  /// Says how two records are compared.
  init(baseline: RunRecord, candidate: RunRecord) {
    estimate = .ratioOfMedians
    let counts = [baseline, candidate].map { $0.options.processes ?? 1 }
    processes = Sides(baseline: counts[0], candidate: counts[1])
    let inTurn =
      baseline.options.rounds != nil && baseline.options.rounds == candidate.options.rounds
    interval =
      counts.allSatisfy { $0 >= Self.fewestProcesses }
      ? inTurn ? .hodgesLehmann : .runSpread : .processSpread
    if interval != .hodgesLehmann {
      spread = Sides(
        baseline.endToEnd?.processSpread ?? .standard,
        candidate.endToEnd?.processSpread ?? .standard)
    }
  }
}
