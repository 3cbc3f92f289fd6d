/// How the threads of a team shared a layer, by their own counts.
///
/// Threads that have nothing to do are not idle: libgomp's workers wait at barriers in a loop (for
/// as long as `GOMP_SPINCOUNT` or `OMP_WAIT_POLICY` say) and go on counting cycles, instructions
/// and time on a CPU. Only what such a loop does not do tells work from waiting.
public enum ThreadBalance {
  /// What a thread did, by the best count there is, and the event or sum it is.
  ///
  /// Floating-point operations first, which a waiting loop never executes; then instructions, of
  /// which it executes few, for its `pause` takes many cycles; then time on a CPU, which is work
  /// only where waiting threads sleep (`OMP_WAIT_POLICY=passive`).
  ///
  /// - Parameters:
  ///   - threads: Events of each thread.
  ///   - cpu: The catalogue's entry for the CPU that counted.
  /// - Returns: One value a thread; nil when no such count is there for all of them.
  public static func work(
    of threads: [[String: Double]], cpu: Microarchitecture? = nil
  ) -> [Double]? {
    all(threads) { cpu?.measuredFlops($0) } ?? all(threads) { $0[CommonEvent.instructions] }
      ?? all(threads) { $0[taskClock] }
  }

  /// The share of the team's capacity that uneven work leaves unused: 0 when all threads do the
  /// same, 1 when one thread does everything.
  ///
  /// (max − mean) / max × n / (n − 1): the imbalance percentage of DeRose, Homer and Johnson,
  /// "Detecting Application Load Imbalance on High End Massively Parallel Systems", Euro-Par 2007,
  /// as a fraction.
  ///
  /// - Parameter work: What each thread did.
  /// - Returns: Nil for fewer than two threads or no work at all.
  public static func imbalance(_ work: [Double]) -> Double? {
    guard work.count > 1, let most = work.max(), most > 0 else { return nil }
    let threads = Double(work.count)
    let mean = work.reduce(0, +) / threads
    return (most - mean) / most * threads / (threads - 1)
  }

  /// How many threads waited in a loop while others worked.
  ///
  /// A thread did so when it was on a CPU for at least half as long as the busiest one but did less
  /// than a tenth of what no waiting loop does: floating-point operations, else lines brought into
  /// L1 (the loop reads one line again and again).
  ///
  /// - Parameters:
  ///   - threads: Events of each thread.
  ///   - cpu: The catalogue's entry for the CPU that counted.
  /// - Returns: Nil when the counts cannot tell: without cycles, or without such an event.
  public static func waiting(
    in threads: [[String: Double]], cpu: Microarchitecture? = nil
  ) -> Int? {
    guard threads.count > 1, let busy = all(threads, { $0[CommonEvent.cycles] }),
      let work = all(threads, { cpu?.measuredFlops($0) })
        ?? all(threads, { $0[CommonEvent.l1dMisses] }),
      let longest = busy.max(), let most = work.max(), most >= fewest
    else { return nil }
    return zip(busy, work).count { $0 >= longest / 2 && $1 < most / 10 }
  }

  /// Counts below which a tenth of them is noise.
  static let fewest = 1000.0
  /// perf's name of the time on a CPU.
  static let taskClock = "task-clock"

  /// A value of every thread; nil when one of them lacks it.
  private static func all(
    _ threads: [[String: Double]], _ value: ([String: Double]) -> Double?
  ) -> [Double]? {
    let values = threads.compactMap(value)
    return values.isEmpty || values.count < threads.count ? nil : values
  }
}
