import Machine
import Profiling
import Session
import Topology

/// Says what bricks of the store predict for the points of a sweep.
struct SweepForecast {
  /// Points above which planning them beforehand would take longer than it is worth.
  private static let limit = 64

  let topology: String
  let model: ModelArguments
  let pin: PinningDecision.Mode
  let cache: String
  let planning: PlanningOptions

  /// Fills the predictions of points that are to be measured.
  func fill(_ sweep: inout Sweep) {
    // Bricks of this machine say nothing of the nodes of a cluster.
    guard sweep.plan.launch == nil else { return }
    let due = sweep.points.filter { $0.state == .pending }.map(\.index)
    guard due.count <= Self.limit else { return }
    let bricks = BrickForecast()
    guard bricks.hasBricks else { return }
    for index in due {
      sweep.points[index].predictedNs = ns(sweep.points[index].settings, sweep.plan.axes, bricks)
    }
  }

  private func ns(
    _ values: [String], _ axes: [SweepAxis], _ bricks: BrickForecast
  ) -> Double? {
    var (batch, threads) = (Int?.none, Host.read().defaultThreads)
    var precision = "f32"
    var assignments: [Assignment] = []
    for (axis, value) in zip(axes, values) {
      switch axis.kind {
      case .param:
        assignments += Int(value).map { [Assignment(name: axis.name, value: $0)] } ?? []
      case .batch: batch = Int(value)
      case .threads: threads = Int(value) ?? threads
      case .precision: precision = value
      case .machine: break
      }
    }
    guard
      let network = try? LoadedTopology(
        topology, batch: batch, assignments: assignments, model: model)
    else { return nil }
    return bricks.ns(
      of: network,
      BrickSettings(
        threads: threads, pin: pin, precision: precision, cache: cache, planning: planning,
        seconds: 0, iterations: nil, warmup: nil))
  }
}
