package import Execution
package import Machine
import Measuring
package import Profiling

/// How bricks and networks are measured, the same for all.
package struct BrickSettings {
  package var threads: Int
  package var pin: PinningDecision.Mode
  package var precision: String
  package var cache: String
  package var planning: PlanningSettings
  /// Seconds of measuring a process, where passes are not counted.
  package var seconds: Double
  package var iterations: Int?
  package var warmup: Int?

  /// Settings of all that is measured.
  ///
  /// - Parameters:
  ///   - threads: Of a team.
  ///   - pin: Whether they are bound to CPUs.
  ///   - precision: Numbers to compute with.
  ///   - cache: State of the caches, `warm` or `cold`.
  ///   - planning: How networks are planned.
  ///   - seconds: Of measuring a process, where passes are not counted.
  ///   - iterations: Measured passes of a process.
  ///   - warmup: Passes before them.
  package init(
    threads: Int, pin: PinningDecision.Mode, precision: String, cache: String,
    planning: PlanningSettings, seconds: Double, iterations: Int?, warmup: Int?
  ) {
    self.threads = threads
    self.pin = pin
    self.precision = precision
    self.cache = cache
    self.planning = planning
    self.seconds = seconds
    self.iterations = iterations
    self.warmup = warmup
  }

  private var tuning: String { planning.tuning() }

  /// How a process measures.
  package var measurement: MeasurementSettings {
    var settings = MeasurementSettings()
    settings.counters = "none"
    settings.threads = threads
    settings.pin = pin
    settings.askedPrecision = precision
    settings.cache = cache
    settings.iterations = iterations
    settings.time = iterations == nil ? seconds : nil
    settings.warmup = warmup
    settings.planning = planning
    settings.planning.askedTuning = tuning
    return settings
  }

  /// What of them a time depends on: neither its length, nor what only says which bricks are refused.
  package func key(on machine: MachineInfo) -> [String] {
    var list = [
      CacheFolder.name("brick", for: machine, threads: threads, isa: planning.isa),
      "pin \(pin.rawValue)", "precision \(precision)", "cache \(cache)", "tuning \(tuning)",
      "seed \(planning.seed)",
    ]
    if tuning == "auto" { list.append("budget \(planning.tuningBudget)") }
    if planning.exact { list.append("exact") }
    if planning.noFusion { list.append("no fusion") }
    return list
  }

  /// The document's `options`.
  package func options(granularity: Int) -> BrickOptions {
    BrickOptions(
      granularity: granularity, threads: threads, precision: precision, cache: cache,
      fusion: !planning.noFusion, tuning: tuning,
      tuningBudget: tuning == "auto" ? planning.tuningBudget : nil, seed: planning.seed,
      exact: planning.exact ? true : nil, isa: planning.isa, pin: pin.rawValue)
  }

  /// How a plan is made of them.
  package var planOptions: PlanOptions {
    PlanOptions(
      threads: threads, fusion: !planning.noFusion, precision: PrecisionChoice.parse(precision),
      seed: planning.seed, isExact: planning.exact)
  }
}
