import Profiling

/// Cycles without a counter: time by the clock that the cores were measured to run at.
///
/// They carry nothing that the time does not, and mislead when the clock changes between the
/// calibration and the run. Instructions and cache misses cannot be estimated from time at all.
public enum EstimatedCycles {
  /// The events it gives.
  public static let events = [CounterEvents.cycles]

  /// What of the events asked for is not estimated, and why.
  ///
  /// - Parameter names: As given with `--events`: sets, record names, perf's, PAPI's or `rHEX`.
  /// - Returns: All but cycles; a name that nobody knows is told so.
  static func skipped(_ names: [String]) -> [SkippedEvent] {
    let cpu = Microarchitecture.running
    return names.filter { !events.contains($0) }.map { name in
      let native = name.contains("::") || name.hasPrefix("PAPI_")
      if let absent = EventSelection([name], on: cpu).absent.first {
        return SkippedEvent(name: name, reason: absent.reason)
      }
      let known =
        native || EventSelection.setNames.contains(name)
        || PerfEvents.event(name, vendor: "", family: nil, on: cpu) != nil
        || CommonEvent.standard.contains(name)
      return SkippedEvent(
        name: name,
        reason: known
          ? "it needs hardware counters; only cycles can be estimated"
          : PerfEvents.absence(of: name, on: cpu))
    }
  }

  /// Core cycles of a team during a time.
  ///
  /// - Parameters:
  ///   - nanoseconds: The time.
  ///   - clockHz: The core clock under load, as `CoreClock` measures it.
  ///   - threads: Threads that ran.
  /// - Returns: `nanoseconds × clockHz × threads / 10⁹`: a sum over all threads, waiting included, as
  ///   hardware counters on spinning threads give it.
  public static func cycles(nanoseconds: Double, clockHz: Double, threads: Int) -> Double {
    nanoseconds * clockHz * Double(threads) / 1e9
  }
}
