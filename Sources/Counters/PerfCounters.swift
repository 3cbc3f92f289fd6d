import Machine
public import Profiling

/// Hardware events straight from the kernel, for CPUs that PAPI's library does not know.
///
/// Counts user code of all threads of the process that exist when it is made, and of those they
/// create later. Reads take one system call an event and thread that existed.
public final class PerfCounters: CounterSource {
  /// Events a group: fits the general counters that are left beside those for cycles and
  /// instructions on every x86 CPU of the last ten years, hyper-threading and watchdog included.
  static let groupSize = 4

  /// Events asked for that cannot be counted here, and why.
  public let skipped: [SkippedEvent]

  private let counters: PerfGroups

  /// Opens the events.
  ///
  /// - Parameter events: Record names, perf's names or `rHEX`; the standard ones when empty.
  /// - Throws: `CounterError` when not one of them can be counted.
  public init(events: [String] = []) throws(CounterError) {
    var usable: [String: PerfEvent] = [:]
    var names: [String] = []
    var skipped: [SkippedEvent] = []
    var first: CounterError?
    let cpu = Host.read().cpu
    for name in CounterEvents.chosen(events) {
      guard let event = PerfEvents.event(name, vendor: cpu.vendor, family: cpu.family) else {
        skipped.append(SkippedEvent(name: name, reason: PerfEvents.absence(of: name)))
        continue
      }
      do {
        _ = try PerfCounter(event, inherit: true, userOnly: true)
        usable[name] = event
        names.append(name)
      } catch {
        let failure = PerfFailure.counterError(error, source: .perf)
        first = first ?? failure
        skipped.append(SkippedEvent(name: name, reason: failure.reason))
      }
    }
    guard !names.isEmpty else {
      throw first
        ?? CounterError(
          source: .perf, reason: "none of the events is known",
          remedy: "use names as 'perf list' prints them, or rHEX")
    }
    self.skipped = skipped
    let groups = CounterEvents.groups(of: names, size: Self.groupSize)
    do {
      counters = try PerfGroups(
        source: .perf, groups: groups.map { $0.compactMap { usable[$0] } }, userOnly: true)
    } catch { throw PerfFailure.counterError(error, source: .perf) }
  }

  /// `perf`.
  public var name: CounterSourceName { .perf }

  /// At most four events a pass, cycles and instructions first.
  public var groups: [[String]] { counters.groups.map { $0.map(\.name) } }

  /// Starts a group on all threads; two system calls an event and thread.
  public func start(group: Int) throws(CounterError) { try counters.start(group: group) }

  /// Reads the started group; refuses values of counters that the kernel shared with others.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    try counters.read(into: values)
  }

  /// Stops the started group.
  public func stop() throws(CounterError) { try counters.stop() }
}
