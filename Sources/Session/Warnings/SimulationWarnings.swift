import Counters
package import Profiling

extension NetworkRun {
  /// What the reader of simulated events should know.
  package func simulationWarnings() -> [Warning] {
    var list: [Warning] = []
    if let failure = simulationFailure {
      list.append(
        Warning(
          code: "counters-failed", message: "simulating stopped: \(failure.reason)",
          remedy: failure.remedy))
    }
    guard let simulation, let info = simulation.info else { return list }
    let rows = simulatedCounters
    let others = rows.values.filter { $0.implementationMatches == false }.count
    if others > 0 {
      list.append(
        Warning(
          code: "simulated-other-implementation",
          message: "\(others) of \(rows.count) layers ran another implementation under callgrind "
            + "(\(info.isa), 1 thread): their instructions and L1 misses are of other code",
          remedy: options.tuning == "fast"
            ? "run both on the same code with --isa avx2"
            : "the simulated run takes oneDNN's first choice: --tuning fast --isa avx2 runs both on "
              + "the same code"))
    }
    list += simulation.caches.notes.map { note in
      Warning(
        code: "no-exact-geometry", message: "callgrind wants a power of two of sets: \(note)",
        remedy: "nothing: conflict misses may differ a little")
    }
    return list
  }
}
