import Counters
import Execution
import Files
import FoundationEssentials
import Machine
import Measuring
import Profiling

/// Measures what a task of an array job is to, on a node: process after process, a part each.
///
/// Parts that are there are left alone, so that a task that was ended and started again goes on.
package struct LaunchedTaskRun {
  private let task: LaunchedTask
  private let folder: PartsFolder
  private let machine: MachineInfo
  private let observer: any SessionObserver
  private var losses = 0

  package init(_ task: LaunchedTask, observer: any SessionObserver) throws(Failure) {
    self.observer = observer
    guard task.tool.version == Tool.ntprof.version else {
      throw Failure(
        .software,
        "the node runs ntprof \(Tool.ntprof.version), and ntprof \(task.tool.version) submitted the job",
        remedy: "install the same program on all nodes")
    }
    self.task = task
    folder = PartsFolder(task.folder)
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    self.machine = machine
    try Self.agree(machine, task, folder)
  }

  /// The first node says what the nodes are; others must be the same.
  private static func agree(
    _ machine: MachineInfo, _ task: LaunchedTask, _ folder: PartsFolder
  ) throws(Failure) {
    let path = folder.nodeKind(task.partition)
    var known = try folder.machine(task.partition)
    if known == nil {
      let kind = NodeKind(node: Environment.filled("SLURMD_NODENAME"), machine: machine)
      if try PartsFolder.keep(RecordCoding.encode(kind), as: path) { return }
      known = try folder.machine(task.partition)
    }
    guard let known, NodeKind.words(known.machine) != NodeKind.words(machine) else { return }
    throw Failure(
      .doubtful,
      "node \(Environment.filled("SLURMD_NODENAME") ?? "?") is another machine (\(NodeKind.words(machine))) than "
        + "\(known.node ?? "the first") (\(NodeKind.words(known.machine)))",
      remedy: "points of two machines do not compare: name nodes that are alike "
        + "(slurm:--constraint=…), or make partitions an axis (--machines)")
  }

  /// Measures all items.
  package mutating func run() throws(Failure) {
    for item in task.items where !folder.holds(item.place) {
      if Interrupt.isRequested { break }
      guard let part = try measure(item) else { continue }
      _ = try folder.make("r\(item.place.round)")
      if try !PartsFolder.keep(RecordCoding.encode(part), as: folder.path(of: item.place)) {
        observer.note("\(folder.path(of: item.place)): another task was faster; its part stays")
      }
    }
    if Interrupt.isRequested {
      throw Failure(.interrupted, "the task was ended; its parts stay")
    }
    if losses > 0 {
      throw Failure(
        .software, "\(losses) process\(losses == 1 ? " was" : "es were") lost",
        remedy: "see that memory is left and that nothing ends its processes")
    }
  }

  /// One process; nil where it was lost, or the task is to end.
  private mutating func measure(_ item: LaunchedTask.Item) throws(Failure) -> MeasuredPart? {
    var part = MeasuredPart(
      tool: task.tool, run: task.run, place: item.place, replaces: item.replaces,
      partition: task.partition, node: Environment.filled("SLURMD_NODENAME"), job: Self.job,
      restarts: Environment.filled("SLURM_RESTART_COUNT").flatMap { Int($0) })
    do throws(Failure) {
      if let brick = item.brick { return try measure(brick, item, &part) ? part : nil }
      let decided = item.decides ? try decision(for: item) : TuningDecision(bytes: [])
      guard let decided else { return nil }
      guard let record = try record(item.settings, decided: decided) else { return nil }
      part.record = record
    } catch {
      guard Self.isOfItem(error) else { throw error }
      part.fault = MeasuredPart.Fault(status: error.status, message: error.message)
    }
    return part
  }

  /// Whether a failure is the item's own, and would be the same on any node.
  private static func isOfItem(_ failure: Failure) -> Bool {
    switch failure.exit {
    case .usage, .noInput, .inputOutput, .cannotCreate, .interrupted: false
    case .data: !failure.message.contains(LoadedTopology.changedWords)
    default: true
    }
  }

  private mutating func record(
    _ settings: RunSettings, decided: TuningDecision?
  ) throws(Failure) -> RunRecord? {
    switch try MeasuredProcess(settings, decided: decided).outcome({}) {
    case .done(let record): return record.interrupted ? nil : record
    case .interrupted: return nil
    case .lost(let how):
      losses += 1
      observer.note("! a measuring process ended with \(how)")
      return nil
    }
  }

  /// What all processes of an item run: decided by whoever comes first, and read by the others.
  private func decision(for item: LaunchedTask.Item) throws(Failure) -> TuningDecision? {
    let path = folder.decision(of: item.place.item)
    if !FilePlace(path).exists {
      guard let decided = try TuningDecision.of([item.settings], observer, {}) else { return nil }
      _ = try folder.make("decided")
      if try PartsFolder.keep(decided.bytes, as: path) { return decided }
    }
    return TuningDecision(bytes: try SavedRecord.bytes(path))
  }

  /// A brick: what is known of it on such a machine, or a process; false where that was lost.
  private mutating func measure(
    _ brick: LaunchedTask.Brick, _ item: LaunchedTask.Item, _ part: inout MeasuredPart
  ) throws(Failure) -> Bool {
    let settings =
      [CacheFolder.name("brick", for: machine, threads: brick.threads, isa: brick.isa)]
      + brick.settings
    let store = try BrickStore(brick.store)
    let round = item.place.round
    let known = store.timing(of: brick.text, settings) { observer.note("! \($0)") }
    // Each process of a brick is a part of its own.
    var timing: BrickTiming?
    if !brick.again, let known, known.measured.count > round {
      timing = known.with([known.measured[round]])
    }
    if timing == nil {
      let home = try PrivateFolder()
      let bytes = Array(brick.text.utf8)
      let path = try OutputFolder(existing: home.path).write(bytes, as: "brick.xml")
      var own = item.settings
      own.network.source = path
      own.network.sha256 = SHA256.hexDigest(of: bytes)
      let record: RunRecord
      do throws(Failure) {
        guard let found = try self.record(own, decided: nil) else { return false }
        record = found
      } catch {
        throw Failure(error.exit, error.message.replacing("\(path): ", with: ""))
      }
      guard let measured = BrickTiming(record, movers: Set(brick.movers)) else {
        let isSlow = record.layers.contains { $0.untimed == .timedOut }
        throw Failure(
          .software, isSlow ? "it ran longer than --layer-timeout" : "nothing was timed")
      }
      keep(measured, of: brick, round, in: store, settings)
      timing = measured
    }
    part.brick = timing.map {
      StoredBrick(
        created: Date.now.formatted(.iso8601), tool: task.tool, topology: brick.text,
        settings: settings, timing: $0)
    }
    return timing != nil
  }

  /// Keeps a process's time beside those of others, in its place.
  private func keep(
    _ timing: BrickTiming, of brick: LaunchedTask.Brick, _ round: Int, in store: BrickStore,
    _ settings: [String]
  ) {
    // Others may have measured theirs meanwhile.
    var all = store.timing(of: brick.text, settings) { _ in }?.measured ?? []
    if brick.again, round == 0 { all = [] }
    if all.indices.contains(round) {
      all[round] = timing.measured[0]
    } else {
      all += timing.measured
    }
    store.keep(timing.with(all), of: brick.text, settings, observer: observer)
  }

  private static var job: String? {
    guard let array = Environment.filled("SLURM_ARRAY_JOB_ID"),
      let task = Environment.filled("SLURM_ARRAY_TASK_ID")
    else { return Environment.filled("SLURM_JOB_ID") }
    return "\(array)_\(task)"
  }
}
