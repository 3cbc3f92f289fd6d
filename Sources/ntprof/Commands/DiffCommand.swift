import ArgumentParser
import Engines
import Execution
import Machine
import Measuring
import Profiling
import Reports
import Session
import Topology

/// `ntprof diff`: compare topologies or records, layer by layer.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare topologies (measured now, in turn) or saved records, layer by layer.",
    usage: "ntprof diff <baseline> <candidate> … [<options>]",
    discussion: """
      The first is the baseline, every other one a candidate. Each topology is measured in \
      --processes fresh processes, in the order A B B A, so that all see the same drift of the \
      machine, and where memory happens to lie does not look like a difference. Variants of one \
      file: FILE:NAME=VALUE,… sets params of one input alone, like \
      'diff net.xml net.xml:width=64 net.xml:width=96,depth=4'.

      Records of one network from machines with other CPUs are compared as machines: what the ratio \
      of their measured roofs explains of every layer's, and what it leaves over.

      Examples:
        ntprof diff squeezenet-1.0 squeezenet-1.1 --gate 3
        ntprof diff deepspeech deepspeech:hidden=1024 --processes 4
        ntprof diff base.json squeezenet-1.1 --batch 2
        ntprof diff deepspeech --engines onednn,onnxruntime,openvino,pytorch
        ntprof diff base.json elsewhere.json --across-machines
      """)

  @Argument(
    help: ArgumentHelp(
      "Topologies (files or bundled names; :NAME=VALUE,… behind one sets params) or saved records "
        + "(.json); the baseline first.", valueName: "input"),
    completion: Completions.topologyOrRecord)
  var inputs: [String]
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: .customLong("baseline-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the baseline alone.", valueName: "name=value"),
    completion: Completions.params, transform: Assignment.parse)
  var baselineAssignments: [Assignment] = []

  @Option(
    name: .customLong("candidate-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the candidates alone.", valueName: "name=value"),
    completion: Completions.params, transform: Assignment.parse)
  var candidateAssignments: [Assignment] = []

  @Option(
    help: ArgumentHelp(
      "Exit with 1 when a candidate is slower by more than that, with 2 when that cannot be told.",
      discussion: """
        Beyond is what the whole 95 % interval lies beyond. It cannot be told of records that do \
        not compare or are of several machines, of fewer than 4 processes a side, and where the interval holds the gate.
        """, valueName: "percent"))
  var gate: Double?

  @Option(
    help: ArgumentHelp(
      "Ask --gate of these layers and segments: NAME or @SEGMENT, joined by commas.",
      discussion: "Default: end to end.", valueName: "layers"))
  var gateLayers: String?

  @Option(
    help: ArgumentHelp(
      "Measure each topology in that many fresh processes; their medians are compared.",
      discussion: """
        Default: 6, or as many as it takes to tell one layer apart after the correction for their \
        number (7 from 24 layers on, 8 from 86), of 0.5 s each unless --iterations, --time or \
        --until says otherwise; with --gate as many as find a change of that size 9 times of 10, up to \
        \(GateProcesses.most), by what processes differ by here. With fewer than 4 only differences beyond what processes are known \
        to differ by are told. Topologies beside a saved record are measured in as many as it was.
        """, valueName: "n"))
  var processes: Int?

  @Option(
    help: ArgumentHelp(
      "Compare one network in these engines, joined by commas; the first is the baseline.",
      discussion: "Each of \(EngineName.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "engines"), transform: EngineList.init)
  var engines: EngineList?

  @Option(
    name: .customLong("baseline-engine"),
    help: ArgumentHelp("What runs the baseline.", valueName: "engine"))
  var baselineEngine: EngineName?

  @Option(
    name: .customLong("candidate-engine"),
    help: ArgumentHelp("What runs the candidates.", valueName: "engine"))
  var candidateEngine: EngineName?

  @Flag(
    name: .customLong("across-machines"),
    help: ArgumentHelp(
      "Compare the machines that the records come from, by their measured roofs.",
      discussion: "Default where their CPUs differ. The layers must be the same, in one batch size."
    ))
  var acrossMachines = false

  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let gate, !(gate >= 0 && gate.isFinite) { throw ValidationError("--gate is negative") }
    if let gateLayers {
      guard gate != nil else {
        throw ValidationError("--gate-layers says of what: give --gate, too")
      }
      guard !GateSubject.list(gateLayers).isEmpty else {
        throw ValidationError("--gate-layers is empty")
      }
    }
    try validateEngines()
    if acrossMachines, !inputs.contains(where: SavedRecord.looksLikeOne) {
      throw ValidationError(
        "--across-machines compares with a record of another machine: name one (.json)")
    }
    guard inputs.count >= 2 || engines != nil else {
      throw ValidationError("diff compares a baseline with at least one candidate: name two inputs")
    }
    if let processes {
      guard (1...1000).contains(processes) else {
        throw ValidationError("--processes \(processes) is outside 1…1000")
      }
      if processes > 1, inputs.allSatisfy(SavedRecord.looksLikeOne) {
        throw ValidationError("--processes measures anew, and all inputs are saved records")
      }
    }
    if sideCount > 2, let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows two sides at most; for more use \(ReportFormats.overviewNames)")
    }
  }

  /// Refuses engines that say two things, or what an engine cannot be asked for.
  private func validateEngines() throws {
    if let engines {
      guard inputs.count == 1 else {
        throw ValidationError("--engines compares one network: name one input")
      }
      guard engines.names.count >= 2 else {
        throw ValidationError("--engines wants a baseline and at least one candidate")
      }
      guard baselineEngine == nil, candidateEngine == nil,
        measurement.engineOptions.engine == .onednn
      else {
        throw ValidationError("--engines says all engines: leave the other options of engines out")
      }
      if inputs.contains(where: SavedRecord.looksLikeOne) {
        throw ValidationError("--engines measures anew, and \(inputs[0]) is a saved record")
      }
    }
    for engine in Set(
      (engines?.names ?? []) + [baselineEngine, candidateEngine].compactMap(\.self))
    {
      try measurement.settings.with(engine).validateEngine()
    }
  }

  private var sideCount: Int { engines?.names.count ?? inputs.count }

  /// The engine of a side.
  private func engine(of side: Int) -> EngineName {
    if let engines { return engines.names[side] }
    return (side == 0 ? baselineEngine : candidateEngine) ?? measurement.engineOptions.engine
  }

  func run() throws {
    let settings = measurement.settings
    var sides: [DiffSide] = []
    let paths = engines.map { $0.names.map { _ in inputs[0] } } ?? inputs
    for (index, path) in paths.enumerated() { sides.append(try side(index, path, settings)) }
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    if sides.contains(where: \.isMeasured) { Interrupt.install() }
    let result = try DiffSession(
      sides, settings, processes: processes, gate: gate, gateLayers: gateLayers,
      observer: output.observer
    ).run()
    let records = result.records
    var problems = Problems()
    for (index, (side, record)) in zip(sides, records).enumerated() where side.isMeasured {
      let role = index == 0 ? "baseline" : "candidate\(sides.count > 2 ? "-\(index)" : "")"
      problems.attempt { () throws(Failure) in try delivery.save(record, role: role) }
    }
    if acrossMachines || HardwareComparison.isOfSeveral(records) {
      return try compareMachines(result, delivery, problems)
    }
    var comparison = result.comparison()
    // A name that is none costs the gate, and not what was measured.
    do throws(Failure) { try question.ask(&comparison) } catch { problems.add(error) }
    problems.attempt { () throws(Failure) in
      if comparison.diffs.count == 1 {
        try delivery.deliver(comparison.diffs[0], baseline: records[0], candidate: records[1])
      } else {
        try delivery.deliver(
          comparison, kind: "comparison", name: "diff-\(records[0].topology.name)",
          created: records[1].created)
      }
    }
    if let failure = result.failure { problems.add(failure) }
    try problems.settle()
    try Ending.settle(comparison, strict: measurement.strict)
  }

  /// What the comparison is asked.
  private var question: DiffGate { DiffGate(percent: gate, layers: gateLayers) }

  /// One side: a saved record, or a topology to measure.
  private func side(
    _ index: Int, _ path: String, _ settings: MeasurementSettings
  ) throws(Failure) -> DiffSide {
    let input = try DiffInput(path)
    if SavedRecord.looksLikeOne(input.path) {
      guard input.assignments.isEmpty else {
        throw Failure(.usage, "\(input.path) is a saved record: its params are what they are")
      }
      return DiffSide(saved: try SavedRecord.load(input.path))
    }
    var network = topologyOptions.settings(input.path)
    network.assignments += index == 0 ? baselineAssignments : candidateAssignments
    network.assignments += input.assignments
    return try DiffSide(network, settings, engine: engine(of: index))
  }

  /// Compares the machines of the records.
  private func compareMachines(
    _ result: DiffSession.Result, _ delivery: Delivery, _ problems: Problems
  ) throws {
    var problems = problems
    var hardware: HardwareComparison?
    do throws(HardwareMismatch) { hardware = try HardwareComparison(result.records) } catch {
      problems.add(
        Failure(.data, "records of several machines: \(error)", remedy: error.remedy))
    }
    if var asked = hardware {
      problems.attempt { () throws(Failure) in try question.ask(&asked, of: result.records) }
      problems.attempt { () throws(Failure) in try delivery.deliver(asked, of: result.records) }
      hardware = asked
    }
    if let failure = result.failure { problems.add(failure) }
    try problems.settle()
    try Ending.settle(hardware, strict: measurement.strict && !acrossMachines)
  }
}
