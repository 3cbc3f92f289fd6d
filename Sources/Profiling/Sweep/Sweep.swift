/// The saved result of a sweep: one JSON document of schema `ntprof.sweep/1`.
///
/// It is written again after every process, so that an interrupted sweep can go on. `docs/sweeps.md`
/// documents it.
public struct Sweep: Codable, Hashable, Sendable {
  /// The schema this version writes.
  public static let schemaName = "ntprof.sweep/1"

  /// ``schemaName``.
  public var schema: String
  /// When the sweep began, RFC 3339 in UTC.
  public var created: String
  /// The program that measured.
  public var tool: Tool
  /// The command line, program name first.
  public var command: [String]
  /// What was varied; its parameters are those of the file.
  public var topology: TopologyInfo
  /// Where it was measured; with machines as an axis, the first of them.
  public var machine: MachineInfo
  /// The machines, where they are an axis and as far as they were seen.
  public var machines: [SweepMachine]?
  /// What to measure, and what for.
  public var plan: SweepPlan
  /// The points, in the order of the plan.
  public var points: [SweepPoint]
  /// Whether it was cut short by Ctrl-C; where the budget ended it, points are `pending`.
  public var interrupted: Bool
  /// What follows from the points.
  public var analysis: SweepAnalysis?

  /// Makes a sweep of which nothing is measured.
  public init(
    created: String, tool: Tool, command: [String], topology: TopologyInfo, machine: MachineInfo,
    plan: SweepPlan, points: [SweepPoint]
  ) {
    schema = Sweep.schemaName
    self.created = created
    self.tool = tool
    self.command = command
    self.topology = topology
    self.machine = machine
    self.plan = plan
    self.points = points
    interrupted = false
  }
}

/// What a sweep varies.
public struct SweepAxis: Codable, Hashable, Sendable {
  /// What sort of thing an axis is.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A `<param>` of the topology.
    case param
    /// The batch size.
    case batch
    /// The number of threads.
    case threads
    /// The number format.
    case precision
    /// The machine, by the name of a partition.
    case machine
  }

  /// What sort.
  public var kind: Kind
  /// The param's name, else the kind's.
  public var name: String
  /// Its values, as written on the command line.
  public var values: [String]

  /// Names an axis.
  public init(kind: Kind, name: String, values: [String]) {
    self.kind = kind
    self.name = name
    self.values = values
  }
}

/// How the points of a sweep are measured.
public struct SweepPlan: Codable, Hashable, Sendable {
  /// Which combinations of values are points.
  public enum Mode: String, Codable, Hashable, Sendable, CaseIterable {
    /// All.
    case grid
    /// The first value of every axis, and from there one axis at a time.
    case oneAtATime = "one-at-a-time"
  }

  /// What is varied.
  public var axes: [SweepAxis]
  /// Which combinations.
  public var mode: Mode
  /// Processes a point.
  public var rounds: Int
  /// Arguments that every process gets.
  public var arguments: [String]
  /// Passes of each process; absent when time decides.
  public var iterations: Int?
  /// Seconds for the whole sweep; absent without a limit.
  public var budgetSeconds: Double?
  /// What makes a point the best.
  public var objective: SweepObjective?
  /// What a point must satisfy to be it, like `parameters<=10M`.
  public var constraints: [SweepConstraint]
  /// The cluster that measures; absent where this machine does.
  public var launch: SweepLaunch?

  /// Makes a plan.
  public init(
    axes: [SweepAxis], mode: Mode, rounds: Int, arguments: [String], iterations: Int? = nil,
    budgetSeconds: Double? = nil, objective: SweepObjective? = nil,
    constraints: [SweepConstraint] = []
  ) {
    self.axes = axes
    self.mode = mode
    self.rounds = rounds
    self.arguments = arguments
    self.iterations = iterations
    self.budgetSeconds = budgetSeconds
    self.objective = objective
    self.constraints = constraints
  }

  /// The settings of every point: one value an axis, in the order of ``axes``.
  ///
  /// In a grid the last axis varies fastest.
  public var settings: [[String]] {
    switch mode {
    case .grid:
      return axes.reduce([[]]) { points, axis in
        points.flatMap { point in axis.values.map { point + [$0] } }
      }
    case .oneAtATime:
      let base = axes.compactMap(\.values.first)
      var points = [base]
      for (place, axis) in axes.enumerated() {
        for value in axis.values.dropFirst() {
          var point = base
          point[place] = value
          points.append(point)
        }
      }
      return points
    }
  }
}

/// How a cluster measures the points of a sweep.
public struct SweepLaunch: Codable, Hashable, Sendable {
  /// Who starts the processes.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Slurm, as array jobs.
    case slurm
  }

  /// Who.
  public var kind: Kind
  /// The name of the run, which its parts carry.
  public var run: String
  /// Options of `sbatch`, as they were given.
  public var options: [String]
  /// Tasks of an array job, where they were said.
  public var tasks: Int?

  /// Describes a launch.
  public init(kind: Kind, run: String, options: [String], tasks: Int? = nil) {
    self.kind = kind
    self.run = run
    self.options = options
    self.tasks = tasks
  }
}

/// A machine of a sweep's axis.
public struct SweepMachine: Codable, Hashable, Sendable {
  /// The partition.
  public var name: String
  /// What its nodes are.
  public var machine: MachineInfo

  /// Names a machine.
  public init(name: String, machine: MachineInfo) {
    self.name = name
    self.machine = machine
  }
}

/// A point of a sweep.
public struct SweepPoint: Codable, Hashable, Sendable {
  /// How far it is.
  public enum State: String, Codable, Hashable, Sendable, CaseIterable {
    /// Not measured yet, or not by every process.
    case pending
    /// Measured by as many processes as planned, or more.
    case measured
    /// It cannot be measured.
    case failed
    /// A constraint that needs no measuring rules it out.
    case excluded
  }

  /// Place in the plan, from 0.
  public var index: Int
  /// One value an axis, in the order of the axes.
  public var settings: [String]
  /// How far it is.
  public var state: State
  /// Why it failed or is excluded.
  public var reason: String?
  /// Batch size of the first input.
  public var batch: Int?
  /// Analytic sums.
  public var totals: Totals?
  /// What bricks of the store predicted before it was measured, ns; absent where one was not there.
  public var predictedNs: Double?
  /// End-to-end latency: samples are the medians of processes, in the order they ran.
  public var latency: TimeSummary?
  /// Which of those samples are of processes that other programs disturbed, ascending; absent when
  /// none is.
  public var disturbed: [Int]?
  /// Batch size over the median latency.
  public var throughputPerSecond: Double?
  /// Mean over the processes of the first pass.
  public var firstInferenceNs: Double?
  /// Largest resident set of a process, bytes.
  public var peakMemoryBytes: Int?
  /// The node of each of ``latency``'s samples; absent where no cluster measured.
  public var nodes: [String]?

  /// Makes a point that is not measured.
  public init(index: Int, settings: [String], state: State = .pending, reason: String? = nil) {
    self.index = index
    self.settings = settings
    self.state = state
    self.reason = reason
  }

  /// Fewest undisturbed processes of a point from which anything is concluded: with three a side the
  /// rank test cannot come out.
  public static let fewestProcesses = 4
  /// A process that took that many times as long as the fastest of its point was disturbed, whatever
  /// the kernel's accounts say: a hypervisor does not always tell.
  static let outlierFrom = 2.0

  /// Processes that nothing disturbed.
  public var soundProcesses: Int { (latency?.samples.count ?? 0) - (disturbed?.count ?? 0) }

  /// Whether its processes carry a conclusion.
  public var isSound: Bool { disturbed == nil && soundProcesses >= Self.fewestProcesses }

  /// Adds what one process measured; in place of a disturbed one when `replacing`, if it was calmer.
  ///
  /// `node` is where, on a cluster.
  public mutating func add(_ record: RunRecord, replacing: Bool = false, node: String? = nil) {
    guard let whole = record.endToEnd else { return }
    var samples = latency?.samples ?? []
    var marked = disturbed ?? []
    let isDisturbed = whole.disturbance?.isDoubtful ?? false
    let value = whole.time.median
    if replacing, let place = marked.max(by: { samples[$0] < samples[$1] }) {
      guard value < samples[place] else { return }
      samples[place] = value
      if let node, nodes?.indices.contains(place) == true { nodes?[place] = node }
      if !isDisturbed { marked.removeAll { $0 == place } }
    } else {
      if isDisturbed { marked.append(samples.count) }
      samples.append(value)
      if let node { nodes = (nodes ?? []) + [node] }
    }
    let least = samples.min() ?? value
    for (place, sample) in samples.enumerated()
    where sample > Self.outlierFrom * least && !marked.contains(place) {
      marked.append(place)
    }
    disturbed = marked.isEmpty ? nil : marked.sorted()
    let time = TimeSummary(samples: samples)
    let batch = record.options.batch
    let earlier = Double(time.count - 1)
    latency = time
    self.batch = batch
    totals = record.totals
    throughputPerSecond = Double(batch) / (time.median * 1e-9)
    if let first = whole.firstInferenceNs {
      firstInferenceNs = ((firstInferenceNs ?? 0) * earlier + first) / (earlier + 1)
    }
    if let memory = record.peakMemoryBytes {
      peakMemoryBytes = Swift.max(peakMemoryBytes ?? 0, memory)
    }
  }
}

extension RecordCoding {
  /// Reads a sweep.
  ///
  /// - Throws: ``RecordError`` that names what is wrong and where.
  public static func decodeSweep(_ bytes: [UInt8]) throws(RecordError) -> Sweep {
    let sweep = try decode(Sweep.self, from: bytes, schema: Sweep.schemaName)
    if let fault = sweep.fault { throw .invalidField(path: fault.path, reason: fault.reason) }
    return sweep
  }
}

extension Sweep {
  /// The first part that does not fit the others, so that nothing could go on with it.
  fileprivate var fault: (path: String, reason: String)? {
    guard (1...1000).contains(plan.rounds) else { return ("plan.rounds", "outside 1…1000") }
    for (place, axis) in plan.axes.enumerated() where axis.values.isEmpty {
      return ("plan.axes[\(place)].values", "an axis without values")
    }
    for (place, point) in points.enumerated() {
      let path = "points[\(place)]"
      guard point.index == place else { return ("\(path).index", "not its place among the points") }
      guard point.settings.count == plan.axes.count else {
        return ("\(path).settings", "not one value an axis")
      }
      let samples = point.latency?.samples ?? []
      guard (point.disturbed ?? []).allSatisfy(samples.indices.contains) else {
        return ("\(path).disturbed", "names a sample that is not there")
      }
      guard point.nodes == nil || point.nodes?.count == samples.count else {
        return ("\(path).nodes", "not one node a sample")
      }
      guard samples.allSatisfy({ $0 > 0 }), point.latency == nil || !samples.isEmpty else {
        return ("\(path).latency", "a time without samples, or not above 0")
      }
    }
    return nil
  }
}
