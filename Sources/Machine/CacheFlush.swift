import CMachine

/// Empties the caches of chosen memory, on all threads of a team.
///
/// `clflushopt` (`clflush` where that is missing, `dc civac` on Arm) writes a line back and drops it from every cache
/// of every core, whatever its size and replacement, which reading a large buffer cannot promise.
/// What it does not empty: the caches of translations and of code.
public final class CacheFlush: @unchecked Sendable {
  /// Bytes of a line, which is also what `clflush` works on.
  static let line = 64

  private let threads: Int
  private let hasOptimized = cmachine_flushes_unordered()
  private var ranges: [UnsafeRawBufferPointer] = []
  private var job: TeamJob?

  /// Prepares flushing.
  ///
  /// - Parameter threads: Size of the team, the calling thread included.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public init(threads: Int) throws(ThreadTeamError) {
    self.threads = max(1, threads)
    guard threads > 1 else { return }
    // Unowned: the job belongs to this object, which outlives every run of it.
    job = try TeamJob(threads: threads) { [unowned(unsafe) self] index in flushShare(index) }
  }

  /// Flushes memory and returns when no cache holds any of it.
  ///
  /// About 5 ns a line and thread, so 1 ms for 16 MB on two threads; allocates nothing.
  ///
  /// - Parameter ranges: What to flush; lines that are partly covered are flushed too.
  public func flush(_ ranges: [UnsafeRawBufferPointer]) {
    self.ranges = ranges
    if let job { job.run() } else { flushShare(0) }
  }

  /// The part of one thread: an equal share of the lines of every range.
  private func flushShare(_ index: Int) {
    for range in ranges {
      guard let base = range.baseAddress, !range.isEmpty else { continue }
      let first = UInt(bitPattern: base) / UInt(Self.line)
      let last = (UInt(bitPattern: base) + UInt(range.count) - 1) / UInt(Self.line)
      let lines = Int(last - first) + 1
      let (begin, end) = (lines * index / threads, lines * (index + 1) / threads)
      guard begin < end,
        let from = UnsafeRawPointer(bitPattern: (first + UInt(begin)) * UInt(Self.line))
      else { continue }
      cmachine_flush(from, (end - begin) * Self.line, hasOptimized)
    }
  }
}
