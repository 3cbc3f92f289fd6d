import FoundationEssentials
import Machine
package import Profiling
import Reports

/// A sweep that was measured, as far as it got: by this machine or by a cluster.
package protocol MeasuredSweep {
  /// What was measured.
  var sweep: Sweep { get }
  /// Where it is saved.
  var file: SweepFile { get }
  /// Why it ended early, if it was neither the user nor the budget.
  var failure: Failure? { get }
  /// What goes on after Ctrl-C, and how that is ended.
  var remains: String? { get }
}

extension SweepRun: MeasuredSweep {
  package var remains: String? { nil }
}

/// Measures the points of a sweep by the nodes of a cluster.
///
/// As ``SweepRun`` does it, but that a round's processes run side by side on many nodes: which task
/// measures which of them is drawn at random, so that neither a node nor a moment favours a point. What the points hold is
/// made anew of all parts each time, so that it does not matter which command gathered them.
package struct ClusterSweep: MeasuredSweep {
  package var sweep: Sweep
  package private(set) var file: SweepFile
  package private(set) var failure: Failure?
  private let cluster: ClusterRun
  private let points: PointSettings
  private let observer: any SessionObserver
  /// The place of the machine among the axes.
  private let machineAxis: Int?
  /// Rounds beyond the plan that were asked for, by point.
  private var asked: [Int: Int] = [:]

  /// Waves beyond the plan, for disturbed points and for contenders, each.
  private static let furtherWaves = 2
  /// Points above which only sums of the parts are kept in memory.
  private static let remembered = 64
  /// What a process takes besides measuring, seconds: its start, the plan, the first pass.
  private static let overhead = 0.7

  /// Takes up a sweep whose plan says how it is launched; its parts lie beside its file.
  package init(_ sweep: Sweep, file: SweepFile, observer: any SessionObserver) throws(Failure) {
    guard let launch = sweep.plan.launch, let path = file.path else {
      throw Failure(.software, "a sweep on a cluster has no file")
    }
    points = try PointSettings(sweep)
    self.sweep = sweep
    self.file = file
    self.observer = observer
    machineAxis = sweep.plan.axes.firstIndex { $0.kind == .machine }
    let keepsAll = sweep.points.count <= Self.remembered
    let topology = sweep.topology
    let count = sweep.points.count
    cluster = ClusterRun(
      Self.folder(of: path), name: topology.name, run: launch.run, options: launch.options,
      tasks: launch.tasks, observer: observer
    ) { (part, path) throws(Failure) in
      try Self.check(part, path, topology, points: count)
      return keepsAll ? part : part.summary
    }
  }

  /// The folder of a sweep's parts: beside its file, under its name.
  package static func folder(of file: String) -> PartsFolder {
    PartsFolder((file.hasSuffix(".json") ? String(file.dropLast(5)) : file) + ".parts")
  }

  private static func check(
    _ part: MeasuredPart, _ path: String, _ topology: TopologyInfo, points: Int
  ) throws(Failure) {
    let remedy = "move it out of the folder of the parts; --resume goes on"
    if let found = part.record?.topology, found.sha256 != topology.sha256 {
      throw Failure(
        .data,
        "\(path): is a part of another topology: '\(found.name)' (\(found.source), sha256 "
          + "\(found.sha256.prefix(12))…), not '\(topology.name)' (\(topology.source), "
          + "\(topology.sha256.prefix(12))…)", remedy: remedy)
    }
    guard part.place.item < points else {
      throw Failure(
        .data, "\(path): is point \(part.place.item) of a sweep of \(points)", remedy: remedy)
    }
    guard part.fault != nil || part.record?.endToEnd != nil else {
      throw Failure(.data, "\(path): holds no measurement of a network", remedy: remedy)
    }
  }

  package var remains: String? {
    Slurm.isUnderWay(cluster.jobName) == false
      ? nil : "the jobs go on (scancel --name=\(cluster.jobName) ends them)"
  }

  /// Gathers what is there, and measures what is not.
  package mutating func run() {
    sweep.interrupted = false
    do throws(Failure) {
      try cluster.gather()
      conclude()
      if try measureAll() { learn() } else { sweep.interrupted = Interrupt.isRequested }
    } catch {
      failure = error.exit == .unavailable ? refused(error) : error
    }
    conclude()
    sweep.analysis = SweepAnalysis(sweep)
    file.save(sweep)
    observer.progressEnded()
  }

  /// What else can be done about a cluster that refuses.
  private func refused(_ failure: Failure) -> Failure {
    let again = ["ntprof", "sweep", "--resume", file.path ?? "", "--launch", "slurm:…"]
    return Failure(
      failure.exit, failure.message,
      remedy: failure.remedy
        ?? "go on with other options of sbatch: \(ShellWord.command(again))")
  }

  /// The plan's processes and further ones; false when the user asked to stop.
  private mutating func measureAll() throws(Failure) -> Bool {
    guard try measureRounds() else { return false }
    guard try repair() else { return false }
    return try settle()
  }

  /// The plan's processes; false when the user asked to stop.
  private mutating func measureRounds() throws(Failure) -> Bool {
    if try cluster.awaitEarlier(expecting: missing()) == .interrupted { return false }
    conclude()
    return try measure(missing())
  }

  /// Processes of the plan that have no part.
  private func missing() -> [ClusterRun.Due] {
    let open = sweep.points.filter { $0.state == .pending }
    return (0..<sweep.plan.rounds).flatMap { round in
      open.filter { cluster.parts[.init(item: $0.index, round: round)] == nil }
        .map { due($0, round) }
    }
  }

  /// Measures points again of which a process was disturbed.
  private mutating func repair() throws(Failure) -> Bool {
    for _ in 0..<Self.furtherWaves {
      let again = sweep.points.filter { $0.disturbed != nil && $0.state == .measured }
        .flatMap { point in further(point, point.disturbed?.count ?? 0, replacing: true) }
      guard !again.isEmpty else { return true }
      guard try measure(again) else { return false }
    }
    return true
  }

  /// More processes for those points alone of which one may be the best, while the tests do not decide.
  private mutating func settle() throws(Failure) -> Bool {
    guard sweep.plan.objective != nil, sweep.plan.objective != .memory, sweep.plan.rounds >= 4
    else { return true }
    for _ in 0..<Self.furtherWaves {
      guard let best = SweepAnalysis(sweep).best, !best.contenders.isEmpty else { return true }
      let more = (sweep.plan.rounds + 1) / Self.furtherWaves
      let due = ([best.index] + best.contenders).flatMap { index in
        further(sweep.points[index], more, replacing: false)
      }
      guard try measure(due) else { return false }
    }
    return true
  }

  /// Processes of a point beyond the plan's.
  private mutating func further(
    _ point: SweepPoint, _ count: Int, replacing: Bool
  ) -> [ClusterRun.Due] {
    let known = cluster.parts.keys.filter { $0.item == point.index }.map { $0.round + 1 }.max() ?? 0
    let first = max(known, sweep.plan.rounds, asked[point.index] ?? 0)
    asked[point.index] = first + count
    return (first..<(first + count)).map { round in due(point, round, replacing: replacing) }
  }

  private func due(_ point: SweepPoint, _ round: Int, replacing: Bool = false) -> ClusterRun.Due {
    ClusterRun.Due(
      place: .init(item: point.index, round: round),
      partition: machineAxis.map { point.settings[$0] }, replaces: replacing ? true : nil,
      settings: points.settings(of: point, seconds: seconds), decides: points.decides)
  }

  /// Seconds that a process measures: its share of a budget, which is of all nodes together.
  private var seconds: Double {
    guard let budget = sweep.plan.budgetSeconds else { return SweepRun.usual }
    let points = sweep.points.count { $0.state != .excluded && $0.state != .failed }
    let share = budget / Double(max(1, points * sweep.plan.rounds)) - Self.overhead
    return max(SweepRun.shortest, (share * 1000).rounded() / 1000)
  }

  /// Measures, and says what came of it; false when the user asked to stop.
  private mutating func measure(_ due: [ClusterRun.Due]) throws(Failure) -> Bool {
    guard !due.isEmpty else { return true }
    let each = sweep.plan.iterations == nil ? seconds : SweepRun.usual
    let ending = try cluster.measure(due, seconds: each + Self.overhead)
    conclude()
    file.save(sweep)
    return ending == .over
  }

  /// Makes the points anew of all parts.
  private mutating func conclude() {
    var byPoint: [Int: [MeasuredPart]] = [:]
    for (place, part) in cluster.parts { byPoint[place.item, default: []].append(part) }
    for index in sweep.points.indices {
      guard sweep.points[index].state != .excluded else { continue }
      let parts = (byPoint[index] ?? []).sorted { $0.place < $1.place }
      // What cannot be built was never measured.
      guard sweep.points[index].state != .failed || !parts.isEmpty else { continue }
      sweep.points[index].take(parts, rounds: sweep.plan.rounds)
      guard sweep.points[index].state == .pending else { continue }
      let lost = (0..<sweep.plan.rounds).compactMap { round in
        cluster.reasons[.init(item: index, round: round)]
      }
      sweep.points[index].reason = lost.first
    }
    nameMachines()
  }

  /// What the nodes said they are.
  private mutating func nameMachines() {
    let partitions = machineAxis.map { sweep.plan.axes[$0].values.map(Optional.some) } ?? [nil]
    var machines: [SweepMachine] = []
    for partition in partitions {
      guard let kind = try? cluster.folder.machine(partition) else { continue }
      machines.append(SweepMachine(name: partition ?? "", machine: kind.machine))
    }
    guard let first = machines.first else { return }
    sweep.machine = first.machine
    sweep.machines = machineAxis == nil ? nil : machines
  }

  /// Keeps what processes of each point were seen to differ by on one node.
  private func learn() {
    guard sweep.points.count <= Self.remembered else { return }
    var groups: [String: [RunRecord]] = [:]
    for (place, part) in cluster.parts.sorted(by: { $0.key < $1.key }) {
      guard let record = part.record, !(record.endToEnd?.disturbance?.isDoubtful ?? false) else {
        continue
      }
      groups["\(place.item) \(part.node ?? "")", default: []].append(record)
    }
    for (_, records) in groups.sorted(by: { $0.key < $1.key }) where records.count > 1 {
      let merged = RunRecord.merging(processes: records)
      KnownSpread(of: merged, sha256: merged.topology.sha256).learn(from: merged)
    }
  }
}
