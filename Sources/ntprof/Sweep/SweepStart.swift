import Counters
import Execution
import FoundationEssentials
import Machine
import Measuring
import Profiling
import Session
import Topology

/// Makes a sweep ready to run: points, and which of them need no measuring.
enum SweepStart {
  /// More points than that are a slip of the hand.
  static let limit = 10_000

  /// A new sweep of a topology.
  static func sweep(
    _ topology: String, _ plan: SweepPlan, weights: String?, model: ModelArguments,
    memoryLimit: Int? = nil
  ) throws(Failure) -> Sweep {
    guard count(plan) <= limit else {
      throw Failure(
        .usage, "the sweep has more than \(limit) points",
        remedy: "give fewer values, or --one-at-a-time")
    }
    let base = try LoadedTopology(topology, batch: nil, assignments: [], model: model)
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    var points: [SweepPoint] = []
    for (index, settings) in plan.settings.enumerated() {
      points.append(
        try point(index, settings, topology, plan, weights: weights, memoryLimit: memoryLimit))
    }
    if points.allSatisfy({ $0.state == .failed }), let first = points.first {
      throw Failure(.data, "no point can be measured: \(first.reason ?? "")")
    }
    return Sweep(
      created: Date.now.formatted(.iso8601), tool: .ntprof,
      command: ["ntprof"] + CommandLine.arguments.dropFirst(), topology: base.info,
      machine: machine, plan: plan, points: points)
  }

  /// The points of a plan, without making them; at most one more than the limit.
  static func count(_ plan: SweepPlan) -> Int {
    plan.mode == .grid
      ? plan.axes.reduce(1) { min($0 * $1.values.count, limit + 1) }
      : plan.axes.reduce(1) { $0 + $1.values.count - 1 }
  }

  /// One point: built without measuring, so that what cannot be built, or is ruled out by what is
  /// known beforehand, costs no time.
  private static func point(
    _ index: Int, _ settings: [String], _ topology: String, _ plan: SweepPlan, weights: String?,
    memoryLimit: Int?
  ) throws(Failure) -> SweepPoint {
    var batch: Int?
    var assignments: [Assignment] = []
    for (axis, value) in zip(plan.axes, settings) {
      switch axis.kind {
      case .param: assignments += Int(value).map { [Assignment(name: axis.name, value: $0)] } ?? []
      case .batch: batch = Int(value)
      case .threads, .precision, .machine: break
      }
    }
    let loaded: LoadedTopology
    do throws(Failure) {
      loaded = try LoadedTopology(
        topology, batch: batch, assignments: assignments, weights: weights,
        model: ModelArguments(in: plan.arguments))
      // The processes that measure look at the numbers.
      _ = try loaded.chosenWeights(looksForNaN: false)
      // What the nodes of a cluster have is theirs to say.
      let available = plan.launch == nil ? Host.read().memoryAvailableBytes : 0
      _ = try loaded.program(fitting: available, limit: memoryLimit)
    } catch {
      guard error.exit == .data else { throw error }
      return SweepPoint(index: index, settings: settings, state: .failed, reason: error.message)
    }
    let flags = [Bool](repeating: true, count: loaded.graph.layers.count)
    var point = SweepPoint(index: index, settings: settings)
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
  static func resume(_ path: String) throws(Failure) -> Sweep {
    let document = try SavedDocument.load(path)
    guard case .sweep(var sweep) = document else {
      throw Failure(
        .data, "\(path) is no sweep", remedy: "name the …-sweep-….json that a sweep saved")
    }
    let topology = try LoadedTopology(
      sweep.topology.source, batch: nil, assignments: [],
      model: ModelArguments(in: sweep.plan.arguments))
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
