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
        --until says otherwise. With fewer than 4 only differences beyond what processes are known \
        to differ by are told. Topologies beside a saved record are measured in as many as it was.
        """, valueName: "n"))
  var processes: Int?

  /// Processes a side unless the number of layers asks for more.
  private static let usualProcesses = 6

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
      try measurement.with(engine).validateEngine(engine)
    }
  }

  private var sideCount: Int { engines?.names.count ?? inputs.count }

  /// The engine of a side.
  private func engine(of side: Int) -> EngineName {
    if let engines { return engines.names[side] }
    return (side == 0 ? baselineEngine : candidateEngine) ?? measurement.engineOptions.engine
  }

  func run() throws {
    var sides: [Side] = []
    let paths = engines.map { $0.names.map { _ in inputs[0] } } ?? inputs
    for (index, path) in paths.enumerated() {
      let own = index == 0 ? baselineAssignments : candidateAssignments
      sides.append(try Side(DiffInput(path), topologyOptions, own, measurement))
    }
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    let (records, failure) = try measure(sides)
    guard records.count == sides.count else {
      throw Failure(.interrupted, "interrupted before every side was measured once")
    }
    var problems = Problems()
    for (index, (side, record)) in zip(sides, records).enumerated() where side.topology != nil {
      let role = index == 0 ? "baseline" : "candidate\(sides.count > 2 ? "-\(index)" : "")"
      problems.attempt { () throws(Failure) in try delivery.save(record, role: role) }
    }
    if acrossMachines || HardwareComparison.isOfSeveral(records) {
      return try compareMachines(records, failure, delivery, problems)
    }
    let paired = sides.allSatisfy { $0.topology != nil } && !hasOtherEngines(sides.count)
    var comparison = Comparison(
      baseline: records[0], candidates: Array(records.dropFirst()), paired: paired)
    // A name that is none costs the gate, and not what was measured.
    do throws(Failure) { try ask(&comparison) } catch { problems.add(error) }
    problems.attempt { () throws(Failure) in
      if comparison.diffs.count == 1 {
        try delivery.deliver(comparison.diffs[0], baseline: records[0], candidate: records[1])
      } else {
        try delivery.deliver(
          comparison, kind: "comparison", name: "diff-\(records[0].topology.name)",
          created: records[1].created)
      }
    }
    if let failure { problems.add(failure) }
    try problems.settle()
    try settle(comparison)
  }

  /// Compares the machines of the records.
  private func compareMachines(
    _ records: [RunRecord], _ failure: Failure?, _ delivery: Delivery, _ problems: Problems
  ) throws {
    var problems = problems
    var hardware: HardwareComparison?
    do throws(HardwareMismatch) { hardware = try HardwareComparison(records) } catch {
      problems.add(
        Failure(.data, "records of several machines: \(error)", remedy: error.remedy))
    }
    if hardware != nil, let gate {
      // A name that is none costs the gate, and not what was measured.
      do throws(Failure) {
        for diff in Comparison(baseline: records[0], candidates: Array(records.dropFirst())).diffs {
          try checkGateLayers(of: diff)
        }
      } catch { problems.add(error) }
      hardware?.ask(gate: gate, text: gateLayers)
    }
    if let hardware {
      problems.attempt { () throws(Failure) in try delivery.deliver(hardware, of: records) }
    }
    if let failure { problems.add(failure) }
    try problems.settle()
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    if let gate = hardware?.gate {
      throw Failure(
        .cannotTell, "gate: cannot tell: \(gate.reason)",
        remedy: "measure both sides on one machine")
    }
    if measurement.strict, !acrossMachines {
      throw Failure(
        .doubtful, "--strict: the records are of several machines",
        remedy: "--across-machines says that this is what is to be compared")
    }
  }

  /// Refuses names of `--gate-layers` that neither side has.
  private func checkGateLayers(of diff: Diff) throws(Failure) {
    if let unknown = diff.unknown(GateSubject.list(gateLayers ?? "")).first {
      throw Failure(
        .usage, "--gate-layers: neither side has \(unknown.words)",
        remedy: "name a layer of the table, or @SEGMENT")
    }
  }

  /// Asks the gate, if one was given, of every candidate.
  private func ask(_ comparison: inout Comparison) throws(Failure) {
    guard let gate else { return }
    let subjects = GateSubject.list(gateLayers ?? "")
    for index in comparison.diffs.indices {
      try checkGateLayers(of: comparison.diffs[index])
      comparison.diffs[index].ask(gate: gate, of: subjects, text: gateLayers)
    }
  }

  /// Ends with the status that the comparison asks for.
  private func settle(_ comparison: Comparison) throws(Failure) {
    // A saved record that was interrupted when it was made is a reason of `comparable`, no more.
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    if let gate = comparison.gate {
      let index = comparison.diffs.firstIndex { $0.gate == gate } ?? 0
      let name = comparison.diffs.count > 1 ? "\(comparison.label(of: index)): " : ""
      switch gate.result {
      case .within: break
      case .beyond: throw Failure(.regression, "gate: \(name)\(gate.reason)")
      case .cannotTell:
        throw Failure(
          .cannotTell, "gate: cannot tell: \(name)\(gate.reason)",
          remedy: "measure both sides alike, in more processes (--processes)")
      }
    }
    let reasons = comparison.diffs.filter { $0.comparable.verdict != .comparable }
      .flatMap(\.comparable.reasons)
    if measurement.strict, !reasons.isEmpty {
      throw Failure(.doubtful, "--strict: not comparable: \(reasons.joined(separator: "; "))")
    }
  }

  /// One side: a saved record, or a topology to measure.
  private struct Side {
    var record: RunRecord?
    var topology: LoadedTopology?
    /// Layers that will be timed.
    var timed = 0

    init(
      _ input: DiffInput, _ options: TopologyOptions, _ own: [Assignment],
      _ measurement: MeasurementOptions
    ) throws(Failure) {
      if SavedRecord.looksLikeOne(input.path) {
        guard input.assignments.isEmpty else {
          throw Failure(.usage, "\(input.path) is a saved record: its params are what they are")
        }
        let saved = try SavedRecord.load(input.path)
        timed = saved.layers.count { $0.time != nil }
        record = saved
      } else {
        let loaded = try LoadedTopology(
          input.path, batch: options.batch,
          assignments: options.assignments + own + input.assignments, weights: options.weights,
          model: options.model)
        timed = try loaded.selection(measurement.layers).flags.count { $0 }
        topology = loaded
      }
    }
  }

  /// Tests of layers that are corrected for together.
  private func tests(_ sides: [Side]) -> Int {
    let baseline = sides[0].timed
    return max(sides.dropFirst().reduce(0) { $0 + min($1.timed, baseline) }, 1)
  }

  /// Processes a side: as asked, as many as a saved side had, or as many as can tell a layer apart.
  private func processCount(_ sides: [Side]) -> Int {
    if let processes { return processes }
    let saved = sides.compactMap { $0.record.map { $0.options.processes ?? 1 } }
    if let most = saved.max() { return most }
    return max(Self.usualProcesses, SampleSize.fewest(tests: tests(sides), paired: false))
  }

  /// Says before measuring what so few processes cannot decide.
  private func warn(_ count: Int, _ sides: [Side]) {
    guard !output.quiet else { return }
    let tests = tests(sides)
    let least = SampleSize.fewest(tests: tests, paired: false)
    if count < DiffMethod.fewestProcesses {
      Console.note(
        "! \(count == 1 ? "one process" : "\(count) processes") a side: only differences beyond "
          + "what processes are known to differ by can be told → "
          + "--processes \(max(least, Self.usualProcesses)) tells more")
    } else if count < least {
      Console.note(
        "! \(count) processes a side can tell the networks apart, but none of \(tests) layers after "
          + "the correction for their number → --processes \(least) can")
    }
  }

  /// Whether a side runs in another engine than ntprof's own, which takes a process of its own.
  private func hasOtherEngines(_ sides: Int) -> Bool {
    (0..<sides).contains { engine(of: $0) != .onednn }
  }

  /// The records of all sides, and why they hold fewer processes than were asked for, if so.
  private func measure(_ sides: [Side]) throws(Failure) -> ([RunRecord], Failure?) {
    guard sides.contains(where: { $0.topology != nil }) else {
      return (sides.compactMap(\.record), nil)
    }
    Interrupt.install()
    let count = processCount(sides)
    warn(count, sides)
    if count > 1 || hasOtherEngines(sides.count) {
      var rounds = ProcessRounds(
        sides: sides.compactMap(\.topology), options: measurement, rounds: count,
        quiet: output.quiet)
      rounds.keepsPasses = count == 1
      rounds.engines = sides.indices.filter { sides[$0].topology != nil }.map { engine(of: $0) }
      let result = try rounds.measure()
      var measured = result.records[...]
      return (sides.compactMap { $0.record ?? measured.popFirst() }, result.failure)
    }
    let bench = try Bench(
      measurement, for: sides.compactMap { $0.topology?.graph }, quiet: output.quiet)
    let decided = try DecidedTuning(sides.compactMap(\.topology), on: bench, measurement)
    var runs: [NetworkRun?] = []
    for side in sides {
      guard let topology = side.topology else {
        runs.append(nil)
        continue
      }
      runs.append(try NetworkRun(topology, on: bench, measurement, decided: decided))
    }
    let active = runs.compactMap(\.self)
    for run in active { try run.warmUp() }
    try Interleaving(runs: active, rule: measurement.rule, quiet: output.quiet).sample()
    for run in active { try run.count(quiet: output.quiet) }
    var records: [RunRecord] = []
    for (side, run) in zip(sides, runs) {
      if let record = run?.finish() ?? side.record { records.append(record) }
    }
    return (records, nil)
  }
}
