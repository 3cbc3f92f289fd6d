import ArgumentParser
import Counters
import Execution
import FoundationEssentials
import Profiling
import Topology

/// `ntprof show`: the graph without running it.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a topology's layers, shapes, parameters, FLOP and bytes without running it.",
    discussion: """
      Examples:
        ntprof show resnet50 --batch 8
        ntprof show deepspeech --set hidden=1024 --format csv
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(help: "table or json (any text format).", completion: Choices.textFormats)
  var format: String = "table"
  @Option(help: PrecisionChoice.help, completion: Choices.precision)
  var precision: String = "f32"

  func validate() throws {
    try TextFormat.validate(format)
    try PrecisionChoice.validate(precision)
  }

  func run() throws {
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: topologyOptions.model)
    let assembler = RecordAssembler(
      graph: loaded.graph, selection: [Bool](repeating: true, count: loaded.graph.layers.count),
      numbers: LayerNumbers.uniform(loaded.graph, PrecisionChoice.parse(precision)))
    let machine = CounterSources.machineInfo()
    var info = loaded.info
    if topologyOptions.weights != nil { info.weights = try loaded.chosenWeights().info }
    let record = RunRecord(
      created: Date.now.formatted(.iso8601), tool: Tool(name: "ntprof", version: NTProf.version),
      command: ["ntprof"] + CommandLine.arguments.dropFirst(), topology: info,
      options: RunOptions(
        batch: loaded.graph.inputs.first?.type.batch ?? 1, threads: machine.cores ?? 1,
        precision: precision, seed: 1, counters: "none"),
      machine: machine, totals: assembler.totals(), layers: assembler.layers(),
      segments: assembler.segments())
    try TextFormat.print(record, as: format)
  }
}
