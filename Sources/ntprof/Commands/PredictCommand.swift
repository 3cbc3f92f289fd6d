import ArgumentParser
import Execution
import FoundationEssentials
import Machine
import Measuring
import Profiling
import Reports
import Session
import Topology

/// `ntprof predict`: what a network takes on a machine that is not here.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict a network's layers on a machine that is not here.",
    discussion: """
      The target is what 'ntprof machine --format json' printed there, or a record of it; its roofs, other teams' \
      and instruction sets' roofs, and bricks count as far as the file has them. Times come from records of \
      this machine (--from), or are measured now. Records of other networks on both sides teach how layers \
      of their kind move. Without --for the target is this machine with other --threads or --isa.

      Examples:
        ntprof predict resnet50 --for there.json
        ntprof predict resnet50 --for there.json --threads 1 --from here.json
        ntprof predict resnet50 --threads 1 --from here.json other-here.json
      """)

  @Argument(
    help: "A topology or a model: a file, or a name of 'ntprof list'.",
    completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "The target: what 'ntprof machine --format json' printed there, or a record (default: this machine).",
      valueName: "machine"), completion: .file(extensions: ["json"]))
  var machine: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Records of this machine, and of the target where there are some; of this network and of others.",
      valueName: "record"), completion: .file(extensions: ["json"]))
  var from: [String] = []

  @Option(help: "OpenMP threads of the target (default: those of its file).") var threads: Int?
  @Option(help: "Bind threads to CPUs, physical cores first: auto, on or off.")
  var pin: PinningDecision.Mode = .auto
  @Option(help: PrecisionChoice.help, completion: Choices.precision) var precision: String = "f32"
  @Option(help: "State of the caches before each layer: warm or cold.", completion: Choices.cache)
  var cache: String = "warm"

  @Option(help: ArgumentHelp("Seconds of measuring, where no record fits.", valueName: "seconds"))
  var time: Double = 1
  @Option(
    help: ArgumentHelp(
      "Where bricks of the target may lie (default: ntprof/bricks in the cache folder).",
      valueName: "folder"), completion: .directory)
  var store: String?
  @OptionGroup var planning: PlanningOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    guard time > 0, time.isFinite else { throw ValidationError("--time must be positive") }
    guard ["warm", "cold"].contains(cache) else {
      throw ValidationError("--cache '\(cache)' is neither warm nor cold")
    }
    try PrecisionChoice.validate(precision)
    if let isa = planning.isa, InstructionSet(isa).vectorBytes == nil {
      throw ValidationError("--isa '\(isa)' is none of \(Choices.isaNames)")
    }
    if machine == nil {
      guard threads != nil || planning.isa != nil else {
        throw ValidationError(
          "name the target: --for MACHINE.json, or --threads or --isa of this machine")
      }
      guard !from.isEmpty else {
        throw ValidationError(
          "this machine can be measured: use 'ntprof profile', or predict it --from records")
      }
    }
    if let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows no prediction; it is one of \(ReportFormats.overviewNames)")
    }
  }

  func run() throws {
    var problems = Problems()
    var records: [RunRecord] = []
    var file: MachineFile?
    if let machine {
      problems.attempt { () throws(Failure) in file = try MachineFile.load(machine) }
    }
    for path in from {
      problems.attempt { () throws(Failure) in records.append(try SavedRecord.load(path)) }
    }
    try problems.settle()
    let session = try PredictionSession(
      RunSettings(topologyOptions.settings(topology), settings), for: file, named: machine,
      store: store, observer: output.observer)
    Interrupt.install()
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    let prediction = try session.predict(
      from: records, command: CommandWords.current)
    try delivery.deliver(
      prediction, kind: "prediction", name: "\(prediction.topology.name)-prediction",
      created: prediction.created)
  }

  private var settings: MeasurementSettings {
    var made = MeasurementSettings()
    made.threads = threads
    made.pin = pin
    made.askedPrecision = precision
    made.cache = cache
    made.time = time
    made.planning = planning.settings
    return made
  }
}
