import Machine
import Profiling

/// Groups of kernel counters over all threads of the process: what the two sources that use
/// `perf_event_open` share.
///
/// Each event is opened on every thread that exists, with inheritance, so that it follows the
/// threads that exist and those they create: a team of OpenMP threads may exist already or not.
final class PerfGroups {
  let source: CounterSourceName
  let groups: [[PerfEvent]]

  /// Counters by group, event and thread.
  private let counters: [[[PerfCounter]]]
  private var started: Int?

  /// Opens all counters of all groups.
  ///
  /// - Throws: What the kernel refused; a thread that has ended meanwhile is no error.
  init(
    source: CounterSourceName, groups: [[PerfEvent]], userOnly: Bool,
    tasks: [Int32] = ThreadTeam.taskIDs()
  ) throws(PerfError) {
    self.source = source
    self.groups = groups
    let noSuchTask: Int32 = 3
    var all: [[[PerfCounter]]] = []
    for group in groups {
      var opened: [[PerfCounter]] = []
      for event in group {
        var threads: [PerfCounter] = []
        for task in tasks {
          do {
            threads.append(
              try PerfCounter(event, task: task, inherit: true, userOnly: userOnly))
          } catch  where error.errno == noSuchTask {
            continue
          }
        }
        opened.append(threads)
      }
      all.append(opened)
    }
    counters = all
  }

  func start(group: Int) throws(CounterError) {
    guard counters.indices.contains(group), started == nil else {
      throw CounterError(
        source: source, reason: "group \(group) cannot start", remedy: "stop the other group first")
    }
    for threads in counters[group] {
      for counter in threads { try wrap(counter.start) }
    }
    started = group
  }

  func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    guard let started, values.count >= counters[started].count else {
      throw CounterError(
        source: source, reason: "nothing to read, or too little room",
        remedy: "start a group and give room for all of its events")
    }
    for event in counters[started].indices {
      var sum: Int64 = 0
      var enabled: UInt64 = 0
      var running: UInt64 = 0
      for counter in counters[started][event] {
        do {
          let reading = try counter.read()
          sum &+= reading.value
          enabled &+= reading.enabled
          running &+= reading.running
        } catch { throw PerfFailure.counterError(error, source: source) }
      }
      if Self.wasShared(enabled: enabled, running: running) {
        throw sharing(groups[started][event].name, enabled: enabled, running: running)
      }
      values[event] = sum
    }
  }

  func stop() throws(CounterError) {
    guard let group = started else { return }
    started = nil
    for threads in counters[group] {
      for counter in threads { try wrap(counter.stop) }
    }
  }

  /// Whether an event was on the hardware for less time than it was wanted.
  static func wasShared(enabled: UInt64, running: UInt64) -> Bool {
    // A read on one CPU sees the times of another a little late.
    let missing = enabled > running ? enabled - running : 0
    return missing > enabled / 100 + 50_000
  }

  private func sharing(_ event: String, enabled: UInt64, running: UInt64) -> CounterError {
    let percent = Int(100 * Double(running) / Double(max(1, enabled)))
    return CounterError(
      source: source,
      reason: "the kernel shared the hardware: '\(event)' counted \(percent) % of the time",
      remedy: "stop other profilers, or ask for fewer events with --events")
  }

  private func wrap(_ body: () throws(PerfError) -> Void) throws(CounterError) {
    do { try body() } catch { throw PerfFailure.counterError(error, source: source) }
  }
}
