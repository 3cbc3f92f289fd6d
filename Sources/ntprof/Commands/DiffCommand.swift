import ArgumentParser
import Execution
import Machine
import Profiling
import Topology

/// `ntprof diff`: compare two topologies or records, layer by layer.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two topologies (measured now, in turn) or saved records, layer by layer.",
    discussion: """
      Two topologies are measured in one process in the order A B B A, so that both see the same \
      drift of the machine. Two variants of one file: name it twice and set params of each side \
      with --baseline-set and --candidate-set.
      """)

  @Argument(help: "A topology (XML) or a saved record (.json).") var baseline: String
  @Argument(help: "A topology (XML) or a saved record (.json).") var candidate: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(
    name: .customLong("baseline-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the baseline alone.", valueName: "name=value"))
  var baselineAssignments: [Assignment] = []

  @Option(
    name: .customLong("candidate-set"), parsing: .singleValue,
    help: ArgumentHelp("Override a <param> of the candidate alone.", valueName: "name=value"))
  var candidateAssignments: [Assignment] = []

  @Option(
    help: ArgumentHelp(
      "Exit with 1 when the candidate is significantly slower by more than that.",
      valueName: "percent"))
  var gate: Double?

  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let gate, !(gate >= 0 && gate.isFinite) { throw ValidationError("--gate is negative") }
  }

  func run() throws {
    let sides = try [
      Side(baseline, topologyOptions, baselineAssignments, measurement),
      Side(candidate, topologyOptions, candidateAssignments, measurement),
    ]
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    let records = try measure(sides)
    for (side, (record, role)) in zip(sides, zip(records, ["baseline", "candidate"]))
    where side.topology != nil {
      try delivery.save(record, role: role)
    }
    let paired = sides.allSatisfy { $0.topology != nil }
    let diff = Diff(baseline: records[0], candidate: records[1], paired: paired)
    try delivery.deliver(diff, baseline: records[0], candidate: records[1])
    // A saved record that was interrupted when it was made is a reason of `comparable`, no more.
    if Interrupt.isRequested {
      throw Failure(.interrupted, "interrupted; what was measured until then is compared")
    }
    if measurement.strict, diff.comparable.verdict != .comparable {
      throw Failure(
        .data, "--strict: not comparable: \(diff.comparable.reasons.joined(separator: "; "))")
    }
    if let gate, diff.endToEnd?.interval == nil {
      throw Failure(
        .data, "--gate \(gate): the records hold too few end-to-end samples to decide",
        remedy: "measure both sides at least \(SamplingRule.slowSamples) times")
    }
    if let gate, diff.exceeds(gatePercent: gate) {
      throw Failure(
        .regression, "the candidate is significantly slower by more than \(gate) %")
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
