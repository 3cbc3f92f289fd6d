import Machine
public import Profiling

/// What the kernel itself counts: time on a CPU, page faults, switches and migrations.
///
/// Needs no hardware counters. These say whether a measurement was disturbed, not why a layer is
/// slow.
public final class SoftwareCounters: CounterSource {
  /// The events, by perf's names; `task-clock` is in nanoseconds over all threads.
  static let events: [PerfEvent] = [
    .software("task-clock", 1), .software("page-faults", 2), .software("context-switches", 3),
    .software("cpu-migrations", 4),
  ]

  /// Events that read 0 for a process that may not count what the kernel does for it.
  static let kernelOnly = ["context-switches", "cpu-migrations"]

  /// Events asked for that cannot be counted here, and why.
  public let skipped: [SkippedEvent]

  private let counters: PerfGroups

  /// Opens the events on every thread of the team.
  ///
  /// - Parameters:
  ///   - threads: Size of the team, the calling thread included.
  ///   - events: perf's names; all four when empty.
  /// - Throws: `CounterError` when not one of them can be counted.
  public init(threads: Int, events: [String] = []) throws(CounterError) {
    let chosen = events.isEmpty ? Self.events.map(\.name) : CounterEvents.chosen(events)
    var skipped: [SkippedEvent] = []
    var usable = Self.events.filter { chosen.contains($0.name) }
    for name in chosen where !usable.contains(where: { $0.name == name }) {
      skipped.append(SkippedEvent(name: name, reason: "it is none of the kernel's own events"))
    }
    var userOnly = false
    do {
      _ = try PerfCounter(Self.events[0], inherit: true, userOnly: false)
    } catch  where error.isForbidden {
      userOnly = true
      let reason = "\(error): reads 0 for a process that may count user code only"
      for event in usable where Self.kernelOnly.contains(event.name) {
        skipped.append(SkippedEvent(name: event.name, reason: reason))
      }
      usable.removeAll { Self.kernelOnly.contains($0.name) }
    } catch { throw PerfFailure.counterError(error, source: .software) }
    guard !usable.isEmpty else {
      throw CounterError(
        source: .software,
        reason: skipped.map { "\($0.name): \($0.reason)" }.joined(separator: "; "),
        remedy: "choose from \(Self.events.map(\.name).joined(separator: ", "))")
    }
    self.skipped = skipped
    counters = try PerfGroups(
      source: .software, groups: [usable], userOnly: userOnly, threads: threads)
  }

  /// Time on a CPU, cycles and instructions of a read count like any others.
  public var countsItsReads: Bool { true }

  /// `software`.
  public var name: CounterSourceName { .software }

  /// One group: the kernel counts all of them at once.
  public var groups: [[String]] { counters.groups.map { $0.map(\.name) } }

  /// Starts counting on all threads.
  public func start(group: Int) throws(CounterError) { try counters.start(group: group) }

  /// Reads the events: about 0.7 µs, and 0.5 µs more where a team has to do it.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    try counters.read(into: values)
  }

  /// All threads, where there are several.
  public var threadCount: Int { counters.threads > 1 ? counters.threads : 0 }

  /// The values of the last read by thread.
  public func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {
    counters.lastRead(byThread: values)
  }

  /// Stops counting.
  public func stop() throws(CounterError) { try counters.stop() }
}
