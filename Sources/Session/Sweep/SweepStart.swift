import Counters
import Execution
import FoundationEssentials
import Machine
import Measuring
package import Profiling
import Topology

/// Makes a sweep ready to run: points, and which of them need no measuring.
package enum SweepStart {
  /// More points than that are a slip of the hand.
  package static let limit = 10_000

  /// A new sweep of a topology.
  package static func sweep(
    _ topology: String, _ plan: SweepPlan
  ) throws(Failure) -> Sweep {
    guard count(plan) <= limit else {
      throw Failure(
        .usage, "the sweep has more than \(limit) points",
        remedy: "give fewer values, or --one-at-a-time")
    }
    let settings = try PointSettings(plan, of: topology)
    var whole = settings.base.network
    whole.weights = nil
    let base = try LoadedTopology(whole)
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    var points: [SweepPoint] = []
    for (index, values) in plan.settings.enumerated() {
      points.append(try point(SweepPoint(index: index, settings: values), plan, settings))
    }
    if points.allSatisfy({ $0.state == .failed }), let first = points.first {
      throw Failure(.data, "no point can be measured: \(first.reason ?? "")")
    }
    return Sweep(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: CommandWords.current, topology: base.info,
      machine: machine, plan: plan, points: points)
  }

  /// The points of a plan, without making them; at most one more than the limit.
  package static func count(_ plan: SweepPlan) -> Int {
    plan.mode == .grid
      ? plan.axes.reduce(1) { min($0 * $1.values.count, limit + 1) }
      : plan.axes.reduce(1) { $0 + $1.values.count - 1 }
  }

  /// One point: built without measuring, so that what cannot be built, or is ruled out by what is
  /// known beforehand, costs no time.
  private static func point(
    _ pending: SweepPoint, _ plan: SweepPlan, _ points: PointSettings
  ) throws(Failure) -> SweepPoint {
    let settings = points.settings(of: pending, seconds: 0)
    let loaded: LoadedTopology
    do throws(Failure) {
      loaded = try LoadedTopology(settings.network)
      // The processes that measure look at the numbers.
      _ = try loaded.chosenWeights(looksForNaN: false)
      // What the nodes of a cluster have is theirs to say.
      try loaded.checkMemory(settings.measurement, here: plan.launch == nil)
    } catch {
      guard error.exit == .data else { throw error }
      return SweepPoint(
        index: pending.index, settings: pending.settings, state: .failed, reason: error.message)
    }
    let flags = [Bool](repeating: true, count: loaded.graph.layers.count)
    var point = pending
    point.batch = loaded.graph.inputs.first?.type.batch ?? 1
    point.totals = RecordAssembler(graph: loaded.graph, selection: flags).totals()
    let broken = plan.constraints.first { $0.holds(for: point, axes: plan.axes) == false }
    if let broken {
      point.state = .excluded
      point.reason = broken.text
    }
    return point
  }

  /// A saved sweep, fit to go on with on this machine.
  package static func resume(_ path: String) throws(Failure) -> Sweep {
    let document = try SavedDocument.load(path)
    guard case .sweep(var sweep) = document else {
      throw Failure(
        .data, "\(path) is no sweep", remedy: "name the …-sweep-….json that a sweep saved")
    }
    let topology = try LoadedTopology(
      PointSettings(sweep.plan, of: sweep.topology.source).base.network)
    guard topology.info.sha256 == sweep.topology.sha256 else {
      throw Failure(
        .data, "\(sweep.topology.source) has changed since the sweep began",
        remedy: "restore it, or begin a new sweep")
    }
    let machine = CounterSources.machineInfo()
    guard
      sweep.plan.launch != nil
        || machine.cpu == sweep.machine.cpu && machine.cores == sweep.machine.cores
    else {
      throw Failure(
        .data,
        "the sweep was measured on another machine: \(sweep.machine.cpu), "
          + "\(sweep.machine.cores ?? 0) cores",
        remedy: "begin a new sweep: points of two machines do not compare")
    }
    sweep.analysis = nil
    return sweep
  }
}
