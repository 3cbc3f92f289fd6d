import Files
import FoundationEssentials
import Machine
package import Profiling

/// A fresh process that measures one topology: started, watched, and read when it has ended.
///
/// What it writes goes to files in memory, and it ends with this process: nothing is left behind
/// however either ends.
package final class MeasuredProcess {
  private let process: ChildProcess
  private let output: MemoryFile
  private let errors: MemoryFile

  /// Starts one that measures.
  ///
  /// - Parameters:
  ///   - settings: What is measured, and how.
  ///   - decided: What it is to run, decided beforehand.
  ///   - similarity: Whether outputs are compared with those in f32, also where they are f32 themselves.
  /// - Throws: ``Failure`` where it cannot be started.
  package convenience init(
    _ settings: RunSettings, decided: TuningDecision? = nil, similarity: Bool = false
  ) throws(Failure) {
    try self.init(
      ChildTask(.measure(decided: decided != nil, similarity: similarity), settings),
      input: decided?.bytes)
  }

  /// Starts one that does something, and reads `input`.
  package init(_ task: ChildTask, input: [UInt8]? = nil) throws(Failure) {
    do throws(SystemCallError) {
      output = try MemoryFile("record")
      errors = try MemoryFile("errors")
      var descriptors: [(own: Int32, from: Int32)] = [
        (1, output.descriptor), (2, errors.descriptor),
      ]
      let input = try input.map { (bytes) throws(SystemCallError) in
        try MemoryFile("decided", holding: bytes)
      }
      if let input { descriptors.append((0, input.descriptor)) }
      process = try ChildProcess(
        ChildProcess.sameProgram, arguments: task.arguments,
        environment: Environment.all,
        descriptors: descriptors)
    } catch {
      throw Failure(cannotStart: "a measuring process", error)
    }
  }

  /// What came of it.
  package enum Outcome<Value> {
    /// What it was started for.
    case done(Value)
    /// The user asked to stop meanwhile.
    case interrupted
    /// It was ended from outside, or crashed: in these words. Another one may fare better.
    case lost(String)
  }

  /// Waits until it has ended.
  ///
  /// `tick` is called twenty times a second.
  package func outcome(_ tick: () -> Void) throws(Failure) -> Outcome<RunRecord> {
    switch try bytes(tick) {
    case .interrupted: return .interrupted
    case .lost(let how): return .lost(how)
    case .done(let bytes):
      do throws(RecordError) { return .done(try RecordCoding.decode(bytes)) } catch {
        throw Failure(.software, "a measuring process wrote no record: \(error)")
      }
    }
  }

  /// Waits until it has ended, and reads what it wrote.
  ///
  /// - Throws: ``Failure`` in the process's own words, where it ended by itself with a status of ours.
  package func bytes(_ tick: () -> Void) throws(Failure) -> Outcome<[UInt8]> {
    while process.poll() == nil {
      if Interrupt.isRequested {
        process.kill()
        return .interrupted
      }
      tick()
      Pause.milliseconds(50)
    }
    // Ctrl-C reaches the whole group: the child may be the first to end of it.
    if Interrupt.isRequested { return .interrupted }
    switch process.ending {
    case .exited(0)?: break
    case .exited(Failure.Status.interrupted.rawValue)?: return .lost("an interruption of its own")
    case .killed(let signal)?: return .lost("\(ChildProcess.Ending.killed(signal))")
    case .unknown?: return .lost("\(ChildProcess.Ending.unknown)")
    default: throw failure()
    }
    return .done(output.contents())
  }

  /// Waits until it has ended and gives its record; nil when the user asked to stop meanwhile.
  ///
  /// - Throws: ``Failure`` also where it was ended from outside.
  package func record(_ tick: () -> Void) throws(Failure) -> RunRecord? {
    switch try outcome(tick) {
    case .done(let record): return record
    case .interrupted: return nil
    case .lost(let how):
      throw Failure(
        .software, "a measuring process ended with \(how)",
        remedy: "see that memory is left and that nothing ends its processes")
    }
  }

  /// How often one measurement is tried before its loss ends the run.
  private static let patience = 3

  /// Measures by a fresh process, and by another one when that is lost.
  ///
  /// - Returns: Nil when the user asked to stop.
  package static func measure(
    _ settings: RunSettings, decided: TuningDecision? = nil, similarity: Bool = false,
    observer: any SessionObserver,
    tick: () -> Void
  ) throws(Failure) -> RunRecord? {
    try patiently(observer: observer) { () throws(Failure) in
      try MeasuredProcess(settings, decided: decided, similarity: similarity).outcome(tick)
    }
  }

  /// What a fresh process decides, or another one when that is lost; nil when the user asked to stop.
  package static func decision(
    of settings: RunSettings, observer: any SessionObserver, tick: () -> Void
  ) throws(Failure) -> [UInt8]? {
    try patiently(observer: observer) { () throws(Failure) in
      try MeasuredProcess(ChildTask(.decide, settings)).bytes(tick)
    }
  }

  private static func patiently<Value>(
    observer: any SessionObserver, _ run: () throws(Failure) -> Outcome<Value>
  ) throws(Failure) -> Value? {
    var attempt = 1
    while true {
      switch try run() {
      case .done(let value): return value
      case .interrupted: return nil
      case .lost(let how):
        guard attempt < patience else {
          throw Failure(
            .software, "a measuring process ended with \(how), \(patience) times in a row",
            remedy: "see that memory is left and that nothing ends its processes")
        }
        observer.note("! a measuring process ended with \(how): it is started again")
      }
      attempt += 1
    }
  }

  private func failure() -> Failure {
    var words = String(decoding: errors.contents(), as: UTF8.self)
    while words.last?.isNewline == true { words.removeLast() }
    let isPlaced = !words.hasPrefix(Failure.prefix)
    if !isPlaced { words.removeFirst(Failure.prefix.count) }
    let ending = process.ending.map { "\($0)" } ?? "no status"
    guard case .exited(let status)? = process.ending, let known = Failure.Status(rawValue: status),
      !words.isEmpty
    else {
      return Failure(
        .software, "a measuring process ended with \(ending)\(words.isEmpty ? "" : ": \(words)")",
        remedy: "see that memory is left")
    }
    if isPlaced { return Failure(known, placed: words) }
    let parts = words.split(separator: "\n  hint: ", maxSplits: 1).map(String.init)
    return Failure(known, parts[0], remedy: parts.count > 1 ? parts[1] : nil)
  }
}
