package import Execution
import Files
import FoundationEssentials
import Machine
package import Measuring
package import Profiling
package import Topology

/// A search whose trials run in another process, started again after each crash without what crashed
/// it.
///
/// oneDNN has code that crashes: a GRU of one step, one sequence and up to five hidden channels ends a
/// process with 2.6.3. What is known from the tuning cache is not tried again, and then no process is
/// started.
package struct SafeSearch {
  package let topology: LoadedTopology
  package let options: MeasurementSettings
  /// Threads that really run.
  package let threads: Int
  package let memory: TuningMemory
  /// Where constants come from; `nil` makes them from the seed.
  package let weights: (any WeightProvider)?
  /// Who is told that it goes on.
  package let observer: any SessionObserver

  /// A search of one network does not try more than so many things that crash.
  private static let patience = 1000

  /// Plans a program with everything known, or with as much of it as could be tried.
  ///
  /// - Returns: The plan, and what to say of the search; nil where there is nothing.
  package func plan(
    _ program: Program, _ options: PlanOptions
  ) throws(Failure) -> (plan: any PlannedNetwork, warning: Warning?) {
    let engine = OneDNNEngine(tunings: memory)
    var warning: Warning?
    if options.tuning == .search, !memory.found.isEmpty {
      memory.restart(.ask)
      do throws(ExecutionError) {
        return (try engine.plan(program, options: options, weights: weights), nil)
      } catch {
        guard memory.isLacking else { throw failure(error) }
      }
      warning = try search()
    } else {
      warning = try decide(program, options)
    }
    memory.restart(.known)
    do throws(ExecutionError) {
      return (try engine.plan(program, options: options, weights: weights), warning)
    } catch {
      throw failure(error)
    }
  }

  /// Tries what is to be tried, so that every plan from here on is made of what ``memory`` holds.
  ///
  /// - Returns: What to say of the search; nil where there is nothing.
  package func decide(_ program: Program, _ options: PlanOptions) throws(Failure) -> Warning? {
    do throws(ExecutionError) {
      switch options.tuning {
      case .fast: return nil
      case .auto:
        memory.restart(.known)
        guard
          try Plan.hasOpenPlaces(
            program, options: options, weights: weights, tunings: memory)
        else { return nil }
      case .search:
        memory.restart(.ask)
        try Plan.search(program, options: options, weights: weights, tunings: memory)
        return nil
      }
    } catch {
      guard memory.isLacking else { throw failure(error) }
    }
    return try search()
  }

  /// Has every key noted that plans of what is known look up, so that ``TuningMemory/decided()`` has them.
  package func settle(_ program: Program, _ options: PlanOptions) throws(Failure) {
    memory.restart(.known)
    do throws(ExecutionError) {
      try Plan.search(program, options: options, weights: weights, tunings: memory)
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: ExecutionError) -> Failure {
    Failure(.software, "\(topology.source): \(topology.describe(error))")
  }

  /// Has a child try what is not known, again and again until one survives.
  private func search() throws(Failure) -> Warning? {
    observer.progress("searching implementations…")
    defer { observer.progressEnded() }
    let begin = Clock.now()
    for _ in 0..<Self.patience where !Interrupt.isRequested {
      let left = options.tuningBudget - Double(Clock.now() - begin) * 1e-9
      if options.tuning == "auto", left <= 0 { return nil }
      let child = try Child(task(budget: left), known: memory)
      guard let ending = child.wait({ Interrupt.isRequested }) else { return nil }
      for event in child.events() { memory.note(event) }
      switch ending {
      case .exited(0): return nil
      case .exited(let status):
        throw Failure(
          Failure.Status(rawValue: status) ?? .software,
          child.words.isEmpty ? "the process that tries implementations failed" : child.words)
      case .killed(let signal) where Signals.faults.contains(signal) && memory.noteCrash(): continue
      case .killed, .unknown:
        // A signal from outside says nothing about what it was at.
        return Warning(
          code: "search-incomplete",
          message: "the process that tries implementations ended with \(ending), and not by what "
            + "it tried: what it had not tried by then is as without a search",
          remedy: "see that memory is left; --tuning fast tries nothing")
      }
    }
    return nil
  }

  /// What the process is told that tries implementations.
  private func task(budget: Double) -> ChildTask {
    var settings = MeasurementSettings()
    settings.threads = threads
    settings.pin = options.pin
    settings.askedPrecision = options.precision
    settings.planning = options.planning
    settings.planning.askedTuning = options.tuning
    settings.planning.tuningBudget = max(budget, 0.001)
    // All are tried; which of them round alike, a plan asks of what is known of them.
    settings.planning.exact = false
    settings.planning.layerTimeout = nil
    return ChildTask(.search, RunSettings(topology.childSettings, settings))
  }

  /// A process that tries implementations.
  private struct Child {
    private let process: ChildProcess
    private let output: MemoryFile
    private let errors: MemoryFile

    init(_ task: ChildTask, known: TuningMemory) throws(Failure) {
      do throws(SystemCallError) {
        let input = try MemoryFile("known", holding: SearchJournal.encode(known))
        output = try MemoryFile("trials")
        errors = try MemoryFile("errors")
        process = try ChildProcess(
          ChildProcess.sameProgram, arguments: task.arguments,
          // A crash is expected: no time for a backtrace that nobody reads.
          environment: Environment.all
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 },
          descriptors: [
            (0, input.descriptor), (1, output.descriptor), (2, errors.descriptor),
          ])
      } catch {
        throw Failure(cannotStart: "a process that tries implementations", error)
      }
    }

    /// How it ended; nil when it was told to stop.
    func wait(_ isCancelled: () -> Bool) -> ChildProcess.Ending? {
      while process.poll() == nil {
        if isCancelled() {
          process.kill()
          return nil
        }
        Pause.milliseconds(5)
      }
      return isCancelled() ? nil : process.ending
    }

    func events() -> [SearchEvent] { SearchJournal.decode(output.contents()) }

    var words: String {
      var text = String(decoding: errors.contents(), as: UTF8.self)
      while text.last?.isNewline == true { text.removeLast() }
      return text.hasPrefix(Failure.prefix) ? String(text.dropFirst(Failure.prefix.count)) : text
    }
  }
}

/// How the two processes of a search talk: one JSON text a line.
package enum SearchJournal {
  /// What the child starts from.
  private struct Known: Codable {
    var found: [String: [TunedImplementation]]
    var reorders: [String: Double]
    var crashed: [String: [TunedImplementation]]
    var broken: Set<String>
    var roundings: [String: Double]
    var fresh: Set<String>
  }

  /// A memory for the child.
  package static func encode(_ memory: TuningMemory) -> [UInt8] {
    let known = Known(
      found: memory.found, reorders: memory.reorders, crashed: memory.crashed,
      broken: memory.broken, roundings: memory.roundings, fresh: memory.fresh)
    return (try? JSONEncoder().encode(known)).map(Array.init) ?? []
  }

  /// A memory from the parent; empty where it cannot be read.
  package static func memory(_ bytes: [UInt8]) -> TuningMemory {
    guard let known = try? CheckedJSON.decode(Known.self, from: bytes) else {
      return TuningMemory()
    }
    return TuningMemory(
      found: known.found, reorders: known.reorders, crashed: known.crashed, broken: known.broken,
      roundings: known.roundings, fresh: known.fresh)
  }

  /// A line of the journal.
  package static func line(_ event: SearchEvent) -> [UInt8] {
    guard let data = try? JSONEncoder().encode(event) else { return [] }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  /// The events of a journal; a last line that was cut short is none.
  package static func decode(_ bytes: [UInt8]) -> [SearchEvent] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? CheckedJSON.decode(SearchEvent.self, from: $0)
    }
  }
}
