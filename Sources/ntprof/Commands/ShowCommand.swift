import ArgumentParser
import Counters
import Execution
import FoundationEssentials
import Machine
import Measuring
import Profiling
import Session
import Topology

/// `ntprof show`: the graph without running it.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a topology's layers, shapes, costs and predicted bounds without running it.",
    discussion: """
      Examples:
        ntprof show resnet50 --batch 8
        ntprof show deepspeech --set hidden=1024 --format csv
        ntprof show bert-base --threads 1
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(help: "table or json (any text format).", completion: Choices.textFormats)
  var format: String = "table"
  @Option(help: PrecisionChoice.help, completion: Choices.precision)
  var precision: String?
  @Option(
    help: """
      Threads whose roofs predict the bounds (default: as many as a run has); 'ntprof machine' \
      measures them, and so does a run.
      """)
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    try TextFormat.validate(format)
    try precision.map(PrecisionChoice.validate)
  }

  func run() throws {
    let loaded = try LoadedTopology(topologyOptions.settings(topology))
    let precision = PrecisionChoice.settled(precision, for: loaded.graph)
    let assembler = RecordAssembler(
      graph: loaded.graph, selection: [Bool](repeating: true, count: loaded.graph.layers.count),
      numbers: LayerNumbers.uniform(loaded.graph, PrecisionChoice.parse(precision)))
    let threads = threads ?? Host.read().defaultThreads
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    machine.rooflines = Calibration.kept(for: machine, threads: threads, isa: nil)
    var record = RunRecord(
      of: loaded.info,
      weights: try topologyOptions.weights == nil ? nil : loaded.chosenWeights().info,
      options: RunOptions(
        batch: loaded.graph.inputs.first?.type.batch ?? 1, threads: threads,
        precision: PrecisionName(rawValue: precision), seed: 1, counters: "none"),
      machine: machine, rows: assembler)
    assembler.predict(&record, of: try loaded.program(), on: OneDNNEngine())
    try TextFormat.print(record, as: format)
    if machine.rooflines == nil {
      Console.note(
        "next: ntprof machine\(self.threads.map { " --threads \($0)" } ?? "") measures the roofs that "
          + "predict what holds each layer back")
    }
  }
}
