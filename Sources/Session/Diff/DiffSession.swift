import Engines
import Measuring
public import Profiling

/// Measures networks in turn and compares them, as `ntprof diff` does.
///
/// Every side that is no record is measured in several fresh processes, in the order A B B A, so that all see the same
/// drift of the machine, and where memory happens to lie does not look like a difference.
public struct DiffSession {
  /// What was measured, or read.
  public struct Result {
    /// A record a side, the baseline's first.
    public let records: [RunRecord]
    /// Why they hold fewer processes than were asked for, if so.
    public let failure: Failure?
    /// Whether processes of both sides ran side by side.
    public let isPaired: Bool

    /// Compares the candidates with the baseline.
    public func comparison() -> Comparison {
      Comparison(
        baseline: records[0], candidates: Array(records.dropFirst()), paired: isPaired)
    }
  }

  /// Processes a side unless the number of layers asks for more.
  private static let usualProcesses = 6

  private let sides: [DiffSide]
  private let settings: MeasurementSettings
  private let processes: Int?
  private let gate: Double?
  private let gateLayers: String?
  private let observer: any SessionObserver

  /// Takes the sides.
  ///
  /// - Parameters:
  ///   - sides: The baseline and at least one candidate.
  ///   - settings: How those are measured that are no records.
  ///   - processes: Fresh processes of each; nil for as many as a saved side had, or as can tell a layer apart and
  ///     answer the gate.
  ///   - gate: Percent by which a candidate may be slower; nil where nothing is asked.
  ///   - gateLayers: Of which layers and segments that is asked, as `GateSubject.list(_:)` reads them; nil for end to
  ///     end.
  ///   - observer: Who is told how it gets on.
  public init(
    _ sides: [DiffSide], _ settings: MeasurementSettings, processes: Int? = nil,
    gate: Double? = nil, gateLayers: String? = nil,
    observer: any SessionObserver = SilentObserver()
  ) {
    self.sides = sides
    self.settings = settings
    self.processes = processes
    self.gate = gate
    self.gateLayers = gateLayers
    self.observer = observer
  }

  /// Measures what is no record.
  ///
  /// - Throws: ``Failure`` where not every side was measured once.
  public func run() throws(Failure) -> Result {
    let (records, failure) = try measure()
    guard records.count == sides.count else {
      throw Failure(.interrupted, "interrupted before every side was measured once")
    }
    return Result(
      records: records, failure: failure,
      isPaired: sides.allSatisfy(\.isMeasured) && !hasOtherEngines)
  }

  /// Tests of layers that are corrected for together.
  private var tests: Int {
    let baseline = sides[0].timed
    return max(sides.dropFirst().reduce(0) { $0 + min($1.timed, baseline) }, 1)
  }

  private var processCount: Int {
    if let processes { return processes }
    let saved = sides.compactMap { $0.record.map { $0.options.processes ?? 1 } }
    if let most = saved.max() { return most }
    return max(Self.usualProcesses, SampleSize.fewest(tests: tests, paired: false))
  }

  /// What decides how many processes the gate takes; nil where their number is given, or no gate.
  private func gateRounds(from count: Int) -> GateRounds? {
    guard let gate, processes == nil, sides.allSatisfy(\.isMeasured) else { return nil }
    let subjects = GateSubject.list(gateLayers ?? "")
    let question = GateProcesses(
      gate: gate, tests: max(sides.count - 1, subjects.count), least: count)
    return GateRounds(question, of: subjects, observer)
  }

  /// Says before measuring what so few processes cannot decide.
  private func warn(_ count: Int) {
    let least = SampleSize.fewest(tests: tests, paired: false)
    if count < DiffMethod.fewestProcesses {
      observer.note(
        "! \(count == 1 ? "one process" : "\(count) processes") a side: only differences beyond "
          + "what processes are known to differ by can be told → "
          + "--processes \(max(least, Self.usualProcesses)) tells more")
    } else if count < least {
      observer.note(
        "! \(count) processes a side can tell the networks apart, but none of \(tests) layers after "
          + "the correction for their number → --processes \(least) can")
    }
  }

  /// Whether a side runs in another engine than ntprof's own, which takes a process of its own.
  private var hasOtherEngines: Bool { sides.contains { $0.engine != .onednn } }

  /// The records of all sides, and why they hold fewer processes than were asked for, if so.
  private func measure() throws(Failure) -> ([RunRecord], Failure?) {
    guard sides.contains(where: \.isMeasured) else { return (sides.compactMap(\.record), nil) }
    let count = processCount
    warn(count)
    if count > 1 || hasOtherEngines {
      let measured = sides.filter(\.isMeasured)
      var rounds = ProcessRounds(
        sides: measured.compactMap(\.topology), options: settings, rounds: count,
        observer: observer)
      rounds.keepsPasses = count == 1
      rounds.engines = measured.map(\.engine)
      if let asked = gateRounds(from: count) {
        rounds.extend = { asked.rounds(after: $0, seconds: $1) }
      }
      let result = try rounds.measure()
      var records = result.records[...]
      return (sides.compactMap { $0.record ?? records.popFirst() }, result.failure)
    }
    let topologies = sides.compactMap(\.topology)
    let bench = try Bench(settings, for: topologies.map(\.graph), observer: observer)
    let decided = try DecidedTuning(topologies, on: bench, settings)
    var runs: [NetworkRun?] = []
    for side in sides {
      guard let topology = side.topology else {
        runs.append(nil)
        continue
      }
      runs.append(try NetworkRun(topology, on: bench, settings, decided: decided))
    }
    let active = runs.compactMap(\.self)
    for run in active { try run.warmUp() }
    try Interleaving(runs: active, rule: settings.rule, observer: observer).sample()
    for run in active { try run.count() }
    return (zip(sides, runs).compactMap { side, run in run?.finish() ?? side.record }, nil)
  }
}
