import CMachine
import Synchronization

/// How the vector units treat denormal numbers: as IEEE 754 says, or as zeros.
///
/// Arithmetic on denormals takes up to 100 times longer on some CPUs, which turns a timing into a
/// property of the random weights. The mode belongs to each thread, not to the process.
public enum FloatingPointMode {
  /// Flush-to-zero (results) and denormals-are-zero (operands) bits of MXCSR; FZ of FPCR, which is both.
  private static let flushBits = UInt64(CMACHINE_FLUSH_BITS)

  /// Turns flushing on or off on every thread of the team, the calling one included.
  ///
  /// Results and operands are both meant (FTZ and DAZ). The corresponding instruction is
  /// `ldmxcsr`, on Arm `msr fpcr`.
  ///
  /// - Parameters:
  ///   - flush: Whether denormals become zero.
  ///   - threads: Size of the team.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func setFlushToZero(_ flush: Bool, threads: Int) throws(ThreadTeamError) {
    try ThreadTeam.run(threads) { _ in
      let mode = cmachine_float_control()
      cmachine_set_float_control(flush ? mode | flushBits : mode & ~flushBits)
    }
  }

  /// Whether every thread of the team flushes both results and operands.
  ///
  /// The corresponding instruction is `stmxcsr`, on Arm `mrs fpcr`.
  ///
  /// - Parameter threads: Size of the team.
  /// - Returns: Whether all of them flush.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func isFlushToZero(threads: Int) throws(ThreadTeamError) -> Bool {
    let flushing = Atomic<Int>(0)
    try ThreadTeam.run(threads) { _ in
      if cmachine_float_control() & flushBits == flushBits { flushing.add(1, ordering: .relaxed) }
    }
    return flushing.load(ordering: .relaxed) == max(1, threads)
  }
}
