import Machine
public import Profiling

/// Hardware events straight from the kernel, for CPUs that PAPI's library does not know.
///
/// Counts user code of every thread of the team, each by counters of its own. A read takes one
/// system call a thread.
public final class PerfCounters: CounterSource {
  /// Events asked for that cannot be counted here, and why.
  public let skipped: [SkippedEvent]

  private let counters: PerfGroups

  /// Opens the events.
  ///
  /// - Parameters:
  ///   - threads: Size of the team, the calling thread included.
  ///   - events: Names of sets, record names, perf's names or `rHEX`; the standard ones, and
  ///     top-down where the CPU has it, when empty.
  /// - Throws: `CounterError` when not one of them can be counted.
  public init(threads: Int, events: [String] = []) throws(CounterError) {
    var usable: [String: PerfEvent] = [:]
    var names: [String] = []
    var skipped: [SkippedEvent] = []
    var first: CounterError?
    let host = Host.read().cpu
    let cpu = Microarchitecture.running
    let wanted = WantedEvents(events, on: cpu)
    for name in wanted.selection.events {
      guard
        let event = PerfEvents.event(name, vendor: host.vendor, family: host.family, on: cpu)
      else {
        skipped.append(SkippedEvent(name: name, reason: PerfEvents.absence(of: name, on: cpu)))
        continue
      }
      do {
        _ = try PerfCounter(event, inherit: false, userOnly: true)
        usable[name] = event
        names.append(name)
      } catch {
        let failure = PerfFailure.counterError(error, source: .perf)
        first = first ?? failure
        skipped.append(SkippedEvent(name: name, reason: failure.reason))
      }
    }
    guard !names.isEmpty else {
      let reasons = (wanted.absent + skipped).map { "\($0.name): \($0.reason)" }
      throw first
        ?? CounterError(
          source: .perf, reason: reasons.joined(separator: "; "),
          remedy: "leave --events out, or choose others")
    }
    let plan = EventGroups(wanted.sets(of: names), on: cpu, counters: cpu.freeCounters)
    skipped += WantedEvents.unplaced(plan.unplaced)
    self.skipped = wanted.absent + wanted.worthTelling(skipped)
    counters = try PerfGroups(
      source: .perf, groups: plan.groups.map { $0.compactMap { usable[$0] } }, userOnly: true,
      threads: threads)
  }

  /// Time on a CPU, cycles and instructions of a read count like any others.
  public var countsItsReads: Bool { true }

  /// `perf`.
  public var name: CounterSourceName { .perf }

  /// As many events a pass as the CPU has counters for, cycles and instructions first.
  public var groups: [[String]] { counters.groups.map { $0.map(\.name) } }

  /// Starts a group on all threads; two system calls a thread.
  public func start(group: Int) throws(CounterError) { try counters.start(group: group) }

  /// Reads the started group; refuses values of counters that the kernel shared with others.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    try counters.read(into: values)
  }

  /// All threads, where there are several.
  public var threadCount: Int { counters.threads > 1 ? counters.threads : 0 }

  /// The values of the last read by thread.
  public func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {
    counters.lastRead(byThread: values)
  }

  /// Stops the started group.
  public func stop() throws(CounterError) { try counters.stop() }
}
