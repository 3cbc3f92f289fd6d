import Testing

@testable import Machine

/// Time that others take is seen, and what was measured meanwhile is measured again.
@Suite struct TeamLoadTests {
  /// The kernel's accounts as a script: each attempt of 1 s loses some of two threads' time.
  private final class Accounts {
    private var shares: [Double]
    private var time: UInt64 = 5_000_000_000
    private var waited: UInt64 = 77
    private var begun = false

    init(_ shares: [Double]) { self.shares = shares }

    func read() -> LoadReading {
      if begun {
        time += 1_000_000_000
        waited += UInt64(shares.removeFirst() * 2e9)
      }
      begun.toggle()
      return LoadReading(time: time, waited: waited, callerRan: 0)
    }
  }

  @Test(arguments: [
    // A calm attempt is the only one; a disturbed one is repeated once, and the calmer one counts.
    ([0.02], [1], 0.02), ([0.5, 0.01], [1, 2], 0.01), ([0.5, 0.7], [1, 2], 0.5),
    ([0.7, 0.5], [1, 2], 0.5), ([0.1, 0.0999], [1, 2], 0.0999),
  ])
  func aDisturbedMeasurementIsRepeatedOnce(shares: [Double], calls: [Int], share: Double) {
    let accounts = Accounts(shares)
    var made: [Int] = []
    let (value, load) = TeamLoad.calmest(threads: 2, reading: accounts.read) {
      made.append(made.count + 1)
      return made.count
    }
    #expect(made == calls)
    #expect(abs(load.share - share) < 1e-6)
    #expect(load.isCalm == (share < 0.1))
    #expect(shares[value - 1] == share)
  }

  private func reading(
    _ time: UInt64, waited: UInt64? = 0, ran: UInt64 = 0, stolen: [Int: UInt64] = [:]
  ) -> LoadReading {
    LoadReading(time: time, waited: waited, callerRan: ran, stolen: stolen)
  }

  @Test func everyKindOfLostTimeCounts() {
    func share(_ begin: LoadReading, _ end: LoadReading, threads: Int, cpus: [Int]) -> Double {
      TeamLoad(from: begin, to: end, threads: threads, cpus: cpus).share
    }
    #expect(share(reading(0), reading(1000, waited: 600), threads: 2, cpus: [0]) == 0.3)
    // Without accounts of run queues: what the caller did not run.
    #expect(
      share(
        reading(0, waited: nil, ran: 7), reading(1000, waited: nil, ran: 757), threads: 2,
        cpus: [0]) == 0.25)
    // What the hypervisor took from the CPUs that the team may use, the worst of them.
    let stolen = reading(1000, stolen: [0: 200, 1: 400, 2: 900])
    #expect(share(reading(0), stolen, threads: 1, cpus: [0, 1]) == 0.4)
    #expect(share(reading(0), reading(1000, waited: 5000), threads: 1, cpus: []) == 1)
    // A thread that has ended takes its account along.
    #expect(share(reading(0, waited: 500), reading(1000), threads: 1, cpus: []) == 0)
    #expect(share(reading(9), reading(9), threads: 1, cpus: []) == 0)
  }

  @Test func readsTheKernelsTexts() {
    #expect(LoadReading.runDelay("12 345 6") == 345)
    #expect(LoadReading.runDelay("0") == nil)
    let text = """
      cpu  9 9 9 9 9 9 9 9 0 0
      cpu0 1 2 3 4 5 6 7 8 0 0
      cpu12 0 0 0 0 0 0 0 250 0 0
      intr 1
      """
    #expect(
      LoadReading.stolen(in: text, ticksPerSecond: 100) == [0: 80_000_000, 12: 2_500_000_000])
  }

  @Test func theAccountsOfThisProcessGoOn() {
    let begin = LoadReading.now()
    var end = begin
    while end.time < begin.time + 20_000_000 { end = LoadReading.now() }
    #expect(end.callerRan > begin.callerRan)
    #expect((0...1).contains(TeamLoad(from: begin, to: end, threads: 1, cpus: [0]).share))
  }

  @Test func lostTimeOnlyGrows() {
    let accounts = StolenTime(cpus: Host.read().processors)
    let readings = (0..<50).map { _ in accounts.read() }
    for (before, after) in zip(readings, readings.dropFirst()) {
      #expect((before.lostNs ?? 0) <= (after.lostNs ?? 0) && before.switches <= after.switches)
    }
    // It is known where the kernel keeps the account that the slower reading uses, too.
    #expect((readings[0].lostNs == nil) == (LoadReading.now().waited == nil))
  }
}
