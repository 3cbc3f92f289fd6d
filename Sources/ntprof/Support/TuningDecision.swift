import Execution
import Machine
import Measuring
import Profiling
import Session
import Topology

/// Which implementations several processes are to run, decided once: what searches found, as a text.
///
/// `--tuning auto` depends on what is remembered and on what a budget allowed for, both of which change
/// from one process to the next. All processes of a comparison therefore plan with the same memory,
/// and try nothing themselves; so two sides that are alike run alike.
struct TuningDecision {
  /// What ``SearchJournal`` writes of a memory.
  let bytes: [UInt8]

  /// Decides for networks that are measured with the same options, each in a process of its own.
  ///
  /// - Returns: The decision for all; nil with `--tuning fast`, which decides nothing, and after
  ///   Ctrl-C.
  static func of(
    _ topologies: [LoadedTopology], _ options: MeasurementOptions, _ tick: () -> Void
  ) throws(Failure) -> TuningDecision? {
    guard options.tuning != PlanOptions.Tuning.fast.rawValue else { return nil }
    return try of(topologies.map { options.arguments(counting: false) + $0.arguments }, tick)
  }

  /// Decides for each of several measurements, given as arguments; nil after Ctrl-C.
  static func of(_ measurements: [[String]], _ tick: () -> Void) throws(Failure)
    -> TuningDecision?
  {
    let memory = TuningMemory()
    var known: Set<[String]> = []
    for arguments in measurements where known.insert(arguments).inserted {
      guard let bytes = try MeasuredProcess.output(of: ["--decide"] + arguments, tick: tick) else {
        return nil
      }
      memory.merge(SearchJournal.memory(bytes))
    }
    return TuningDecision(bytes: SearchJournal.encode(memory))
  }
}

/// What was decided for networks that are measured in this process.
struct DecidedTuning {
  /// What is known of all of them.
  let memory: TuningMemory
  /// What to say of the search; nil where there is nothing.
  private(set) var warning: Warning?

  /// What another process decided.
  init(_ bytes: [UInt8]) {
    memory = SearchJournal.memory(bytes)
  }

  /// Decides for networks that are measured with the same options; nil with `--tuning fast`.
  init?(
    _ topologies: [LoadedTopology], on bench: Bench, _ options: MeasurementOptions
  ) throws(Failure) {
    guard options.planOptions(threads: bench.threads).tuning != .fast else { return nil }
    let cache = TuningCache(machine: bench.machine, threads: bench.threads, isa: options.isa)
    memory = cache.memory
    for topology in topologies {
      let options = options.settled(for: topology.graph)
      let program = try topology.program(
        fitting: Host.read().memoryAvailableBytes, limit: options.memoryLimit?.bytes)
      let found = try SafeSearch(
        topology: topology, options: options, threads: bench.threads, memory: memory,
        weights: topology.chosenWeights().provider
      ).decide(program, options.planOptions(threads: bench.threads))
      warning = warning ?? found
    }
    cache.save()
  }
}
