import Machine

/// The CPU time of the calling thread: what others do meanwhile is not in it.
public enum ThreadTime {
  /// So far, ns.
  public static func now() -> Double { Double(Clock.threadTime()) }
}
