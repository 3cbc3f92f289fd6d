import Execution
import FoundationEssentials
import Glibc
import Machine
import Measuring
import Profiling
import Session
import Topology

/// A search whose trials run in another process, started again after each crash without what crashed
/// it.
///
/// oneDNN has code that crashes: a GRU of one step, one sequence and up to five hidden channels ends a
/// process with 2.6.3. What is known from the tuning cache is not tried again, and then no process is
/// started.
struct SafeSearch {
  let topology: LoadedTopology
  let options: MeasurementOptions
  /// Threads that really run.
  let threads: Int
  let memory: TuningMemory
  /// Where constants come from; `nil` makes them from the seed.
  let weights: (any WeightProvider)?

  /// A search of one network does not try more than so many things that crash.
  private static let patience = 1000

  /// The signals of code that goes wrong.
  private static let faults = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS]

  /// Plans a program with everything known, or with as much of it as could be tried.
  ///
  /// - Returns: The plan, and what to say of the search; nil where there is nothing.
  func plan(
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
  func decide(_ program: Program, _ options: PlanOptions) throws(Failure) -> Warning? {
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
  func settle(_ program: Program, _ options: PlanOptions) throws(Failure) {
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
    Console.progress("searching implementations…")
    defer { Console.clearProgress() }
    let begin = Clock.now()
    for _ in 0..<Self.patience where !Interrupt.isRequested {
      let left = options.tuningBudget - Double(Clock.now() - begin) * 1e-9
      if options.tuning == "auto", left <= 0 { return nil }
      let child = try Child(arguments: arguments(budget: left), known: memory)
      guard let ending = child.wait({ Interrupt.isRequested }) else { return nil }
      for event in child.events() { memory.note(event) }
      switch ending {
      case .exited(0): return nil
      case .exited(let status):
        throw Failure(
          Failure.Status(rawValue: status) ?? .software,
          child.words.isEmpty ? "the process that tries implementations failed" : child.words)
      case .killed(let signal) where Self.faults.contains(signal) && memory.noteCrash(): continue
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

  private func arguments(budget: Double) -> [String] {
    var list = [
      "search-child", "--parent", "\(getpid())", "--threads", "\(threads)", "--pin",
      options.pin.rawValue, "--precision", options.precision, "--seed", "\(options.seed)",
      "--tuning", options.tuning, "--tuning-budget", "\(max(budget, 0.001))",
    ]
    if let isa = options.isa { list += ["--isa", isa] }
    if let limit = options.memoryLimit { list += ["--memory-limit", "\(limit.bytes)"] }
    if options.noFusion { list.append("--no-fusion") }
    return list + topology.arguments
  }

  /// A process that tries implementations.
  private struct Child {
    private let process: ChildProcess
    private let output: MemoryFile
    private let errors: MemoryFile

    init(arguments: [String], known: TuningMemory) throws(Failure) {
      do throws(SystemCallError) {
        let input = try MemoryFile("known", holding: SearchJournal.encode(known))
        output = try MemoryFile("trials")
        errors = try MemoryFile("errors")
        process = try ChildProcess(
          ChildProcess.sameProgram, arguments: arguments,
          // A crash is expected: no time for a backtrace that nobody reads.
          environment: ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 },
          descriptors: [
            (0, input.descriptor), (1, output.descriptor), (2, errors.descriptor),
          ])
      } catch {
        throw Failure(.software, "a process that tries implementations cannot be started: \(error)")
      }
    }

    /// How it ended; nil when it was told to stop.
    func wait(_ isCancelled: () -> Bool) -> ChildProcess.Ending? {
      while process.poll() == nil {
        if isCancelled() {
          process.kill()
          return nil
        }
        usleep(5_000)
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
enum SearchJournal {
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
  static func encode(_ memory: TuningMemory) -> [UInt8] {
    let known = Known(
      found: memory.found, reorders: memory.reorders, crashed: memory.crashed,
      broken: memory.broken, roundings: memory.roundings, fresh: memory.fresh)
    return (try? JSONEncoder().encode(known)).map(Array.init) ?? []
  }

  /// A memory from the parent; empty where it cannot be read.
  static func memory(_ bytes: [UInt8]) -> TuningMemory {
    guard let known = try? JSONDecoder().decode(Known.self, from: Data(bytes)) else {
      return TuningMemory()
    }
    return TuningMemory(
      found: known.found, reorders: known.reorders, crashed: known.crashed, broken: known.broken,
      roundings: known.roundings, fresh: known.fresh)
  }

  /// A line of the journal.
  static func line(_ event: SearchEvent) -> [UInt8] {
    guard let data = try? JSONEncoder().encode(event) else { return [] }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  /// The events of a journal; a last line that was cut short is none.
  static func decode(_ bytes: [UInt8]) -> [SearchEvent] {
    let decoder = JSONDecoder()
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? decoder.decode(SearchEvent.self, from: Data($0))
    }
  }
}
