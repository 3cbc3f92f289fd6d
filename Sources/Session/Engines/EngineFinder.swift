package import Engines
import Files
import FoundationEssentials

/// Finds a Python that has an engine's package.
package struct EngineFinder {
  /// A Python to try, and why.
  package struct Candidate {
    package let python: String
    /// Where it comes from, for people.
    package let origin: String
  }

  /// A Python that was tried in vain.
  package struct Attempt {
    package let python: String
    package let error: EngineError
  }

  package let engine: EngineName
  /// `--engine-python`.
  package let asked: String?
  /// Variables that the worker gets besides those of this process.
  package let environment: [String: String]

  /// Nothing is looked for yet.
  package init(engine: EngineName, asked: String?, environment: [String: String] = [:]) {
    self.engine = engine
    self.asked = asked
    self.environment = environment
  }

  /// The folder of the environments that `ntprof engines install` makes.
  package static var home: String? {
    if let data = Environment.filled("XDG_DATA_HOME") { return "\(data)/ntprof/engines" }
    return Environment.filled("HOME").map { "\($0)/.local/share/ntprof/engines" }
  }

  /// Those to try, in order; one that is named is the only one.
  package var candidates: [Candidate] {
    if let asked { return [Candidate(python: asked, origin: "--engine-python")] }
    if let named = Environment.filled("NTPROF_ENGINE_PYTHON") {
      return [Candidate(python: named, origin: "NTPROF_ENGINE_PYTHON")]
    }
    var list: [Candidate] = []
    if let active = Environment.filled("VIRTUAL_ENV") {
      list.append(Candidate(python: "\(active)/bin/python", origin: "VIRTUAL_ENV"))
    }
    if let home = Self.home {
      list.append(
        Candidate(python: "\(home)/\(engine.rawValue)/bin/python", origin: "ntprof engines install")
      )
    }
    for folder in (Environment.filled("PATH") ?? "").split(separator: ":") {
      list.append(Candidate(python: "\(folder)/python3", origin: "PATH"))
    }
    var seen: Set<String> = []
    return list.filter { FilePlace($0.python).isExecutable && seen.insert($0.python).inserted }
  }

  /// Starts the engine's worker in the first Python that has it.
  ///
  /// - Throws: ``Failure`` with the status 69 and what to do where none has, and what a worker says that
  ///   cannot go on.
  package func start() throws(Failure) -> EngineWorker {
    var attempts: [Attempt] = []
    for candidate in candidates {
      do throws(EngineError) { return try worker(candidate.python) } catch {
        guard error.isOfThisPython else { throw Failure(error, engine: engine) }
        attempts.append(Attempt(python: candidate.python, error: error))
      }
    }
    throw missing(attempts)
  }

  /// Starts the worker in one Python.
  package func worker(_ python: String) throws(EngineError) -> EngineWorker {
    var settings = Environment.all
    for (name, value) in environment { settings[name] = value }
    return try EngineWorker(
      engine, python: python, environment: settings, isCancelled: { Interrupt.isRequested })
  }

  private func missing(_ attempts: [Attempt]) -> Failure {
    let tooOld = attempts.contains { $0.error.code == .tooOld }
    var lines = [
      tooOld
        ? "no Python with a new enough '\(engine.package)' was found"
        : "no Python with '\(engine.package)' was found"
    ]
    for attempt in attempts { lines.append("  tried   \(attempt.python): \(attempt.error)") }
    if attempts.isEmpty { lines.append("  tried   nothing: there is no python3 on the PATH") }
    return Failure(
      .unavailable, lines.joined(separator: "\n"),
      remedy: "ntprof engines install \(engine.rawValue)   (\(engine.size), from PyPI), or name a "
        + "Python that has it: --engine-python PATH")
  }
}

extension Failure {
  /// The failure that an engine's error becomes.
  package init(_ error: EngineError, engine: EngineName) {
    let status: Status =
      switch error.code {
      case .missingPackage, .tooOld, .notStarted, .setting: .unavailable
      case .model, .unsupportedOperator, .memory: .data
      case .engine, .protocol, .ended, .silent: .software
      case .cancelled: .interrupted
      }
    let what =
      switch error.code {
      case .unsupportedOperator: " has no such operator: "
      case .model: " refused the network: "
      case .memory: " ran out of memory: "
      case .setting: " did not take a setting: "
      default: ": "
      }
    let remedy: String? =
      switch error.code {
      case .silent, .ended, .protocol: "see that memory is left, and that 'ntprof engines' knows it"
      case .unsupportedOperator: "run this network in another engine"
      default: nil
      }
    self.init(status, "\(engine.title)\(what)\(error)", remedy: error.remedy ?? remedy)
  }
}
