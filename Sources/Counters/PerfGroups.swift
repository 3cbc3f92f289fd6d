import Machine
import Profiling

/// Groups of kernel counters over a team of threads: what the two sources that use
/// `perf_event_open` share.
///
/// Every thread of the team opens, starts and reads counters of its own, at the same time as the
/// others: no read has to interrupt another core, and threads are told apart.
final class PerfGroups {
  let source: CounterSourceName
  let groups: [[PerfEvent]]

  /// The counters of one thread.
  private struct Slot {
    var task: Int32 = 0
    var groups: [PerfGroup] = []
    var values: UnsafeMutableBufferPointer<Int64>
    var shared: PerfGroup.Times?
    var failure: PerfError?
  }

  /// The slots, each touched by its own thread only, and what the threads are to read.
  private final class Team: @unchecked Sendable {
    let slots: UnsafeMutableBufferPointer<Slot>
    let userOnly: Bool
    var group = 0
    var reader: TeamJob?

    init(threads: Int, events: Int, userOnly: Bool) {
      self.userOnly = userOnly
      slots = .allocate(capacity: threads)
      for index in 0..<threads {
        let values = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, events))
        values.initialize(repeating: 0)
        slots.initializeElement(at: index, to: Slot(values: values))
      }
    }

    deinit {
      for slot in slots { slot.values.deallocate() }
      slots.deinitialize()
      slots.deallocate()
    }

    /// Reads the current group of one thread.
    func read(_ index: Int) {
      slots[index].failure = nil
      do throws(PerfError) {
        slots[index].shared = try slots[index].groups[group].read(into: slots[index].values)
      } catch { slots[index].failure = error }
    }
  }

  private let team: Team
  private var started: Int?

  /// Threads of the team.
  var threads: Int { team.slots.count }

  /// Opens all counters of all groups, each in its own thread.
  ///
  /// - Throws: `CounterError` with what the kernel refused.
  init(
    source: CounterSourceName, groups: [[PerfEvent]], userOnly: Bool, threads: Int
  ) throws(CounterError) {
    self.source = source
    self.groups = groups
    team = Team(
      threads: max(1, threads), events: groups.map(\.count).max() ?? 0, userOnly: userOnly)
    try run(Self.openIfNeeded(groups))
    if threads > 1 {
      let team = team
      do throws(ThreadTeamError) {
        // Unowned: the job belongs to the team's object, which outlives every run of it.
        team.reader = try TeamJob(threads: threads) { [unowned(unsafe) team] in team.read($0) }
      } catch { throw teamError("\(error)") }
    }
  }

  /// Opens the counters of the thread it runs on, unless they are that thread's already: a team of
  /// another size may have ended threads since.
  private static func openIfNeeded(
    _ groups: [[PerfEvent]]
  ) -> @Sendable (inout Slot, Bool) throws(PerfError) -> Void {
    { (slot, userOnly) throws(PerfError) in
      let task = ThreadTeam.currentTaskID()
      if slot.task == task, slot.groups.count == groups.count { return }
      slot.groups = []
      for group in groups { slot.groups.append(try PerfGroup(group, userOnly: userOnly)) }
      slot.task = task
    }
  }

  func start(group: Int) throws(CounterError) {
    guard groups.indices.contains(group), started == nil else {
      throw CounterError(
        source: source, reason: "group \(group) cannot start", remedy: "stop the other group first")
    }
    let open = Self.openIfNeeded(groups)
    try run { (slot, userOnly) throws(PerfError) in
      try open(&slot, userOnly)
      try slot.groups[group].start()
    }
    team.group = group
    started = group
  }

  func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    guard let started, values.count >= groups[started].count else {
      throw CounterError(
        source: source, reason: "nothing to read, or too little room",
        remedy: "start a group and give room for all of its events")
    }
    if let reader = team.reader {
      try check(size: reader.run())
    } else {
      team.read(0)
      try check(size: 1)
    }
    for event in groups[started].indices {
      var sum: Int64 = 0
      for index in team.slots.indices { sum &+= team.slots[index].values[event] }
      values[event] = sum
    }
    for index in team.slots.indices {
      if let times = team.slots[index].shared,
        Self.wasShared(enabled: times.enabled, running: times.running)
      {
        throw sharing(groups[started][times.event].name, times)
      }
    }
  }

  /// The values of the last read, a row for each thread; see `CounterSource`.
  func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {
    guard let started, threads > 1 else { return }
    let width = groups[started].count
    for index in team.slots.indices {
      for event in 0..<width { values[index * width + event] = team.slots[index].values[event] }
    }
  }

  func stop() throws(CounterError) {
    guard let group = started else { return }
    started = nil
    try run { (slot, _) throws(PerfError) in try slot.groups[group].stop() }
  }

  /// Whether an event was on the hardware for less time than it was wanted.
  static func wasShared(enabled: UInt64, running: UInt64) -> Bool {
    // A read on one CPU sees the times of another a little late.
    let missing = enabled > running ? enabled - running : 0
    return missing > enabled / 100 + 50_000
  }

  private func sharing(_ event: String, _ times: PerfGroup.Times) -> CounterError {
    let percent = Int(100 * Double(times.running) / Double(max(1, times.enabled)))
    return CounterError(
      source: source,
      reason: "the kernel shared the hardware: '\(event)' counted \(percent) % of the time",
      remedy: "stop other profilers, or ask for fewer events with --events")
  }

  /// Runs `body` on every slot, in its own thread.
  private func run(
    _ body: @escaping @Sendable (inout Slot, _ userOnly: Bool) throws(PerfError) -> Void
  ) throws(CounterError) {
    let team = team
    let work: @Sendable (Int) -> Void = { index in
      team.slots[index].failure = nil
      do throws(PerfError) { try body(&team.slots[index], team.userOnly) } catch {
        team.slots[index].failure = error
      }
    }
    guard threads > 1 else {
      work(0)
      return try check(size: 1)
    }
    var size = 0
    do throws(ThreadTeamError) { size = try ThreadTeam.run(threads, work) } catch {
      throw teamError("\(error)")
    }
    try check(size: size)
  }

  private func check(size: Int) throws(CounterError) {
    if size != threads { throw teamError("the runtime gave \(size) of \(threads) threads") }
    for index in team.slots.indices {
      if let failure = team.slots[index].failure {
        throw PerfFailure.counterError(failure, source: source)
      }
    }
  }

  private func teamError(_ reason: String) -> CounterError {
    CounterError(source: source, reason: reason, remedy: "ask for fewer threads")
  }
}
