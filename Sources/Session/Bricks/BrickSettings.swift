package import Execution
package import Machine
import Measuring
package import Profiling

/// How bricks and networks are measured, the same for all.
package struct BrickSettings {
  package var threads: Int
  package var pin: PinningDecision.Mode
  package var precision: String
  /// What bricks find in the caches: `warm` or `cold`, or `auto`, which is `warm` but for the weights of networks whose
  /// weights exceed the last cache.
  package var cache: String
  package var planning: PlanningSettings
  /// Seconds of measuring a process, where passes are not counted.
  package var seconds: Double
  package var iterations: Int?
  package var warmup: Int?
  /// Processes that measure each brick, and each network.
  package var processes: Int

  /// Settings of all that is measured.
  ///
  /// - Parameters:
  ///   - threads: Of a team.
  ///   - pin: Whether they are bound to CPUs.
  ///   - precision: Numbers to compute with.
  ///   - cache: What bricks find in the caches: `auto`, `warm` or `cold`.
  ///   - planning: How networks are planned.
  ///   - seconds: Of measuring a process, where passes are not counted.
  ///   - iterations: Measured passes of a process.
  ///   - warmup: Passes before them.
  ///   - processes: Processes that measure each brick, and each network.
  package init(
    threads: Int, pin: PinningDecision.Mode, precision: String, cache: String,
    planning: PlanningSettings, seconds: Double, iterations: Int?, warmup: Int?,
    processes: Int = 1
  ) {
    self.threads = threads
    self.pin = pin
    self.precision = precision
    self.cache = cache
    self.planning = planning
    self.seconds = seconds
    self.iterations = iterations
    self.warmup = warmup
    self.processes = processes
  }

  /// What bricks find in the caches that are to tell of a run with such ``MeasurementSettings/cache``.
  package static func cache(of run: String) -> String { run == "cold" ? run : "auto" }

  /// What the bricks of a network find in the caches.
  ///
  /// - Parameters:
  ///   - weightBytes: Of the network's weights.
  ///   - lastCacheBytes: What the last cache holds; 0 where that is not known.
  /// - Returns: ``cache``, with `auto` what stands for it.
  package func cache(weightBytes: Int, lastCacheBytes: Int) -> String {
    guard cache == "auto" else { return cache }
    let exceeds = lastCacheBytes > 0 && weightBytes > lastCacheBytes
    return exceeds ? MeasurementSettings.coldWeights : "warm"
  }

  private var tuning: String { planning.tuning() }

  /// How a process measures a network.
  package var measurement: MeasurementSettings {
    measurement(cache: cache == "auto" ? "warm" : cache)
  }

  /// How a process measures a brick that finds this in the caches.
  package func measurement(cache: String) -> MeasurementSettings {
    var settings = MeasurementSettings()
    settings.counters = "none"
    // Times alone are read of it.
    settings.measuresRoofs = false
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

  /// What of them a time depends on, of a brick that finds `cache` in the caches: neither its length, nor the number of
  /// processes, nor what only says which bricks are refused.
  package func key(on machine: MachineInfo, cache: String) -> [String] {
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

  /// Keys of bricks that tell what to expect of a run: its own, and with `auto` that of oneDNN's first choice, with which
  /// bricks are measured unless another one is asked for.
  package func expecting(on machine: MachineInfo, cache: String) -> [[String]] {
    let own = key(on: machine, cache: cache)
    guard tuning == "auto" else { return [own] }
    var other = self
    other.planning.askedTuning = "fast"
    return [own, other.key(on: machine, cache: cache)]
  }

  /// The document's `options`.
  package func options(granularity: Int) -> BrickOptions {
    BrickOptions(
      granularity: granularity, threads: threads, precision: precision, cache: cache,
      fusion: !planning.noFusion, tuning: tuning,
      tuningBudget: tuning == "auto" ? planning.tuningBudget : nil, seed: planning.seed,
      exact: planning.exact ? true : nil, isa: planning.isa, pin: pin.rawValue,
      processes: processes)
  }

  /// How a plan is made of them.
  package var planOptions: PlanOptions {
    PlanOptions(
      threads: threads, fusion: !planning.noFusion, precision: PrecisionChoice.parse(precision),
      seed: planning.seed, isExact: planning.exact)
  }
}
