import Profiling
import TestSupport
import Testing

@Suite struct ThreadBalanceTests {
  @Test func imbalanceAsComputedByHand() {
    // Mean 75, most 100: a quarter is lost of the half that two threads can lose.
    #expect(ThreadBalance.imbalance([100, 50]) == 0.5)
    #expect(ThreadBalance.imbalance([100, 100, 100]) == 0)
    #expect(ThreadBalance.imbalance([80, 0, 0, 0]) == 1)
    // (90 − 60) / 90 × 3 / 2
    #expect(ThreadBalance.imbalance([90, 60, 30]) == 0.5)
    #expect(ThreadBalance.imbalance([5]) == nil)
    #expect(ThreadBalance.imbalance([0, 0]) == nil)
  }

  @Test func operationsAreBetterWitnessesThanInstructionsAndTime() {
    let threads: [[String: Double]] = [
      ["fp_ret_sse_avx_ops.all": 900, "instructions": 80, "task-clock": 10],
      ["fp_ret_sse_avx_ops.all": 100, "instructions": 90, "task-clock": 10],
    ]
    #expect(ThreadBalance.work(of: threads, cpu: .zen4) == [900, 100])
    #expect(ThreadBalance.work(of: threads) == [80, 90])
    #expect(
      ThreadBalance.work(of: threads.map { $0.filter { $0.key == "task-clock" } }) == [10, 10])
    #expect(ThreadBalance.work(of: [["cycles": 1], ["cycles": 2]]) == nil)
    #expect(ThreadBalance.work(of: [["instructions": 1], [:]]) == nil)
    #expect(ThreadBalance.work(of: []) == nil)
  }

  @Test func aThreadThatSpinsIsToldByItsWork() {
    func waiting(_ cycles: Double, _ misses: Double) -> Int? {
      ThreadBalance.waiting(in: [
        ["cycles": 1e6, "l1d_misses": 50_000, "instructions": 2e6],
        ["cycles": cycles, "l1d_misses": misses, "instructions": 3e5],
      ])
    }
    #expect(waiting(1e6, 40) == 1)
    #expect(waiting(1e6, 30_000) == 0)
    // Asleep: not on a CPU, so it does not spin.
    #expect(waiting(1e5, 40) == 0)
    // Without cycles, or with too few misses to tell, nothing is said.
    #expect(
      ThreadBalance.waiting(in: [["l1d_misses": 50_000], ["l1d_misses": 40]]) == nil)
    #expect(
      ThreadBalance.waiting(in: [
        ["cycles": 1e6, "l1d_misses": 500], ["cycles": 1e6, "l1d_misses": 4],
      ]) == nil)
    #expect(ThreadBalance.waiting(in: [["cycles": 1e6, "l1d_misses": 50_000]]) == nil)
  }

  @Test func threadsOfARecordBecomeMetrics() {
    let counters = CounterRecord(
      source: "perf", events: ["cycles": .init(value: 2e6)],
      threads: [
        ["cycles": 1e6, "instructions": 2e6, "l1d_misses": 50_000],
        ["cycles": 1e6, "instructions": 1e6, "l1d_misses": 10],
      ])
    let found = Judgement(
      JudgementInput(
        flops: 1000, trafficBytes: 100, timeNs: 100, peakFlopsPerSecond: nil,
        roofline: Bound(class: .core, method: .roofline, confidence: "high"), counters: counters,
        countedInflation: 0.03))
    #expect(found.metrics["thread_imbalance"] == 0.5)
    #expect(found.metrics["waiting_threads"] == 1)
    #expect(found.metrics["counted_inflation"] == 0.03)
  }
}
