import ArgumentParser
import Counters
import Engines
import Execution
import Machine
import Measuring
import Profiling
import Session
import Topology
import TopologyXML

/// Options that say how a run is measured.
@dynamicMemberLookup
struct MeasurementOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Layers to instrument: all, marked, names, FIRST..LAST or @SEGMENT, joined by commas.",
      discussion: "Default: marked where the topology has markers, else all.",
      valueName: "layers"),
    completion: Completions.layers)
  var layers: String?

  @Option(help: "OpenMP threads (default: physical cores).")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Bind threads to CPUs, physical cores first: auto, on or off.",
      discussion: "OMP_PLACES, OMP_PROC_BIND and GOMP_CPU_AFFINITY come before it.",
      valueName: "mode"))
  var pin: PinningDecision.Mode = .auto

  @Option(
    name: .customLong("precision"), help: PrecisionChoice.help, completion: Choices.precision)
  var askedPrecision: String?

  @Option(help: "Measured passes, exactly.")
  var iterations: Int?

  @Option(help: ArgumentHelp("Seconds of measuring.", valueName: "seconds"))
  var time: Double?

  @Option(
    help: ArgumentHelp(
      "Measure until the 95 % interval of the median is that narrow.", valueName: "percent"))
  var until: Double?

  @Option(help: "Warm-up passes (default: until 3 passes and 0.2 s are over).")
  var warmup: Int?

  @Option(
    help: ArgumentHelp(
      "warm, or cold: before each layer, what it reads and writes is dropped from all caches.",
      valueName: "state"),
    completion: Choices.cache)
  var cache: String = "warm"

  @Option(
    help: ArgumentHelp(
      "Counter source: \(CounterSources.choices.joined(separator: ", ")).",
      discussion: "Default: what the topology's markers ask for, else auto."),
    completion: Choices.counters)
  var counters: String?

  @Option(
    help: ArgumentHelp(
      "Events to count, joined by commas: standard, topdown, flops, names, rHEX.", valueName: "list"
    ))
  var events: String?

  @OptionGroup var planning: PlanningOptions
  @OptionGroup var engineOptions: EngineOptions

  @Flag(help: "End with an error where a warning says the result is doubtful.")
  var strict = false

  /// What says how the network is planned, as if it stood here.
  subscript<Value>(dynamicMember path: KeyPath<PlanningOptions, Value>) -> Value {
    planning[keyPath: path]
  }

  /// `--tuning`, or what stands for it.
  var tuning: String {
    planning.tuning(isFast: counters == "simulated" || engineOptions.engine != .onednn)
  }

  var rule: SamplingRule {
    let goal: SamplingRule.Goal =
      if let iterations {
        .iterations(iterations)
      } else if let time {
        .seconds(time)
      } else if let until {
        .percent(until)
      } else {
        .standard
      }
    return SamplingRule(goal: goal, warmup: warmup)
  }

  /// `--precision`, or f32.
  var precision: String { askedPrecision ?? "f32" }

  /// These options with what a network says itself where they say nothing.
  ///
  /// One that quantises runs in int8, but for `--counters simulated`, which knows f32 only.
  func settled(for graph: Graph) -> MeasurementOptions {
    var options = self
    if counters != "simulated" {
      options.askedPrecision = PrecisionChoice.settled(askedPrecision, for: graph)
    }
    return options
  }

  /// How a plan of these options is made for a team.
  func planOptions(threads: Int) -> PlanOptions {
    PlanOptions(
      threads: threads, fusion: !planning.noFusion, precision: PrecisionChoice.parse(precision),
      seed: planning.seed, tuning: .init(rawValue: tuning) ?? .fast, budget: planning.tuningBudget,
      isExact: planning.exact)
  }

  /// `--counters`, else what the markers of the topology ask for, else `auto`.
  func counterChoice(for graphs: [Graph]) throws(Failure) -> String {
    if let counters { return counters }
    let segments = graphs.flatMap(\.segments).filter { $0.counters != nil }
    guard let first = segments.first, let choice = first.counters else { return "auto" }
    guard CounterSources.choices.contains(choice) else {
      throw Failure(
        .data, "marker '\(first.name)': counters '\(choice)' is no counter source",
        remedy: "choose from \(CounterSources.choices.joined(separator: ", "))")
    }
    if let other = segments.first(where: { $0.counters != choice }) {
      throw Failure(
        .usage,
        "markers '\(first.name)' and '\(other.name)' ask for different counter sources",
        remedy: "a run has one source: choose it with --counters")
    }
    return choice
  }

  /// `--events`, else those the markers of the topology ask for.
  func eventList(for graphs: [Graph]) -> [String] {
    if let events { return events.split(separator: ",").map(String.init) }
    var list: [String] = []
    for event in graphs.flatMap(\.segments).flatMap(\.events) where !list.contains(event) {
      list.append(event)
    }
    return list
  }

  mutating func validate() throws {
    guard [iterations != nil, time != nil, until != nil].filter({ $0 }).count <= 1 else {
      throw ValidationError("--iterations, --time and --until exclude each other")
    }
    func positive(_ name: String, _ value: Double?) throws {
      if let value, !(value > 0 && value.isFinite) {
        throw ValidationError("\(name) must be positive")
      }
    }
    try positive("--iterations", iterations.map(Double.init))
    try positive("--time", time)
    try positive("--until", until)
    if let iterations, iterations > 1_000_000 {
      throw ValidationError("--iterations \(iterations) is more than 1,000,000")
    }
    if let warmup, !(0...1_000_000).contains(warmup) {
      throw ValidationError("--warmup \(warmup) is outside 0…1,000,000")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads) is outside 1…1024")
    }
    guard ["warm", "cold"].contains(cache) else {
      throw ValidationError("--cache '\(cache)' is neither warm nor cold")
    }
    if let counters, !CounterSources.choices.contains(counters) {
      throw ValidationError(
        "--counters '\(counters)' is none of \(CounterSources.choices.joined(separator: ", "))")
    }
    try PrecisionChoice.validate(precision)
    for event in (events ?? "").split(separator: ",").map(String.init)
    where !EventVocabulary.knows(event) {
      let meant = Suggestion.nearest(to: event, among: EventVocabulary.all)
      throw ValidationError(
        "--events: no event is called '\(event)'"
          + (meant.map { "; did you mean '\($0)'?" }
            ?? "; use \(EventSelection.setNames.joined(separator: ", ")), a name of docs/counters.md, "
            + "one as 'perf list' or PAPI prints it, or rHEX"))
    }
    try validateEngine(engineOptions.engine)
    if counters == "simulated", precision != "f32" {
      throw ValidationError(
        "--counters simulated counts f32 only: the simulator's AVX2 has other code for \(precision)"
      )
    }
  }
}
