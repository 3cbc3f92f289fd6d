import ArgumentParser
import Execution
import Machine
import Profiling
import Reports
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
      machine, and where memory happens to lie does not look like a difference. Variants of one file: name it twice and set params with --baseline-set and --candidate-set.

      Examples:
        ntprof diff squeezenet-1.0 squeezenet-1.1 --gate 3
        ntprof diff deepspeech deepspeech --candidate-set hidden=1024 --processes 4
        ntprof diff base.json squeezenet-1.1 --batch 2
      """)

  @Argument(
    help: ArgumentHelp(
      "Topologies (files or bundled names) or saved records (.json); the baseline first.",
      valueName: "input"),
    completion: Completions.topologyOrRecord)
  var inputs: [String]
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: .customLong("baseline-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the baseline alone.", valueName: "name=value"),
    completion: Completions.params)
  var baselineAssignments: [Assignment] = []

  @Option(
    name: .customLong("candidate-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the candidates alone.", valueName: "name=value"),
    completion: Completions.params)
  var candidateAssignments: [Assignment] = []

  @Option(
    help: ArgumentHelp(
      "Exit with 1 when the candidate is significantly slower by more than that.",
      valueName: "percent"))
  var gate: Double?

  @Option(
    help: ArgumentHelp(
      "Measure each topology in that many fresh processes; their medians are compared.",
      discussion: """
        Default: 6, of 0.5 s each unless --iterations, --time or --until says otherwise. 4 are the \
        fewest that can tell anything. 1 measures all in one process: a quick look, in which \
        differences of a few percent may be of memory's placement. Topologies beside a saved \
        record are measured in one process.
        """, valueName: "n"))
  var processes: Int?

  /// Processes a side unless told otherwise.
  private static let usualProcesses = 6

  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let gate, !(gate >= 0 && gate.isFinite) { throw ValidationError("--gate is negative") }
    guard inputs.count >= 2 else {
      throw ValidationError("diff compares a baseline with at least one candidate: name two inputs")
    }
    if let processes {
      guard (1...1000).contains(processes) else {
        throw ValidationError("--processes \(processes) is outside 1…1000")
      }
      if processes > 1, let record = inputs.first(where: SavedRecord.looksLikeOne) {
        throw ValidationError("--processes measures anew, and \(record) is a saved record")
      }
    }
    if inputs.count > 2, let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows two sides at most; for more use \(ReportFormats.overviewNames)")
    }
  }

  func run() throws {
    var sides: [Side] = []
    for (index, path) in inputs.enumerated() {
      let own = index == 0 ? baselineAssignments : candidateAssignments
      sides.append(try Side(path, topologyOptions, own, measurement))
    }
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    let records = try measure(sides)
    guard records.count == sides.count else {
      throw Failure(.interrupted, "interrupted before every side was measured once")
    }
    for (index, (side, record)) in zip(sides, records).enumerated() where side.topology != nil {
      let role = index == 0 ? "baseline" : "candidate\(inputs.count > 2 ? "-\(index)" : "")"
      try delivery.save(record, role: role)
    }
    let paired = sides.allSatisfy { $0.topology != nil }
    let comparison = Comparison(
      baseline: records[0], candidates: Array(records.dropFirst()), paired: paired)
    if comparison.diffs.count == 1 {
      try delivery.deliver(comparison.diffs[0], baseline: records[0], candidate: records[1])
    } else {
      try delivery.deliver(
        comparison, name: "diff-\(records[0].topology.name)", created: records[1].created)
    }
    try settle(comparison)
  }

  /// Ends with the status that the comparison asks for.
  private func settle(_ comparison: Comparison) throws(Failure) {
    // A saved record that was interrupted when it was made is a reason of `comparable`, no more.
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    let reasons = comparison.diffs.filter { $0.comparable.verdict != .comparable }
      .flatMap(\.comparable.reasons)
    if measurement.strict, !reasons.isEmpty {
      throw Failure(.data, "--strict: not comparable: \(reasons.joined(separator: "; "))")
    }
    guard let gate else { return }
    if comparison.diffs.contains(where: { $0.endToEnd?.interval == nil }) {
      let fewest =
        comparison.diffs.contains { $0.processes != nil }
        ? "use at least 4 processes"
        : "measure both sides at least \(SamplingRule.slowSamples) times"
      throw Failure(
        .data, "--gate \(gate): the records hold too few end-to-end samples to decide",
        remedy: fewest)
    }
    let slower = comparison.diffs.filter { $0.exceeds(gatePercent: gate) }
    if let first = slower.first {
      let name =
        comparison.diffs.count == 1
        ? "the candidate" : "candidate \(first.candidate.topology.source)"
      throw Failure(.regression, "\(name) is significantly slower by more than \(gate) %")
    }
  }

  /// One side: a saved record, or a topology to measure.
  private struct Side {
    var record: RunRecord?
    var topology: LoadedTopology?

    init(
      _ path: String, _ options: TopologyOptions, _ own: [Assignment],
      _ measurement: MeasurementOptions
    ) throws(Failure) {
      if SavedRecord.looksLikeOne(path) {
        record = try SavedRecord.load(path)
      } else {
        let loaded = try LoadedTopology(
          path, batch: options.batch, assignments: options.assignments + own)
        _ = try loaded.selection(measurement.layers)
        topology = loaded
      }
    }
  }

  private func measure(_ sides: [Side]) throws(Failure) -> [RunRecord] {
    guard sides.contains(where: { $0.topology != nil }) else {
      return sides.compactMap(\.record)
    }
    Interrupt.install()
    let processes = processes ?? (sides.contains { $0.record != nil } ? 1 : Self.usualProcesses)
    if processes > 1 {
      return try ProcessRounds(
        sides: sides.compactMap(\.topology), options: measurement, rounds: processes,
        quiet: output.quiet
      ).records()
    }
    let bench = try Bench(
      measurement, for: sides.compactMap { $0.topology?.graph }, quiet: output.quiet)
    var runs: [NetworkRun?] = []
    for side in sides {
      guard let topology = side.topology else {
        runs.append(nil)
        continue
      }
      runs.append(try NetworkRun(topology, on: bench, measurement))
    }
    let active = runs.compactMap(\.self)
    for run in active { try run.warmUp() }
    try Interleaving(runs: active, rule: measurement.rule, quiet: output.quiet).sample()
    for run in active { try run.count(quiet: output.quiet) }
    var records: [RunRecord] = []
    for (side, run) in zip(sides, runs) {
      if let record = run?.record() ?? side.record { records.append(record) }
    }
    return records
  }
}
