public import CMachine

/// The clock that all times of a run come from.
public enum Clock {
  /// Nanoseconds since an arbitrary start, never going back, unaffected by changes of the date.
  ///
  /// The corresponding C function is `clock_gettime(CLOCK_MONOTONIC)`. It reads the time-stamp
  /// counter without entering the kernel (about 20 ns); where the kernel distrusts that counter
  /// (`/sys/devices/system/clocksource`), each read is a system call and ten times dearer.
  @inlinable @inline(__always)
  public static func now() -> UInt64 { cmachine_now() }

  /// What one read costs: the median over 101 batches of 64 reads, ns a read.
  ///
  /// Misleads in a debug build, where ``now()`` is not inlined.
  public static func readCost() -> Double {
    let reads = 64
    var batches: [UInt64] = []
    batches.reserveCapacity(101)
    for _ in 0..<101 {
      let begin = now()
      var last = begin
      for _ in 0..<reads { last = now() }
      batches.append(last - begin)
    }
    batches.sort()
    return Double(batches[50]) / Double(reads)
  }
}
