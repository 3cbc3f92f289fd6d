import ArgumentParser
import Execution
import Session

/// Options that say how a network is planned, and which are refused: the same for one run and for a sweep.
struct PlanningOptions: ParsableArguments {
  @Option(help: "Cap oneDNN's instruction set: \(Choices.isaNames).", completion: Choices.isa)
  var isa: String?

  @Option(
    name: .customLong("tuning"),
    help: ArgumentHelp(
      "How implementations are chosen: auto, fast (oneDNN's first choice) or search (times all).",
      discussion: """
        Default: auto, which takes what searches found on this machine, searches where the time goes \
        within --tuning-budget, and guesses the rest; fast for bricks, where --counters simulated \
        counts, and with --layer-timeout.
        """, valueName: "how"),
    completion: Choices.tuning)
  var askedTuning: String?

  @Option(
    help: ArgumentHelp("Seconds that --tuning auto may search for.", valueName: "seconds"))
  var tuningBudget: Double = 2

  @Flag(help: "No algorithm that rounds otherwise than the direct one: no Winograd.")
  var exact = false

  @Flag(name: .customLong("no-fusion"), help: "Run every primitive by itself.")
  var noFusion = false

  @Option(help: "Seed of weights and inputs.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("memory-limit"),
    help: ArgumentHelp(
      "Refuse a network, or a point of a sweep, whose run needs more memory, like 2GiB or 500MB (default: what is available).",
      valueName: "size"), transform: MemorySize.parse)
  var memoryLimit: MemorySize?

  @Option(
    name: .customLong("layer-timeout"),
    help: ArgumentHelp(
      "Leave out layers that run longer than that once, and say which.", valueName: "seconds"))
  var layerTimeout: Double?

  /// What these say.
  var settings: PlanningSettings {
    var made = PlanningSettings()
    made.isa = isa
    made.askedTuning = askedTuning
    made.tuningBudget = tuningBudget
    made.exact = exact
    made.noFusion = noFusion
    made.seed = seed
    made.memoryLimit = memoryLimit?.bytes
    made.layerTimeout = layerTimeout
    return made
  }

  func validate() throws {
    if let askedTuning, PlanOptions.Tuning(rawValue: askedTuning) == nil {
      throw ValidationError("--tuning '\(askedTuning)' is none of \(Choices.tunings)")
    }
    guard tuningBudget >= 0, tuningBudget <= 3600 else {
      throw ValidationError("--tuning-budget \(tuningBudget) is outside 0…3600")
    }
    guard layerTimeout.map({ $0 > 0 && $0 <= RunSettings.longestTime }) ?? true else {
      throw ValidationError("--layer-timeout must be positive, and at most 1,000,000,000")
    }
  }
}
