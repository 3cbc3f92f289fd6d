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
      problems.attempt { () throws(Failure) in file = try Self.machineFile(machine) }
    }
    for path in from {
      problems.attempt { () throws(Failure) in records.append(try SavedRecord.load(path)) }
    }
    try problems.settle()
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: topologyOptions.model)
    Interrupt.install()
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    let target = try target(file)
    let predictor = Predictor(for: target, from: records)
    let source =
      try predictor.source(
        of: loaded.info, batch: loaded.graph.inputs.first?.type.batch ?? 1, precision: precision,
        cache: cache) ?? measured(loaded, target)
    let bricks = try TargetBricks(file?.bricks ?? [], of: target, store: store)
      .known(of: loaded, settings(for: target))
    let prediction: Prediction
    do throws(PredictionFault) {
      prediction = try predictor.predict(
        source, bricks: bricks, created: Date.now.formatted(.iso8601),
        command: ["ntprof"] + CommandLine.arguments.dropFirst(),
        tool: .ntprof)
    } catch {
      throw Failure(
        .data, "the record of \(source.topology.name) \(error.reason)", remedy: error.remedy)
    }
    try delivery.deliver(
      prediction, kind: "prediction", name: "\(prediction.topology.name)-prediction",
      created: prediction.created)
  }

  private static func machineFile(_ path: String) throws(Failure) -> MachineFile {
    let bytes = try SavedRecord.bytes(path)
    do throws(RecordError) { return try RecordCoding.decodeMachine(bytes) } catch {
      throw Failure(
        .data, "\(path): \(error)",
        remedy: "name what 'ntprof machine --format json' printed there, or a record")
    }
  }

  private func target(_ file: MachineFile?) throws(Failure) -> PredictionTarget {
    let isHere = file == nil
    let known: MachineFile
    if let file {
      known = file
    } else {
      known = try ThisMachine(threads: threads, planning, pin: pin).file
    }
    do throws(PredictionFault) {
      return try PredictionTarget(
        known, threads: isHere ? nil : threads, isa: isHere ? nil : planning.isa)
    } catch {
      throw Failure(
        error.isAbsent ? .unavailable : .data, "\(machine ?? "this machine") \(error)",
        remedy: error.remedy)
    }
  }

  /// How a brick ran on the target.
  private func settings(for target: PredictionTarget) -> BrickSettings {
    var planning = planning
    if machine != nil { planning.isa = target.cap }
    return BrickSettings(
      threads: target.threads, pin: pin, precision: precision, cache: cache, planning: planning,
      seconds: time, iterations: nil, warmup: nil)
  }

  /// The network as it runs here, as like to the target as this machine can: in as many threads, and by code for
  /// the same instruction set.
  private func measured(
    _ loaded: LoadedTopology, _ target: PredictionTarget
  ) throws(Failure) -> RunRecord {
    guard machine != nil else {
      throw Failure(
        .usage, "none of the records of --from is of \(loaded.source) as it is asked for",
        remedy:
          "'ntprof profile \(loaded.source)' makes one; batch, params, precision and caches count")
    }
    let host = Host.read()
    _ = try loaded.program(
      fitting: host.memoryAvailableBytes, limit: planning.memoryLimit?.bytes)
    let here = VectorISA.best.rawValue
    var planning = planning
    planning.isa = nil
    if let most = InstructionSet(here).lanes, let wanted = InstructionSet(target.isa).lanes,
      wanted < most, OneDNNEngine.isaNames.contains(target.isa)
    {
      planning.isa = target.isa
    }
    var settings = settings(for: target)
    settings.planning = planning
    settings.threads = min(target.threads, host.defaultThreads)
    let record = try MeasuredProcess.measure(
      settings.arguments + loaded.arguments, quiet: output.quiet
    ) {
      if !output.quiet { Console.progress("measuring \(loaded.graph.name) here") }
    }
    Console.clearProgress()
    guard let record, !record.interrupted else { throw Failure(.interrupted, "interrupted") }
    return record
  }
}
