import Machine
import PAPI
public import Profiling

/// Hardware events through PAPI, over all threads of the team that runs the network.
///
/// Make it on the thread that will run the network, before the first oneDNN execution. Values
/// contain what the team does between primitives: libgomp's workers spin while they wait, so a
/// badly balanced layer shows more cycles and instructions, not fewer.
public final class PAPICounters: CounterSource {
  /// How threads are followed.
  public enum Method: String, Sendable, CaseIterable {
    /// One set on the calling thread that threads created later inherit; only before the team.
    case inherit
    /// One set a thread, made and read inside the team; tells threads apart.
    case perThread = "per-thread"
    /// One set on the calling thread alone: right for one thread, and only then.
    case callingThread = "calling-thread"
  }

  /// How threads are followed here.
  public let method: Method
  /// PAPI's event behind each record name.
  public let backing: [String: String]
  /// Events asked for that cannot be counted here, and why.
  public let skipped: [SkippedEvent]
  /// Events a pass, cycles and instructions in each.
  public let groups: [[String]]

  /// Whether a read is a system call: always for inherited sets, else where `rdpmc` is forbidden.
  public let readsBySystemCall: Bool

  private let slots: ThreadSlots
  private var started: Int?

  /// Finds out which events work and opens them for every group.
  ///
  /// Without a method, one thread is counted alone, and each member of a larger team gets sets of
  /// its own. Inheritance is the other right way: it follows threads of any number, but sees their
  /// sum only, and a read of it has to interrupt the cores of the others.
  ///
  /// - Parameters:
  ///   - threads: Size of the team, the calling thread included.
  ///   - events: Names of sets, record names or PAPI's; the standard ones, and top-down where the
  ///     CPU has it, when empty.
  ///   - method: How to follow threads.
  /// - Throws: `CounterError` when PAPI cannot count here, or not in this way.
  public init(
    threads: Int, events: [String] = [], method: Method? = nil
  ) throws(CounterError) {
    let library = try Self.library()
    let alone = ThreadTeam.taskIDs().count == 1
    let method = method ?? (threads <= 1 ? .callingThread : .perThread)
    if method == .inherit, !alone {
      throw CounterError(
        source: .papi,
        reason: "threads exist already, and PAPI's inheritance would silently miss them",
        remedy: "make the counters before anything runs in parallel, or one set a thread")
    }
    let inherit = method == .inherit
    let plan: PAPIEvents.Plan
    do {
      plan = try PAPIEvents.plan(
        WantedEvents(events, on: .running), library: library, inherit: inherit,
        vendor: Host.read().cpu.vendor, on: .running)
    } catch { throw Self.nothingToCount("\(error)") }
    guard !plan.groups.isEmpty else {
      throw Self.nothingToCount(plan.skipped.first?.reason ?? "no events")
    }
    self.method = method
    readsBySystemCall = inherit || library.cpu?.readsFast != true
    backing = plan.backing
    skipped = plan.skipped
    groups = plan.groups
    slots = ThreadSlots(
      count: method == .perThread ? threads : 1, events: plan.groups.map(\.count).max() ?? 0)
    try run { (slot) throws(PAPIError) in
      slot.task = ThreadTeam.currentTaskID()
      for group in plan.groups {
        slot.sets.append(try PAPIEvents.set(group, plan, library, inherit: inherit))
      }
    }
  }

  deinit {
    // A set is to be destroyed by its own thread.
    try? slots.forEach { $0.sets = [] }
  }

  /// Time on a CPU, cycles and instructions of a read count like any others.
  public var countsItsReads: Bool { true }

  /// `papi`.
  public var name: CounterSourceName { .papi }

  /// Starts the sets of a group, each in its own thread; 3 to 40 µs.
  public func start(group: Int) throws(CounterError) {
    guard groups.indices.contains(group), started == nil else {
      throw CounterError(
        source: .papi, reason: "group \(group) cannot start", remedy: "stop the other group first")
    }
    try run { (slot) throws(PAPIError) in
      if slot.task == ThreadTeam.currentTaskID() { try slot.sets[group].start() }
    }
    guard (0..<slots.count).allSatisfy({ slots[$0].sets[group].isRunning }) else {
      throw CounterError(
        source: .papi, reason: "the team's threads are not those that made the event sets",
        remedy: "use one thread count, from one thread, throughout")
    }
    started = group
  }

  /// Reads the sets of the started group and adds them up over the threads.
  ///
  /// Allocates nothing. Two events on two threads take 2 to 3 µs inherited and 1 to 2 µs with a
  /// set a thread; the latter waits for all threads of the team, which takes much longer where
  /// other programs keep them from running.
  public func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    guard let group = started, values.count >= groups[group].count else {
      throw CounterError(
        source: .papi, reason: "nothing to read, or too little room",
        remedy: "start a group and give room for all of its events")
    }
    do { try slots.read(set: group) } catch { throw Self.error(error) }
    for event in groups[group].indices {
      var sum: Int64 = 0
      for index in 0..<slots.count { sum &+= slots[index].values[event] }
      values[event] = sum
    }
  }

  /// All threads of a team whose sets are its threads' own.
  public var threadCount: Int { method == .perThread && slots.count > 1 ? slots.count : 0 }

  /// The values of the last read by thread.
  public func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {
    guard let group = started, threadCount > 0 else { return }
    let width = groups[group].count
    for index in 0..<slots.count {
      for event in 0..<width { values[index * width + event] = slots[index].values[event] }
    }
  }

  /// Stops the sets of the started group.
  public func stop() throws(CounterError) {
    guard let group = started else { return }
    started = nil
    try run { (slot) throws(PAPIError) in try slot.sets[group].stop() }
  }

  /// PAPI with a working CPU component.
  static func library() throws(CounterError) -> Library {
    let library: Library
    do { library = try Library.open() } catch { throw Self.error(error) }
    guard let cpu = library.cpu else {
      throw CounterError(
        source: .papi, reason: "PAPI \(library.version) was built without perf_event",
        remedy: "install a PAPI with that component, or use '--counters perf'")
    }
    if let reason = cpu.disabledReason {
      let paranoid = Host.perfEventParanoid ?? 0
      throw CounterError(
        source: .papi, reason: "PAPI \(library.version): \(reason)",
        remedy: paranoid > 2
          ? "as root: sysctl kernel.perf_event_paranoid=2, or give the program CAP_PERFMON"
          : "a virtual machine needs a PMU; a CPU newer than PAPI needs '--counters perf'")
    }
    return library
  }

  private func run(
    _ body: @Sendable (inout ThreadSlots.Slot) throws(PAPIError) -> Void
  ) throws(CounterError) {
    do { try slots.forEach(body) } catch { throw Self.error(error) }
  }

  private static func error(_ failure: ThreadSlots.Failure) -> CounterError {
    switch failure {
    case .papi(let error): return Self.error(error)
    case .team(let reason):
      return CounterError(source: .papi, reason: reason, remedy: "ask for fewer threads")
    }
  }

  /// PAPI knows the CPU but not one event opens: what PAPI says, and what the kernel does.
  ///
  /// In a virtual machine PAPI's tables can offer counters that do not exist.
  private static func nothingToCount(_ reason: String) -> CounterError {
    do {
      _ = try PerfCounter(.hardware("cycles", 0), inherit: false, userOnly: true)
    } catch {
      let kernel = PerfFailure.counterError(error, source: .papi)
      return CounterError(
        source: .papi, reason: "\(reason); \(kernel.reason)", remedy: kernel.remedy)
    }
    return CounterError(
      source: .papi, reason: reason,
      remedy: "papi_avail and papi_native_avail list what this CPU has; or try '--counters perf'")
  }

  private static func error(_ error: PAPIError) -> CounterError {
    CounterError(
      source: .papi, reason: "\(error)",
      remedy: "'ntprof machine' shows what works here; '--counters perf' goes around PAPI")
  }
}
