import CMachine
import Synchronization

/// Multiply-adds with all operands in registers: what no kernel can exceed.
///
/// It is clock × lanes × units × 2, measured instead of looked up: CPUs of one name have one unit or
/// two, and two threads may share them.
public enum RegisterRate {
  /// FLOP/s over all threads of the team, a multiply-add being two; under 3 ms.
  ///
  /// Every thread runs windows of about 0.1 ms; the best of those in which all threads were at work
  /// counts.
  ///
  /// - Parameters:
  ///   - threads: Size of the team.
  ///   - isa: The instruction set to use.
  /// - Returns: Nil without fused multiply-adds (on x86-64 below AVX2).
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func measure(
    threads: Int, isa: VectorISA = .best
  ) throws(ThreadTeamError) -> Double? {
    let lanes = min(isa, .best).lanes
    guard lanes > 0 else { return nil }
    let flop = Double(CMACHINE_FMA_INSTRUCTIONS) * Double(lanes) * 2
    let rounds = rounds(lanes: lanes)
    let sum = Mutex(0.0)
    try ThreadTeam.run(threads) { _ in
      var best = 0.0
      for window in 0..<20 {
        let begin = Clock.now()
        cmachine_fma(rounds, Int32(lanes))
        let time = Double(max(1, Clock.now() - begin)) / 1e9
        // The team begins and ends at slightly different times.
        if (3..<17).contains(window) { best = max(best, Double(rounds) * flop / time) }
      }
      let rate = best
      sum.withLock { $0 += rate }
    }
    return sum.withLock { $0 }
  }

  /// Rounds that take about 0.1 ms here; fewer under an emulator.
  private static func rounds(lanes: Int) -> UInt64 {
    let trial: UInt64 = 200
    cmachine_fma(trial, Int32(lanes))
    let begin = Clock.now()
    cmachine_fma(trial, Int32(lanes))
    let time = max(1, Clock.now() - begin)
    return min(100_000, max(20, 100_000 * trial / time))
  }
}
