import FoundationEssentials
import Machine
package import Profiling
import Reports

/// Processes measured by the nodes of a cluster: submitted in waves of array jobs, awaited, and their
/// parts gathered.
///
/// Everything that is known lies in the shared folder; this object can be made again at any time.
package final class ClusterRun {
  /// A process to be measured.
  package struct Due {
    package var place: MeasuredPart.Place
    package var partition: String?
    package var replaces: Bool?
    /// What its task is told.
    package var settings: RunSettings
    package var decides = true
    package var brick: LaunchedTask.Brick?
  }

  /// How a wave ended.
  package enum Ending {
    /// Its jobs are over.
    case over
    /// The user asked to stop waiting; the jobs go on.
    case interrupted
  }

  /// The shared folder.
  package let folder: PartsFolder
  /// The name of all of its jobs.
  package let jobName: String
  /// What was gathered, by place.
  package private(set) var parts: [MeasuredPart.Place: MeasuredPart] = [:]
  /// Why places were lost, as far as the tasks said.
  package private(set) var reasons: [MeasuredPart.Place: String] = [:]

  private let run: String
  private let options: [String]
  private let tasks: Int?
  private let observer: any SessionObserver
  /// Makes of a part what is kept in memory, or says why it is none of this run.
  private let accept: (MeasuredPart, String) throws(Failure) -> MeasuredPart
  private var wave: Int
  /// Places of the wave under way, by the log of the task that measures them.
  private var logs: [(log: String, places: [MeasuredPart.Place])] = []

  /// Further waves for places that were lost in one.
  private static let patience = 3
  /// Seconds between two looks at the folder and at the user's wishes.
  private static let look = 0.5
  /// Seconds between two questions whether a job is under way that another command submitted: fewer at
  /// first, since one that ends may be listed for a moment still.
  private static let ask = 1.0...30.0

  /// Takes up a folder.
  ///
  /// - Parameters:
  ///   - folder: The shared folder.
  ///   - name: Of the network, for the job's name.
  ///   - run: The name of the run, which all of its parts carry.
  ///   - options: Of `sbatch`.
  ///   - tasks: Of an array job, where that was said.
  ///   - observer: Who is told meanwhile.
  ///   - accept: See ``accept``.
  package init(
    _ folder: PartsFolder, name: String, run: String, options: [String], tasks: Int?,
    observer: any SessionObserver,
    accept: @escaping (MeasuredPart, String) throws(Failure) -> MeasuredPart
  ) {
    self.folder = folder
    self.run = run
    self.options = options
    self.tasks = tasks
    self.observer = observer
    self.accept = accept
    jobName = "ntprof-\(FileName.safe(name))-\(run.prefix(8))"
    wave = folder.waves().max() ?? 0
  }

  /// Gathers parts that came since the last time.
  ///
  /// - Throws: ``Failure`` (65) for a part that is none of this run's, or is there twice; all parts stay.
  package func gather() throws(Failure) {
    let found = folder.places()
    if let first = found.strange.first { throw try stray(first) }
    let begin = Clock.now()
    for place in found.parts where parts[place] == nil {
      // Thousands take minutes; who asked to stop has them gathered the next time.
      if Interrupt.isRequested, Clock.now() - begin > 2_000_000_000 { return }
      let path = folder.path(of: place)
      let part = try folder.part(place)
      guard part.run == run, part.place == place else {
        throw misplaced(part, at: path)
      }
      parts[place] = try accept(part, path)
      reasons[place] = nil
    }
  }

  /// The failure of a file among the parts that has not the name of one.
  private func stray(_ path: String) throws(Failure) -> Failure {
    let bytes = try SavedRecord.bytes(path)
    let part: MeasuredPart
    do throws(RecordError) { part = try RecordCoding.decodePart(bytes) } catch {
      return Failure(.data, "\(path): no part of a run: \(error)", remedy: Self.away)
    }
    return misplaced(part, at: path)
  }

  private static let away = "move it out of the folder of the parts; --resume goes on"

  /// The failure of a part that is not what its place in the folder says.
  private func misplaced(_ part: MeasuredPart, at path: String) -> Failure {
    // Whose topology it is says more than its run.
    do throws(Failure) { _ = try accept(part, path) } catch { return error }
    guard part.run == run else {
      return Failure(
        .data, "\(path): is a part of another run (\(part.run), not \(run))", remedy: Self.away)
    }
    let home = folder.path(of: part.place)
    let what = "process \(part.place.round) of point \(part.place.item)"
    return Failure(
      .data,
      folder.holds(part.place)
        ? "\(path): is \(what), a duplicate of \(home)"
        : "\(path): is \(what), whose name is \(home)",
      remedy: Self.away)
  }

  /// Waits for jobs of this run that another command submitted, or that outlived their `sbatch`.
  package func awaitEarlier(expecting due: [Due]) throws(Failure) -> Ending {
    guard wave > 0 else { return .over }
    counted = (0, 0, 0)
    var pause = Self.ask.lowerBound
    while Slurm.isUnderWay(jobName) == true {
      // Not of one that is listed for a moment still.
      if pause == 2 * Self.ask.lowerBound {
        observer.note("jobs \(jobName) are under way: waiting for them")
      }
      let end = Clock.now() + UInt64(pause * 1e9)
      while Clock.now() < end {
        if Interrupt.isRequested { return .interrupted }
        note(due, numbers: [])
        if isComplete(due) {
          try gather()
          return .over
        }
        Pause.milliseconds(Int(Self.look * 1000))
      }
      pause = min(2 * pause, Self.ask.upperBound)
    }
    try gather()
    return .over
  }

  /// Measures: in a wave, and in others for what was lost in it.
  ///
  /// - Throws: ``Failure`` where the cluster refuses a job, and of a part that cannot be gathered.
  package func measure(_ due: [Due], seconds: Double) throws(Failure) -> Ending {
    var barren = 0
    for _ in 0...Self.patience {
      let left = due.filter { parts[$0.place] == nil }
      guard !left.isEmpty, barren < 2 else { return .over }
      if Interrupt.isRequested { return .interrupted }
      let ending = try submit(left, seconds: seconds)
      try gather()
      explain()
      if ending == .interrupted { return .interrupted }
      // Whoever waits for a job may be ended before it.
      if try awaitEarlier(expecting: left) == .interrupted { return .interrupted }
      barren = left.contains { parts[$0.place] != nil } ? 0 : barren + 1
    }
    return .over
  }

  /// One wave: an array job for each partition.
  private func submit(_ due: [Due], seconds: Double) throws(Failure) -> Ending {
    let slurm = try Slurm()
    wave += 1
    logs = []
    counted = (0, 0, 0)
    var jobs: [SubmittedJob] = []
    for partition in Set(due.map(\.partition)).sorted(by: { ($0 ?? "") < ($1 ?? "") }) {
      let own = due.filter { $0.partition == partition }
      // Where one is refused, those before it go on; their parts are gathered when the run is resumed.
      jobs.append(try submit(own, partition, to: slurm, seconds: seconds))
    }
    let result = try wait(jobs, due)
    observer.progressEnded()
    return result
  }

  private func submit(
    _ due: [Due], _ partition: String?, to slurm: Slurm, seconds: Double
  ) throws(Failure) -> SubmittedJob {
    let most = slurm.mostTasks
    let rounds = Dictionary(grouping: due, by: \.place.item).values.map(\.count).max() ?? 1
    let count =
      tasks.map { min($0, most) }
      ?? WorkSplit.count(processes: due.count, rounds: rounds, seconds: seconds, limit: most)
    let split = WorkSplit(due.map(\.place), over: count, seed: seed(partition))
    let name = "wave-\(wave)" + (partition.map { "-\(FileName.safe($0))" } ?? "")
    let files = try folder.make(name)
    let byPlace = Dictionary(due.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, places) in split.tasks.enumerated() {
      let task = LaunchedTask(
        tool: .ntprof, run: run, folder: folder.path,
        partition: partition,
        items: places.compactMap { byPlace[$0] }.map { due in
          LaunchedTask.Item(
            place: due.place, replaces: due.replaces, settings: due.settings,
            decides: due.decides, brick: due.brick)
        })
      _ = try files.write(task.encoded(), as: "task-\(index).json")
      logs.append((files.join("task-\(index).log"), places))
    }
    let command = ShellWord.command([ChildProcess.ownProgram, "launched-task", files.path])
    let script = try files.write(Array("#!/bin/sh\nexec \(command)\n".utf8), as: "run.sh")
    let job = try slurm.submit(
      arguments(tasks: split.tasks.count, partition, logs: files.join("task-%a.log")) + [script])
    while job.number == nil {
      guard !job.isOver(within: Self.look) else { break }
      if Interrupt.isRequested { break }
    }
    if let refusal = job.refusal { throw refusal }
    let number = job.number.map { "job \($0)" } ?? "a job"
    observer.note(
      "\(number) (\(jobName)): \(Self.words(due.count, "process", "processes")) in "
        + "\(Self.words(split.tasks.count, "task", "tasks"))"
        + (partition.map { " on \($0)" } ?? "")
        + (wave > 1 ? ", wave \(wave)" : "") + "; parts in \(folder.path)")
    return job
  }

  /// What `sbatch` is told; what the user says comes last and has the last word.
  private func arguments(tasks: Int, _ partition: String?, logs: String) -> [String] {
    var list = [
      "--job-name=\(jobName)", "--array=0-\(tasks - 1)", "--output=\(logs)",
      "--open-mode=append", "--nodes=1", "--ntasks=1", "--requeue",
    ]
    // Neighbours on a node would be measured, too. Who asks for a part of one knows better.
    if !SbatchOptions.holds(options, ["exclusive", "oversubscribe", "s", "cpus-per-task", "c"]) {
      list.append("--exclusive")
      // All of its memory; by default it is that of as many CPUs as there are tasks.
      if !SbatchOptions.holds(options, ["mem", "mem-per-cpu", "mem-per-gpu"]) {
        list.append("--mem=0")
      }
    }
    if let partition { list.append("--partition=\(partition)") }
    return list + options
  }

  private func seed(_ partition: String?) -> UInt64 {
    let digest = SHA256.hexDigest(of: Array("\(run)|\(wave)|\(partition ?? "")".utf8))
    return UInt64(digest.prefix(16), radix: 16) ?? 1
  }

  /// Waits until all parts are there or all jobs are over.
  ///
  /// That a job is over is an event, which `sbatch --wait` gives. That a part has come is none: a file
  /// system tells nobody of what other machines write.
  private func wait(_ jobs: [SubmittedJob], _ due: [Due]) throws(Failure) -> Ending {
    var running = jobs
    let numbers = jobs.compactMap(\.number)
    var seen = 0
    while let job = running.last {
      if Interrupt.isRequested { return .interrupted }
      if job.isOver(within: Self.look) {
        if let refusal = job.refusal { throw refusal }
        running.removeLast()
      } else {
        note(due, numbers: numbers)
        if isComplete(due) { return .over }
        // Reading them takes time, which there is meanwhile.
        if counted.parts != seen {
          seen = counted.parts
          try gather()
        }
      }
    }
    return .over
  }

  private var counted: (at: UInt64, parts: Int, cost: UInt64) = (0, 0, 0)

  /// Whether all parts are there; looks as often as costs a fiftieth of the time.
  private func isComplete(_ due: [Due]) -> Bool {
    let now = Clock.now()
    if now - counted.at > max(500_000_000, 50 * counted.cost) {
      let there = Set(folder.places().parts)
      let count = due.count { there.contains($0.place) }
      let end = Clock.now()
      counted = (end, count, end - now)
    }
    return counted.parts == due.count
  }

  private func note(_ due: [Due], numbers: [String]) {
    _ = isComplete(due)
    let job = numbers.isEmpty ? jobName : "job \(numbers.joined(separator: ", "))"
    observer.progress(
      "\(job): \(counted.parts) of \(Self.words(due.count, "process", "processes"))")
  }

  /// Why places were lost: the last words of their tasks.
  private func explain() {
    for (log, places) in logs {
      let lost = places.filter { parts[$0] == nil }
      guard !lost.isEmpty else { continue }
      let words = (try? SavedRecord.bytes(log)).map { String(decoding: $0, as: UTF8.self) }
      let said = words.map { text in
        text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
      }
      let last = said?.last { !$0.hasPrefix("  hint: ") }.map(String.init)
      let reason =
        last.map { "a task ended: \($0) (\(log))" }
        ?? (words == nil
          ? "a task left no word: do the nodes share \(folder.path)?"
          : "a task ended without a word (\(log))")
      for place in lost { reasons[place] = reason }
    }
  }

  /// `1 task`, `12 tasks`.
  package static func words(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }
}
