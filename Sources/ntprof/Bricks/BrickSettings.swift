import Execution
import Machine
import Measuring
import Profiling
import Session

/// How bricks and networks are measured, the same for all.
struct BrickSettings {
  var threads: Int
  var pin: PinningDecision.Mode
  var precision: String
  var cache: String
  var planning: PlanningOptions
  /// Seconds of measuring a process, where passes are not counted.
  var seconds: Double
  var iterations: Int?
  var warmup: Int?

  private var tuning: String { planning.tuning() }

  /// Options of a process that measures.
  var arguments: [String] {
    var list = [
      "--counters", "none", "--threads", "\(threads)", "--pin", pin.rawValue, "--precision",
      precision, "--cache", cache,
    ]
    list += iterations.map { ["--iterations", "\($0)"] } ?? ["--time", "\(seconds)"]
    if let warmup { list += ["--warmup", "\(warmup)"] }
    return list + planning.arguments(tuning: tuning)
  }

  /// What of them a time depends on: neither its length, nor what only says which bricks are refused.
  func key(on machine: MachineInfo) -> [String] {
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
  func options(granularity: Int) -> BrickOptions {
    BrickOptions(
      granularity: granularity, threads: threads, precision: precision, cache: cache,
      fusion: !planning.noFusion, tuning: tuning,
      tuningBudget: tuning == "auto" ? planning.tuningBudget : nil, seed: planning.seed,
      exact: planning.exact ? true : nil, isa: planning.isa, pin: pin.rawValue)
  }

  /// How a plan is made of them.
  var planOptions: PlanOptions {
    PlanOptions(
      threads: threads, fusion: !planning.noFusion, precision: PrecisionChoice.parse(precision),
      seed: planning.seed, isExact: planning.exact)
  }
}
