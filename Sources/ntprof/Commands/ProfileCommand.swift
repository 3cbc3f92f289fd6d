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
    let session = try ProfileSession(
      RunSettings(topologyOptions.settings(topology), measurement.settings), processes: processes,
      scenario: scenarios.settings, observer: output.observer)
    let delivery = try Delivery(output, publishing: publishing)
    defer { delivery.withdraw() }
    Interrupt.install()
    let result = try session.run()
    try delivery.deliver(result.record)
    if let failure = result.failure { throw failure }
    try Ending.settle(result.record, strict: measurement.strict)
  }
}
