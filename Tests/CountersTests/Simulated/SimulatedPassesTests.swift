import Counters
import Testing

/// Which steps must run before a counted one, so that the caches hold what they would.
@Suite struct SimulatedPassesTests {
  private func marks(_ passes: SimulatedPasses) -> String {
    String(passes.positions.map { $0.isCounted ? "C" : $0.isSimulated ? "s" : "." })
  }

  @Test func aNetworkThatFitsRunsAWholePassBefore() {
    let passes = SimulatedPasses(
      bytes: [10, 20, 30], selected: [true, true, true], cacheBytes: 100)
    #expect(marks(passes) == "sssCCC")
    #expect(passes.positions.map(\.step) == [0, 1, 2, 0, 1, 2])
  }

  @Test func ofALargeOneOnlyWhatCanStillBeCached() {
    // Twice 50 bytes before the fourth step: the third and second one, of 60 each.
    let passes = SimulatedPasses(
      bytes: [60, 60, 60, 60, 60], selected: [false, false, false, true, false], cacheBytes: 50)
    #expect(marks(passes) == "......ssC.")
  }

  @Test func theFirstStepFollowsTheLast() {
    let passes = SimulatedPasses(
      bytes: [60, 60, 60], selected: [true, false, false], cacheBytes: 50)
    #expect(marks(passes) == ".ssC..")
  }

  @Test func nothingSelectedIsNothingSimulated() {
    let passes = SimulatedPasses(bytes: [1, 1], selected: [false, false], cacheBytes: 50)
    #expect(marks(passes) == "....")
    #expect(SimulatedPasses(bytes: [], selected: [], cacheBytes: 50).positions.isEmpty)
  }
}
