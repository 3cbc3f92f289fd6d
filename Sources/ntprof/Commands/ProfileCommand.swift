import ArgumentParser
import Engines
import Machine
import Profiling
import Session
import Topology

/// `ntprof profile`: run a topology and say what every layer costs.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Run a topology and say what every layer costs, and why.",
    discussion: """
      Examples:
        ntprof profile deepspeech
        ntprof profile deepspeech --layers @rnn --set hidden=1024 --threads 1
        ntprof profile squeezenet-1.1 --batch 2 --format json >base.json
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions
  @OptionGroup var measurement: MeasurementOptions
  @Option(
    help: ArgumentHelp(
      "Measure in that many fresh processes, which share the time; their medians are the samples.",
      discussion: """
        Passes of one process share its placement of memory: the next process may lie several \
        percent away, and only several processes show by how much. 0.5 s each unless --time, \
        --until or --iterations says otherwise; --time is for all of them together.
        """, valueName: "n"))
  var processes: Int = 1

  @OptionGroup var scenarios: ScenarioOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var publishing: PublishOptions

  func validate() throws {
    guard (1...1000).contains(processes) else {
      throw ValidationError("--processes \(processes) is outside 1…1000")
    }
    if processes > 1, scenarios.scenario != nil {
      throw ValidationError("--scenario answers queries in one process: leave --processes out")
    }
    if scenarios.scenario != nil, measurement.engineOptions.engine != .onednn {
      throw ValidationError("--scenario asks ntprof's own engine: leave --engine out")
    }
    if scenarios.scenario != nil, measurement.cache == "cold" {
      throw ValidationError("--scenario answers query after query: caches are as they are (warm)")
    }
  }

  func run() throws {
    let loaded = try LoadedTopology(
      topology, batch: scenarios.batch(topologyOptions.batch),
      assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: topologyOptions.model)
    _ = try loaded.selection(measurement.layers)
    _ = try loaded.program(
      fitting: Host.read().memoryAvailableBytes, limit: measurement.memoryLimit?.bytes)
    let delivery = try Delivery(output, publishing: publishing)
    defer { delivery.withdraw() }
    Interrupt.install()
    if processes > 1 {
      let (record, failure) = try measureInProcesses(loaded)
      try delivery.deliver(record)
      if let failure { throw failure }
      return try Ending.settle(record, strict: measurement.strict)
    }
    if measurement.engineOptions.engine != .onednn {
      let record = try measureInEngine(loaded)
      try delivery.deliver(record)
      return try Ending.settle(record, strict: measurement.strict)
    }
    let bench = try Bench(measurement, for: [loaded.graph], quiet: output.quiet)
    let run = try NetworkRun(loaded, on: bench, measurement)
    try run.warmUp()
    try run.sample(measurement.rule, quiet: output.quiet)
    if let kind = scenarios.scenario, !Interrupt.isRequested {
      run.scenario = try ScenarioRun(
        run: run, kind: kind, options: scenarios, measurement: measurement, quiet: output.quiet
      ).record(batch: loaded.graph.inputs.first?.type.batch ?? 1)
    }
    try run.count(quiet: output.quiet)
    let record = run.finish()
    try delivery.deliver(record)
    try Ending.settle(record, strict: measurement.strict)
  }

  private func measureInEngine(_ loaded: LoadedTopology) throws(Failure) -> RunRecord {
    let options = measurement.with(measurement.engineOptions.engine)
    let run = try EngineRun(
      loaded, on: Bench(options, for: [loaded.graph], quiet: output.quiet), options)
    try run.sample(quiet: output.quiet)
    return run.record()
  }

  private func measureInProcesses(
    _ topology: LoadedTopology
  ) throws(Failure) -> (RunRecord, Failure?) {
    var rounds = ProcessRounds(
      sides: [topology], options: measurement, rounds: processes, quiet: output.quiet)
    rounds.doing = "measuring \(topology.graph.name)"
    rounds.seconds = measurement.time.map { $0 / Double(processes) }
    let result = try rounds.measure()
    guard let record = result.records.first else {
      throw Failure(.interrupted, "interrupted before a process was over")
    }
    return (record, result.failure)
  }
}
