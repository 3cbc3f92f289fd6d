import Files
import Machine
import Profiling

/// One child under callgrind: started, watched, and read when it has ended.
///
/// All it writes goes to files in memory, so nothing is left behind however either process ends.
final class SimulatedRun {
  /// Which cache stands behind the first level.
  let level: SimulatedEvents.Level

  private let process: ChildProcess
  private let dumpFile: MemoryFile
  private let reportFile: MemoryFile
  private let errorFile: MemoryFile

  /// Starts the child.
  ///
  /// - Throws: `CounterError` when it cannot be started.
  init(
    _ valgrind: Valgrind, level: SimulatedEvents.Level, caches: SimulatedCaches,
    program: SimulatedExecutable
  ) throws(CounterError) {
    self.level = level
    let outermost = level == .second ? caches.second ?? caches.last : caches.last
    do throws(SystemCallError) {
      dumpFile = try MemoryFile("callgrind")
      reportFile = try MemoryFile("report")
      errorFile = try MemoryFile("errors")
      process = try ChildProcess(
        valgrind.path,
        arguments: Valgrind.arguments(
          caches: caches, outermost: outermost, program: program.arguments),
        environment: Valgrind.environment(Environment.all, folder: program.folder),
        descriptors: [
          (Valgrind.dumpDescriptor, dumpFile.descriptor),
          (Valgrind.reportDescriptor, reportFile.descriptor),
          (Valgrind.programDescriptor, program.file.descriptor), (2, errorFile.descriptor),
        ])
    } catch { throw Self.cannotStart(error) }
  }

  static func cannotStart(_ error: SystemCallError) -> CounterError {
    CounterError(
      source: .simulated, reason: "the simulation cannot start: \(error)",
      remedy: error.shortageRemedy
        ?? "see that 'valgrind --version' works and that memory is left")
  }

  /// Whether it has ended.
  func hasEnded() -> Bool { process.poll() != nil }

  /// Ends it now.
  func stop() { process.kill() }

  /// What it has reported so far.
  func report() -> SimulationReport { SimulationReport(reportFile.contents()) }

  /// What it has dumped.
  func dump() -> CallgrindDump { CallgrindDump(dumpFile.contents()) }

  /// Why not everything is there, if so, once it has ended.
  func failure(dump: CallgrindDump, report: SimulationReport) -> CounterError? {
    let done = "after \(report.finished.count) layers"
    switch process.ending {
    case .killed(let signal)?:
      return CounterError(
        source: .simulated,
        reason: "valgrind was ended by \(ChildProcess.Ending.killed(signal)) \(done)\(lastWords())",
        remedy: "see that memory is left, or simulate fewer layers with --layers")
    case .exited(let status)? where status != 0:
      return CounterError(
        source: .simulated,
        reason: "the simulated run ended with status \(status) \(done)\(lastWords())",
        remedy: "run with --counters estimated, or choose other --layers")
    default: break
    }
    guard report.program != nil, dump.problem == nil else {
      return CounterError(
        source: .simulated,
        reason: "callgrind's dump is not valid: \(dump.problem ?? "the program said nothing")",
        remedy: "see that 'valgrind --tool=callgrind' works; 3.19 is known to")
    }
    let parts = report.finished.reduce(0) { $0 + 2 * (report.program?.steps(of: $1) ?? 0) }
    if dump.parts.count < parts {
      return CounterError(
        source: .simulated,
        reason: "callgrind's dump is not valid: it has \(dump.parts.count) of \(parts) parts",
        remedy: "see that 'valgrind --tool=callgrind' works; 3.19 is known to")
    }
    return nil
  }

  /// The last line on its standard error that is not callgrind's remark about the caches.
  private func lastWords() -> String {
    let lines = String(decoding: errorFile.contents(), as: UTF8.self).split(separator: "\n")
    let telling = lines.filter { !$0.contains("warning:") && !$0.hasPrefix("==") }
    return telling.first.map { ": \($0)" } ?? ""
  }
}

/// The program that is simulated: a copy of its file, and its arguments.
struct SimulatedExecutable {
  let file: MemoryFile
  let folder: String
  let arguments: [String]

  /// Copies the program.
  init(_ path: String, _ arguments: [String]) throws(SystemCallError) {
    file = try MemoryFile(copying: path)
    folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    self.arguments = arguments
  }
}
