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

  /// What these say.
  var settings: MeasurementSettings {
    var made = MeasurementSettings()
    made.layers = layers
    made.threads = threads
    made.pin = pin
    made.askedPrecision = askedPrecision
    made.iterations = iterations
    made.time = time
    made.until = until
    made.warmup = warmup
    made.cache = cache
    made.counters = counters
    made.events = events
    made.planning = planning.settings
    made.engine = engineOptions.engine
    made.enginePython = engineOptions.python
    made.strict = strict
    return made
  }

  mutating func validate() throws {
    guard [iterations != nil, time != nil, until != nil].filter({ $0 }).count <= 1 else {
      throw ValidationError("--iterations, --time and --until exclude each other")
    }
    func positive(_ name: String, _ value: Double?) throws {
      if let value, !(value > 0 && value.isFinite) {
        throw ValidationError("\(name) must be positive")
      }
      if let value, value > RunSettings.longestTime {
        throw ValidationError("\(name) must be at most 1,000,000,000")
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
    try PrecisionChoice.validate(settings.precision)
    for event in (events ?? "").split(separator: ",").map(String.init)
    where !EventVocabulary.knows(event) {
      let meant = Suggestion.nearest(to: event, among: EventVocabulary.all)
      throw ValidationError(
        "--events: no event is called '\(event)'"
          + (meant.map { "; did you mean '\($0)'?" }
            ?? "; use \(EventSelection.setNames.joined(separator: ", ")), a name of docs/counters.md, "
            + "one as 'perf list' or PAPI prints it, or rHEX"))
    }
    try settings.validateEngine()
    if counters == "simulated", settings.precision != "f32" {
      throw ValidationError(
        "--counters simulated counts f32 only: the simulator's AVX2 has other code for \(settings.precision)"
      )
    }
  }
}
