package import Execution
import Machine
import Measuring
package import Profiling
import Topology

/// Which implementations several processes are to run, decided once: what searches found, as a text.
///
/// `--tuning auto` depends on what is remembered and on what a budget allowed for, both of which change
/// from one process to the next. All processes of a comparison therefore plan with the same memory,
/// and try nothing themselves; so two sides that are alike run alike.
package struct TuningDecision {
  /// What ``SearchJournal`` writes of a memory.
  package let bytes: [UInt8]

  /// What one process writes of its memory.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// What several decisions say together.
  package init(merging decisions: [TuningDecision]) {
    let memory = TuningMemory()
    for decision in decisions { memory.merge(SearchJournal.memory(decision.bytes)) }
    bytes = SearchJournal.encode(memory)
  }

  /// Decides for networks that are measured with the same options, each in a process of its own.
  ///
  /// - Returns: The decision for all; nil with `--tuning fast`, which decides nothing, and after
  ///   Ctrl-C.
  package static func of(
    _ topologies: [LoadedTopology], _ options: MeasurementSettings, _ observer: any SessionObserver,
    _ tick: () -> Void
  ) throws(Failure) -> TuningDecision? {
    guard options.tuning != PlanOptions.Tuning.fast.rawValue else { return nil }
    return try of(
      topologies.map { RunSettings($0.childSettings, options.child(counting: false)) }, observer,
      tick)
  }

  /// Decides for each of several measurements; nil after Ctrl-C.
  package static func of(
    _ measurements: [RunSettings], _ observer: any SessionObserver, _ tick: () -> Void
  ) throws(Failure) -> TuningDecision? {
    let memory = TuningMemory()
    var known: Set<RunSettings> = []
    for settings in measurements where known.insert(settings).inserted {
      guard
        let bytes = try MeasuredProcess.decision(
          of: settings, observer: observer, tick: tick)
      else {
        return nil
      }
      memory.merge(SearchJournal.memory(bytes))
    }
    return TuningDecision(bytes: SearchJournal.encode(memory))
  }
}

/// What was decided for networks that are measured in this process.
package struct DecidedTuning {
  /// What is known of all of them.
  package let memory: TuningMemory
  /// What to say of the search; nil where there is nothing.
  package private(set) var warning: Warning?

  /// What another process decided.
  package init(_ bytes: [UInt8]) {
    memory = SearchJournal.memory(bytes)
  }

  /// Decides for networks that are measured with the same options; nil with `--tuning fast`.
  package init?(
    _ topologies: [LoadedTopology], on bench: Bench, _ options: MeasurementSettings
  ) throws(Failure) {
    guard options.planOptions(threads: bench.threads).tuning != .fast else { return nil }
    let cache = TuningCache(machine: bench.machine, threads: bench.threads, isa: options.isa)
    memory = cache.memory
    for topology in topologies {
      let options = options.settled(for: topology.graph)
      let program = try topology.program(for: options)
      let found = try SafeSearch(
        topology: topology, options: options, threads: bench.threads, memory: memory,
        weights: topology.chosenWeights().provider, observer: bench.observer
      ).decide(program, options.planOptions(threads: bench.threads))
      warning = warning ?? found
    }
    cache.save()
  }
}
