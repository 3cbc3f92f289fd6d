import Glibc

/// Times in which the calling thread does nothing.
public enum Pause {
  /// Waits so long, or until a signal comes.
  ///
  /// The corresponding C function is `usleep`.
  public static func microseconds(_ count: Int) { usleep(UInt32(clamping: count)) }

  /// Waits so long, or until a signal comes.
  public static func milliseconds(_ count: Int) { microseconds(count * 1000) }
}
