import CMachine
import Synchronization

/// The clock the cores really run at, found without a hardware counter.
public enum CoreClock {
  /// Cycles of one round of the chain.
  static let cyclesPerRound = Double(CMACHINE_CHAIN_CYCLES)

  /// Core clock while all threads of the team work, Hz.
  ///
  /// Times a chain of dependent instructions of known latency (multiplications of 3 cycles, on Arm
  /// additions of one), in windows of about 0.2 ms, and gives the median over the windows of all
  /// threads; under 10 ms in all. The time-stamp counter is no substitute: it ticks at a fixed rate of
  /// its own.
  ///
  /// Misleads on CPUs that slow down under wide vector code (Intel before Ice Lake), which this
  /// chain is not, and under an emulator, where it measures the emulator.
  ///
  /// - Parameters:
  ///   - threads: Size of the team.
  ///   - windows: Windows a thread; the first two are dropped as warm-up.
  /// - Returns: Cycles a second.
  /// - Throws: ``ThreadTeamError`` when there is no OpenMP runtime.
  public static func measure(threads: Int = 1, windows: Int = 15) throws(ThreadTeamError) -> Double
  {
    let rounds = roundsPerWindow()
    let found = Mutex<[Double]>([])
    try ThreadTeam.run(threads) { _ in
      var rates: [Double] = []
      for _ in 0..<(max(1, windows) + 2) {
        let begin = Clock.now()
        cmachine_chain(rounds)
        let time = Double(Clock.now() - begin) / 1e9
        rates.append(time > 0 ? Double(rounds) * cyclesPerRound / time : 0)
      }
      let kept = rates.dropFirst(2)
      found.withLock { $0 += kept }
    }
    let sorted = found.withLock { $0.sorted() }
    return sorted[sorted.count / 2]
  }

  /// Rounds that take about 0.2 ms here; fewer under an emulator.
  private static func roundsPerWindow() -> UInt64 {
    let trial: UInt64 = 100
    let begin = Clock.now()
    cmachine_chain(trial)
    let time = max(1, Clock.now() - begin)
    return min(20_000, max(trial, 200_000 * trial / time))
  }
}
