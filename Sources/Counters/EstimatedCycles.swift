/// Cycles without a counter: time by the clock that the cores were measured to run at.
///
/// They carry nothing that the time does not, and mislead when the clock changes between the
/// calibration and the run. Instructions and cache misses cannot be estimated from time at all.
public enum EstimatedCycles {
  /// The events it gives.
  public static let events = [CounterEvents.cycles]

  /// Core cycles of one core during a time.
  ///
  /// - Parameters:
  ///   - nanoseconds: The time.
  ///   - clockHz: The core clock under load, as `CoreClock` measures it.
  /// - Returns: `nanoseconds × clockHz / 10⁹`; times the number of threads gives the cycles of all
  ///   of them, waiting included, as hardware counters on spinning threads do.
  public static func cycles(nanoseconds: Double, clockHz: Double) -> Double {
    nanoseconds * clockHz / 1e9
  }
}
