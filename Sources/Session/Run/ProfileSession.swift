import Engines
import Measuring
public import Profiling
import Topology

/// Runs a network and says what every layer costs, as `ntprof profile` does.
///
/// ```swift
/// var settings = RunSettings(NetworkSettings("net.xml"))
/// settings.measurement.threads = 1
/// settings.measurement.iterations = 20
/// let record = try ProfileSession(settings).run().record
/// ```
///
/// One session is one run: it makes a team of threads of the process, whose instruction set is capped for good where
/// the settings ask for that.
public struct ProfileSession {
  /// What came of a run.
  public struct Result {
    /// What was measured, also where it ended early.
    public let record: RunRecord
    /// Why it ended early, if it was not the user; what was measured until then is in the record.
    public let failure: Failure?
  }

  private let settings: MeasurementSettings
  private let topology: LoadedTopology
  private let processes: Int
  private let scenario: ScenarioSettings?
  private let observer: any SessionObserver

  /// Reads the network and sees that it can be run; nothing runs yet.
  ///
  /// - Parameters:
  ///   - settings: What is run, and how.
  ///   - processes: Fresh processes that share the time; their medians are the samples.
  ///   - scenario: A load pattern that it is measured under, besides.
  ///   - observer: Who is told how it gets on.
  /// - Throws: ``Failure`` where the file is none, a layer is not there, or memory does not suffice.
  public init(
    _ settings: RunSettings, processes: Int = 1, scenario: ScenarioSettings? = nil,
    observer: any SessionObserver = SilentObserver()
  ) throws(Failure) {
    var network = settings.network
    network.batch = network.batch ?? scenario?.kind.defaultBatch
    let topology = try LoadedTopology(network)
    _ = try topology.selection(settings.measurement.layers)
    try topology.checkMemory(settings.measurement)
    self.settings = settings.measurement
    self.topology = topology
    self.processes = processes
    self.scenario = scenario
    self.observer = observer
  }

  /// Measures.
  ///
  /// - Throws: ``Failure`` where nothing could be measured.
  public func run() throws(Failure) -> Result {
    if processes > 1 { return try runInProcesses() }
    if settings.engine != .onednn {
      let settings = settings.with(settings.engine)
      let run = try EngineRun(
        topology, on: Bench(settings, for: [topology.graph], observer: observer), settings)
      try run.sample()
      return Result(record: run.record(), failure: nil)
    }
    let bench = try Bench(settings, for: [topology.graph], observer: observer)
    let run = try NetworkRun(topology, on: bench, settings)
    try run.warmUp()
    try run.sample(settings.rule)
    if let scenario, !Interrupt.isRequested {
      run.scenario = try ScenarioRun(run: run, options: scenario, measurement: settings)
        .record(batch: topology.graph.inputs.first?.type.batch ?? 1)
    }
    try run.count()
    return Result(record: run.finish(), failure: nil)
  }

  private func runInProcesses() throws(Failure) -> Result {
    var rounds = ProcessRounds(
      sides: [topology], options: settings, rounds: processes, observer: observer)
    rounds.doing = "measuring \(topology.graph.name)"
    rounds.seconds = settings.time.map { $0 / Double(processes) }
    let result = try rounds.measure()
    guard let record = result.records.first else {
      throw Failure(.interrupted, "interrupted before a process was over")
    }
    return Result(record: record, failure: result.failure)
  }
}
