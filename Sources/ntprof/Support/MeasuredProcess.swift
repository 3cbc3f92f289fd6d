import FoundationEssentials
import Glibc
import Machine
import Profiling

/// A fresh process that measures one topology: started, watched, and read when it has ended.
///
/// What it writes goes to files in memory, and it ends with this process: nothing is left behind
/// however either ends.
final class MeasuredProcess {
  private let process: ChildProcess
  private let output: MemoryFile
  private let errors: MemoryFile

  /// Starts it; `decided` is what it is to run, decided beforehand.
  init(_ arguments: [String], decided: TuningDecision? = nil) throws(Failure) {
    do throws(SystemCallError) {
      output = try MemoryFile("record")
      errors = try MemoryFile("errors")
      var descriptors: [(own: Int32, from: Int32)] = [
        (1, output.descriptor), (2, errors.descriptor),
      ]
      let input = try decided.map { (decided) throws(SystemCallError) in
        try MemoryFile("decided", holding: decided.bytes)
      }
      if let input { descriptors.append((0, input.descriptor)) }
      process = try ChildProcess(
        ChildProcess.ownProgram,
        arguments: ["measure-child", "--parent", "\(getpid())"]
          + (decided == nil ? [] : ["--decided"]) + arguments,
        environment: ProcessInfo.processInfo.environment,
        descriptors: descriptors)
    } catch {
      throw Failure(.software, "a measuring process cannot be started: \(error)")
    }
  }

  /// Waits until it has ended and reads its record; nil when the user asked to stop meanwhile.
  ///
  /// `tick` is called twenty times a second.
  func record(_ tick: () -> Void) throws(Failure) -> RunRecord? {
    guard let bytes = try bytes(tick) else { return nil }
    do throws(RecordError) { return try RecordCoding.decode(bytes) } catch {
      throw Failure(.software, "a measuring process wrote no record: \(error)")
    }
  }

  /// Waits until it has ended and reads what it wrote; nil when the user asked to stop meanwhile.
  func bytes(_ tick: () -> Void) throws(Failure) -> [UInt8]? {
    while process.poll() == nil {
      if Interrupt.isRequested {
        process.kill()
        return nil
      }
      tick()
      usleep(50_000)
    }
    guard process.ending == .exited(0) else {
      // Ctrl-C reaches the whole group: the child may be the first to end of it.
      if Interrupt.isRequested || process.ending == .exited(Failure.Status.interrupted.rawValue) {
        return nil
      }
      throw failure()
    }
    return output.contents()
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
    return isPlaced ? Failure(known, placed: words) : Failure(known, words)
  }
}

extension MeasurementOptions {
  /// These options as arguments of a child that measures alike.
  ///
  /// An option added to this type is added here, and a test of the command holds the two together.
  ///
  /// Without `counting` the child gets `--counters none`, without `timing` no length of its own.
  func arguments(counting: Bool = true, timing: Bool = true) -> [String] {
    var list: [String] = []
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { list += ["--\(name)", "\(value)"] }
    }
    add("layers", layers)
    add("threads", threads)
    add("pin", pin.rawValue)
    add("precision", precision)
    add("iterations", iterations)
    add("time", timing ? time : nil)
    add("until", until)
    add("warmup", warmup)
    add("cache", cache)
    add("counters", counting ? counters : "none")
    add("events", counting ? events : nil)
    add("isa", isa)
    add("tuning", tuning)
    if tuning == "auto" { add("tuning-budget", tuningBudget) }
    if exact { list.append("--exact") }
    add("seed", seed)
    if noFusion { list.append("--no-fusion") }
    return list
  }
}

extension LoadedTopology {
  /// The arguments that name this topology to a child.
  var arguments: [String] {
    var list: [String] = []
    if let batch { list += ["--batch", "\(batch)"] }
    for assignment in assignments { list += ["--set", "\(assignment.name)=\(assignment.value)"] }
    if let weights { list += ["--weights", weights] }
    list += model.arguments
    return list + ["--", source]
  }
}
