public import ArgumentParser
import Execution
import Machine
import Measuring
public import Profiling
import Reports
import Session

/// `ntprof advise`: measure what would make a network faster.
struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise", abstract: "Measure what would make a network faster here.",
    discussion: """
      Candidates from a fixed list and from what holds the network back (tuning, precision, threads, pinning, \
      batch, fusion, the next wider and narrower params) race in fresh processes; the fastest are measured \
      against the network as it is, as 'diff' does. The record of the next 'profile' quotes the result.

      Examples:
        ntprof advise deepspeech
        ntprof advise mobilenet-v2 --time 120 --objective throughput --threads 2
      """)

  @Argument(
    help: "A topology: an XML file, or a name of 'ntprof list'.", completion: Completions.topology)
  var topology: String
  @OptionGroup var topologyOptions: TopologyOptions

  @Option(help: ArgumentHelp("Seconds for all of it.", valueName: "seconds"))
  var time: Double = 60

  @Option(help: "What is to become better: latency or throughput.")
  var objective: Advice.Objective = .latency

  @Option(
    name: .customLong("min-cosine"),
    help: ArgumentHelp(
      "The least cosine of a candidate's outputs with those in f32.", valueName: "cosine"))
  var minCosine: Double = 0.99

  @Option(help: "OpenMP threads of the baseline (default: physical cores).") var threads: Int?
  @Option(help: "Bind threads to CPUs, physical cores first: auto, on or off.")
  var pin: PinningDecision.Mode = .auto
  @Option(help: PrecisionChoice.help, completion: Choices.precision) var precision: String = "f32"
  @Option(help: "State of the caches before each layer: warm or cold.", completion: Choices.cache)
  var cache: String = "warm"
  @Option(help: "Cap oneDNN's instruction set: \(Choices.isaNames).", completion: Choices.isa)
  var isa: String?
  @Option(
    help: "How implementations of the baseline are chosen: auto, fast or search.",
    completion: Choices.tuning)
  var tuning: String = "auto"
  @Flag(name: .customLong("no-fusion"), help: "The baseline runs every primitive by itself.")
  var noFusion = false
  @Flag(help: "No algorithm that rounds otherwise than the direct one: no Winograd.")
  var exact = false
  @Option(help: "Seed of weights and inputs.") var seed: UInt64 = 1
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard time > 0, time.isFinite else { throw ValidationError("--time must be positive") }
    guard (0...1).contains(minCosine) else {
      throw ValidationError("--min-cosine \(minCosine) is outside 0…1")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    guard PlanOptions.Tuning(rawValue: tuning) != nil else {
      throw ValidationError("--tuning '\(tuning)' is none of \(Choices.tunings)")
    }
    guard ["warm", "cold"].contains(cache) else {
      throw ValidationError("--cache '\(cache)' is neither warm nor cold")
    }
    try PrecisionChoice.validate(precision)
    if let name = output.format.first(where: { !ReportFormats.isOverview($0) }) {
      throw ValidationError(
        "--format \(name) shows no advice; it is one of \(ReportFormats.overviewNames)")
    }
  }

  func run() throws {
    let loaded = try LoadedTopology(
      NetworkSettings(
        topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments))
    let baseline = settings(loaded.source)
    try loaded.checkMemory(baseline.settings().measurement)
    let delivery = try Delivery(output)
    defer { delivery.withdraw() }
    Interrupt.install()
    let advisor = Advisor(
      baseline: baseline,
      options: AdviceOptions(
        objective: objective,
        precisions: Precision.allCases.filter { OneDNNEngine().obstacle(to: $0) == nil }.map(
          \.rawValue),
        cores: Host.read().defaultThreads),
      minCosine: minCosine, seconds: time, observer: output.observer,
      forecast: AdviseForecast(objective: objective).ns)
    let advice = try advisor.advise(command: CommandWords.current)
    Console.clearProgress()
    AdviceMemory.keep(advice)
    try delivery.deliver(
      advice, kind: "advice", name: "\(advice.topology.name)-advice", created: advice.created)
    if advice.interrupted {
      throw Failure(.interrupted, "interrupted; what was measured until then is reported")
    }
    if let faults = advice.faults, advice.processes == 0 {
      throw Failure(
        .software,
        "nothing was measured against the baseline: \(faults.joined(separator: "; "))")
    }
  }

  private func settings(_ source: String) -> AdviseSettings {
    var values: [String: String?] = ["pin": pin.rawValue, "tuning": tuning, "precision": precision]
    values["threads"] = threads.map { .some("\($0)") }
    values["batch"] = topologyOptions.batch.map { .some("\($0)") }
    values["isa"] = isa.map { .some($0) }
    if cache != "warm" { values["cache"] = .some(cache) }
    if seed != 1 { values["seed"] = .some("\(seed)") }
    if noFusion { values["no-fusion"] = .some(nil) }
    if exact { values["exact"] = .some(nil) }
    for assignment in topologyOptions.assignments {
      values["set \(assignment.name)"] = .some("\(assignment.value)")
    }
    return AdviseSettings(topology: source, values: values)
  }
}

extension Advice.Objective: ExpressibleByArgument {}
