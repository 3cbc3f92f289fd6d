internal import CCallgrind

/// The requests that a program makes of the callgrind it runs under; outside valgrind they do
/// nothing.
///
/// Callgrind counts one thread right, and only one: with more, its sums are wrong
/// (`docs/counters.md`).
public enum Callgrind {
  /// Whether this process runs under valgrind, whichever tool.
  public static var isRunning: Bool { ccallgrind_depth() > 0 }

  /// Begins to count, with empty caches.
  ///
  /// The C macro is `CALLGRIND_START_INSTRUMENTATION`.
  public static func start() { ccallgrind_start() }

  /// Ends counting and forgets what is cached.
  ///
  /// The C macro is `CALLGRIND_STOP_INSTRUMENTATION`.
  public static func stop() { ccallgrind_stop() }

  /// Sets the counts to zero, the caches stay.
  ///
  /// The C macro is `CALLGRIND_ZERO_STATS`.
  public static func zero() { ccallgrind_zero() }

  /// Appends the counts to the dump under a name and sets them to zero; the caches stay.
  ///
  /// The C macro is `CALLGRIND_DUMP_STATS_AT`.
  ///
  /// - Parameter name: A C string.
  public static func dump(_ name: UnsafePointer<CChar>) { ccallgrind_dump(name) }
}
