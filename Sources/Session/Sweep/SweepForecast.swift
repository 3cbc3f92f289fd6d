import Machine
package import Profiling
import Topology

/// Says what bricks of the store predict for the points of a sweep.
package struct SweepForecast {
  /// Points above which planning them beforehand would take longer than it is worth.
  private static let limit = 64

  /// Nothing is looked for yet.
  package init() {}

  /// Fills the predictions of points that are to be measured.
  package func fill(_ sweep: inout Sweep) throws(Failure) {
    // Bricks of this machine say nothing of the nodes of a cluster.
    guard sweep.plan.launch == nil else { return }
    let due = sweep.points.filter { $0.state == .pending }.map(\.index)
    guard due.count <= Self.limit else { return }
    let bricks = BrickForecast()
    guard bricks.hasBricks else { return }
    let points = try PointSettings(sweep.plan, of: sweep.topology.source)
    for index in due {
      sweep.points[index].predictedNs = ns(
        points.settings(of: sweep.points[index], seconds: 0), bricks)
    }
  }

  private func ns(_ settings: RunSettings, _ bricks: BrickForecast) -> Double? {
    let how = settings.measurement
    guard let network = try? LoadedTopology(settings.network) else { return nil }
    return bricks.ns(
      of: network,
      BrickSettings(
        threads: how.threads ?? Host.read().defaultThreads, pin: how.pin, precision: how.precision,
        cache: BrickSettings.cache(of: how.cache), planning: how.planning, seconds: 0,
        iterations: nil, warmup: nil))
  }
}
