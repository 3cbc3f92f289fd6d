import Files
import FoundationEssentials
import Machine

/// The commands of an existing Slurm.
package struct Slurm {
  /// The tasks that an array has where nobody says how many it may: Slurm's own default.
  private static let usualArray = 1001
  /// What a question to the controller may take, seconds.
  private static let patience = 60.0

  private let sbatch: String

  /// Finds `sbatch`.
  ///
  /// - Throws: ``Failure`` (69) where there is none.
  package init() throws(Failure) {
    guard let path = SearchPath.program("sbatch") else {
      throw Failure(
        .unavailable, "--launch slurm: no 'sbatch' on PATH",
        remedy: "run it where jobs are submitted (a login node, its modules loaded), "
          + "or leave --launch out to measure on this machine")
    }
    sbatch = path
  }

  /// How many tasks an array may have (`MaxArraySize`): its indices are below that.
  package var mostTasks: Int {
    guard let text = Self.answer("scontrol", ["show", "config"]) else { return Self.usualArray }
    for line in text.split(separator: "\n") where line.hasPrefix("MaxArraySize") {
      let value = line.split(separator: "=").last?.filter { !$0.isWhitespace }
      if let most = value.flatMap({ Int($0) }), most > 0 { return most }
    }
    return Self.usualArray
  }

  /// Whether a job of some name waits or runs; nil where that cannot be found out.
  package static func isUnderWay(_ name: String) -> Bool? {
    answer("squeue", ["--noheader", "--format=%i", "--name=\(name)"])
      .map { !$0.allSatisfy(\.isWhitespace) }
  }

  /// What a command prints; nil where it is missing, fails, or does not answer.
  private static func answer(_ program: String, _ arguments: [String]) -> String? {
    guard let path = SearchPath.program(program), let output = try? MemoryFile("answer"),
      let errors = try? MemoryFile("errors"),
      let process = try? ChildProcess(
        path, arguments: arguments, environment: Environment.all,
        descriptors: [(1, output.descriptor), (2, errors.descriptor)]),
      process.wait(seconds: patience) == .exited(0)
    else { return nil }
    return String(decoding: output.contents(), as: UTF8.self)
  }

  /// Submits an array job.
  package func submit(_ arguments: [String]) throws(Failure) -> SubmittedJob {
    try SubmittedJob(sbatch, arguments)
  }
}

/// An array job, and the `sbatch --wait` that ends with it.
package final class SubmittedJob {
  private let process: ChildProcess
  private let output: MemoryFile
  private let errors: MemoryFile

  fileprivate init(_ sbatch: String, _ arguments: [String]) throws(Failure) {
    do throws(SystemCallError) {
      output = try MemoryFile("job")
      errors = try MemoryFile("errors")
      process = try ChildProcess(
        sbatch, arguments: ["--wait", "--parsable"] + arguments,
        environment: Environment.all,
        descriptors: [(1, output.descriptor), (2, errors.descriptor)])
    } catch {
      throw Failure(cannotStart: "sbatch", error, .unavailable)
    }
  }

  /// The job's number; nil before it is submitted.
  package var number: String? {
    let digits = String(decoding: output.contents(), as: UTF8.self).prefix { $0.isNumber }
    return digits.isEmpty ? nil : String(digits)
  }

  /// Waits until the job is over, or was refused, for so many seconds at most; whether it is.
  package func isOver(within seconds: Double) -> Bool { process.wait(seconds: seconds) != nil }

  /// Why there is no job; nil where there is one.
  package var refusal: Failure? {
    guard number == nil, let ending = process.ending else { return nil }
    let words = String(decoding: errors.contents(), as: UTF8.self)
      .split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.joined(separator: "; ")
    return Failure(
      .unavailable,
      "the cluster refuses the job: \(words.isEmpty ? "sbatch ended with \(ending)" : words)")
  }
}
