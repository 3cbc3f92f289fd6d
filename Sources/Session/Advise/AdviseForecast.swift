import Machine
package import Profiling
import Topology

/// What the settings of a race are predicted to take, by bricks of the store.
package struct AdviseForecast {
  package let objective: Advice.Objective
  private let bricks = BrickForecast()

  /// Looks for bricks of this machine.
  package init(objective: Advice.Objective) { self.objective = objective }

  /// One pass, or one input of it, ns; nil where a brick is not known.
  package func ns(of settings: AdviseSettings) -> Double? {
    guard bricks.hasBricks else { return nil }
    guard let asked = try? settings.settings(), let network = try? LoadedTopology(asked.network)
    else { return nil }
    let how = asked.measurement
    let pass = bricks.ns(
      of: network,
      BrickSettings(
        threads: how.threads ?? Host.read().defaultThreads, pin: how.pin, precision: how.precision,
        cache: BrickSettings.cache(of: how.cache), planning: how.planning, seconds: 0,
        iterations: nil, warmup: nil))
    let batch = Double(network.graph.inputs.first?.type.batch ?? 1)
    return pass.map { objective == .throughput ? $0 / batch : $0 }
  }
}
