public import ArgumentParser
public import Profiling
import Session

extension ScenarioRecord.Kind: ExpressibleByArgument {}

/// Options of MLPerf's load patterns.
struct ScenarioOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also measure under a load pattern of MLPerf Inference: "
        + ScenarioRecord.Kind.allCases.map(\.rawValue).joined(separator: ", ") + ".",
      discussion: "multi-stream means --batch 8, offline --batch 32, unless --batch says otherwise."
    ))
  var scenario: ScenarioRecord.Kind?

  @Option(
    name: .customLong("target-qps"),
    help: ArgumentHelp(
      "server: arrivals a second. Default: search for the most that meet --latency-bound.",
      valueName: "rate"))
  var targetQPS: Double?

  @Option(
    name: .customLong("latency-bound"),
    help: ArgumentHelp("server: what 99 % of the queries must meet.", valueName: "ms"))
  var latencyBound: Double?

  /// What these say; nil where no scenario is asked for.
  var settings: ScenarioSettings? {
    scenario.map { kind in
      var made = ScenarioSettings(kind)
      made.targetQPS = targetQPS
      made.latencyBound = latencyBound
      return made
    }
  }

  /// The batch size, if the scenario decides it.
  func batch(_ asked: Int?) -> Int? { asked ?? scenario?.defaultBatch }

  mutating func validate() throws {
    for (name, value) in [("--target-qps", targetQPS), ("--latency-bound", latencyBound)] {
      guard let value else { continue }
      guard value > 0, value.isFinite else { throw ValidationError("\(name) must be positive") }
      guard scenario == .server else {
        throw ValidationError("\(name) belongs to --scenario server")
      }
    }
    if scenario == .server, targetQPS == nil, latencyBound == nil {
      throw ValidationError("--scenario server needs --target-qps, --latency-bound, or both")
    }
  }
}
