import Files
public import Machine
public import Profiling

/// Instructions and cache misses of a network's layers, from a child process under callgrind.
///
/// One thread and no prefetcher; and the code is what oneDNN chooses on the CPU that valgrind
/// shows it, which ends at AVX2. Every layer's record therefore names the implementations that
/// were simulated. Two runs of the child are needed, since callgrind has two levels of cache: the
/// last level behind the first, then the second.
public final class Simulation {
  /// How far it is.
  public struct Progress: Hashable, Sendable {
    /// How many runs of the child there are.
    public var runs: Int
    /// The layers counted with empty caches in each run that has begun.
    public var begun: [[Int]]
    /// The layers finished in each run that has begun.
    public var finished: [[Int]]
  }

  /// The caches that are simulated.
  public let caches: SimulatedCaches
  /// Why not all counts are there, if so.
  public private(set) var failure: CounterError?
  /// What was simulated; nil until a child has told.
  public private(set) var program: SimulatedProgram?
  /// What simulated it, such as `callgrind-3.19.0`.
  public private(set) var simulator = "callgrind"

  private let valgrind: Valgrind
  private let events: [SimulatedEvents.Source]
  private let executable: SimulatedExecutable
  private let topology: String
  private let isCold: Bool
  private var parts: [SimulatedEvents.Level: [String: [String: Int]]] = [:]

  /// Prepares a simulation.
  ///
  /// - Parameters:
  ///   - program: The file of the program that is to run under callgrind.
  ///   - arguments: Its arguments.
  ///   - topology: SHA-256 of the topology it must have read.
  ///   - events: What to count; everything when empty.
  ///   - cold: Whether plain names are to hold the counts with empty caches.
  ///   - levels: The machine's caches.
  /// - Throws: `CounterError` when there is no valgrind, or nothing to count.
  public init(
    program: String, arguments: [String], topology: String, events: [String] = [],
    cold: Bool = false, caches levels: [CacheLevel] = Host.read().caches
  ) throws(CounterError) {
    valgrind = try Valgrind.find()
    caches = try SimulatedCaches(levels)
    self.events = try SimulatedEvents.choose(events, caches: caches).chosen
    do throws(SystemCallError) {
      executable = try SimulatedExecutable(program, arguments)
    } catch { throw SimulatedRun.cannotStart(error) }
    self.topology = topology
    isCold = cold
  }

  /// Runs the children and keeps what they count; returns early when cancelled or failed.
  ///
  /// - Parameters:
  ///   - concurrently: How many children may run at a time.
  ///   - isCancelled: Asked 20 times a second; the children are then ended.
  ///   - watch: Told as often how far it is.
  public func run(
    concurrently: Int, isCancelled: () -> Bool, watch: (Progress) -> Void
  ) {
    let levels = SimulatedEvents.Level.allCases.filter { level in
      level == .last || events.contains { $0.level == level }
    }
    var waiting = levels[...]
    var active: [SimulatedRun] = []
    var reports: [SimulationReport] = []
    // Ended with this scope, whichever way it is left.
    defer { for run in active { run.stop() } }
    while !(waiting.isEmpty && active.isEmpty) {
      while active.count < max(1, concurrently), failure == nil, let level = waiting.popFirst() {
        do throws(CounterError) {
          active.append(
            try SimulatedRun(valgrind, level: level, caches: caches, program: executable))
        } catch { failure = error }
      }
      if failure != nil { waiting = [] }
      let isOver = isCancelled()
      // Asked once a round: a run that ends meanwhile is taken in the next one.
      let over = active.filter { isOver || $0.hasEnded() }
      active.removeAll { run in over.contains { $0 === run } }
      for run in over {
        run.stop()
        take(run, isCancelled: isOver)
        reports.append(run.report())
      }
      if isOver { return }
      let all = reports + active.map { $0.report() }
      watch(
        Progress(
          runs: levels.count, begun: all.map(\.begun), finished: all.map(\.finished)))
      if !active.isEmpty { Pause.milliseconds(50) }
    }
  }

  /// Keeps the counts of a run that has ended.
  private func take(_ run: SimulatedRun, isCancelled: Bool) {
    let dump = run.dump()
    let report = run.report()
    if let reported = report.program,
      reported.topology != topology || program.map({ $0 != reported }) == true
    {
      failure =
        failure
        ?? CounterError(
          source: .simulated, reason: "the topology's file changed while it was measured",
          remedy: "run again")
      return
    }
    if !isCancelled, failure == nil { failure = run.failure(dump: dump, report: report) }
    guard let reported = report.program else { return }
    program = reported
    simulator = dump.creator ?? simulator
    parts[run.level] = SimulatedCounts.byName(dump)
  }
}

extension Simulation {
  /// The events of one layer.
  ///
  /// Plain names hold what the layer costs in the state of the caches that was asked for: warm, as it
  /// runs, with what all layers since its last run left in them; or cold, with empty caches. Names
  /// that end in `_cold` or `_warm` hold the other state.
  ///
  /// - Parameters:
  ///   - layer: The layer's index.
  ///   - native: The steps that were timed for it.
  /// - Returns: The events; nil when the layer was not simulated to its end.
  public func counters(layer: Int, native: [SimulatedProgram.Step]) -> CounterRecord? {
    program.map {
      SimulatedCounts(program: $0, parts: parts, events: events, isCold: isCold)
    }?.counters(layer: layer, native: native)
  }

  /// What the record says of the simulation; nil when nothing was simulated.
  public var info: SimulationInfo? {
    guard let program else { return nil }
    func cache(_ level: Int, _ kind: String, _ cache: SimulatedCache) -> MachineInfo.Cache {
      MachineInfo.Cache(
        level: level, kind: kind, bytes: cache.bytes, ways: cache.ways, line: cache.line)
    }
    var list = [cache(1, "data", caches.data), cache(1, "instruction", caches.instruction)]
    if let second = caches.second { list.append(cache(2, "unified", second)) }
    list.append(cache(caches.lastLevel, "unified", caches.last))
    return SimulationInfo(simulator: simulator, isa: program.isa, threads: 1, caches: list)
  }
}
