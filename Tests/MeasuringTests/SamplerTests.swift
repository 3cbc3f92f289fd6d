import Machine
import Measuring
import Profiling
import Testing

/// A network whose passes only note that they ran (a test double).
private final class FakeRunner: PassRunner {
  let stepCount: Int
  var log: [String] = []
  var flushNs: UInt64 = 0
  var onFlush: () -> Void = {}

  init(steps: Int) { stepCount = steps }

  func run() { log.append("bare") }

  func run(stamps: inout MutableSpan<UInt64>, marks: Span<Bool>) {
    log.append("timed")
    for boundary in 0...stepCount where marks[boundary] { stamps[boundary] = UInt64(boundary * 10) }
  }

  func run(marks: Span<Bool>, visit: (Int) -> Void) {
    log.append("counted")
    for boundary in 0...stepCount where marks[boundary] { visit(boundary) }
  }

  func flush(steps: Range<Int>) {
    log.append("flush \(steps.lowerBound)..<\(steps.upperBound)")
    onFlush()
    let begin = Clock.now()
    while Clock.now() - begin < flushNs {}
  }

  func flushWeights(steps: Range<Int>) {
    log.append("flush weights \(steps.lowerBound)..<\(steps.upperBound)")
  }
}

/// A source whose events grow by known amounts at each read (a test double).
private final class FakeCounters: CounterSource {
  let name = CounterSourceName.papi
  let groups = [["cycles", "instructions"], ["cycles", "l1d_misses"]]
  var total: Int64 = 0
  var failAfter = Int.max
  var threadCount = 0
  var log: [String] = []

  func start(group: Int) { log.append("start \(group)") }

  func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    failAfter -= 1
    if failAfter < 0 { throw CounterError(source: .papi, reason: "gone", remedy: "none") }
    total += 1
    values[0] = total * 100
    values[1] = total * 7
  }

  func lastRead(byThread values: UnsafeMutableBufferPointer<Int64>) {
    values[0] = total * 25
    values[1] = total
    values[2] = total * 75
    values[3] = total * 6
  }

  func stop() { log.append("stop") }
}

/// Nothing is lost.
private let quiet = StolenTime.Reading(lostNs: 0, switches: 0)

@Suite("Sampler")
struct SamplerTests {
  @Test("pairs alternate which pass comes first")
  func order() throws {
    let runner = FakeRunner(steps: 2)
    let sampler = Sampler(runner: runner, instrumented: [true, true], losses: { quiet })
    for _ in 0..<3 { try sampler.takePair() }
    #expect(runner.log == ["bare", "timed", "timed", "bare", "bare", "timed"])
    #expect(sampler.bare.count == 3 && sampler.timed.count == 3)
    #expect(sampler.steps == [10, 10, 10, 10, 10, 10])
  }

  @Test("cold caches: layers with instruments are flushed before, and the time of it is nobody's")
  func cold() throws {
    let runner = FakeRunner(steps: 4)
    runner.flushNs = 2_000_000
    let sampler = Sampler(
      runner: runner, instrumented: [true, true, false, true], coldLayers: [0..<2, 2..<3, 3..<4],
      losses: { quiet })
    #expect(sampler.isCold)
    try sampler.takePair()
    #expect(runner.log == ["flush 0..<4", "bare", "counted", "flush 0..<2", "flush 3..<4"])
    // Three flushes of 2 ms, and passes that do nothing.
    #expect(sampler.bare[0] < 1_500_000)
    #expect(sampler.timed[0] < 1_500_000)
    #expect(sampler.steps.map(\.isNaN) == [false, false, true, false])
    let own = sampler.steps[0] + sampler.steps[1] + sampler.steps[3]
    #expect(own >= 0 && own <= sampler.timed[0])
  }

  @Test("cold weights: they are dropped before each pass, and nothing is within one")
  func coldWeights() throws {
    let runner = FakeRunner(steps: 2)
    let sampler = Sampler(
      runner: runner, instrumented: [true, true], findsWeightsCold: true, losses: { quiet })
    #expect(!sampler.isCold)
    try sampler.takePair()
    try sampler.takePair()
    let drop = "flush weights 0..<2"
    #expect(runner.log == [drop, "bare", drop, "timed", drop, "timed", drop, "bare"])
    #expect(sampler.steps == [10, 10, 10, 10])
  }

  @Test("with cold caches counters are read before and after the flush")
  func coldCounting() throws {
    let runner = FakeRunner(steps: 2)
    let source = FakeCounters()
    runner.onFlush = { source.total += 1000 }
    let sampler = Sampler(
      runner: runner, instrumented: [true, true], coldLayers: [0..<1, 1..<2])
    try sampler.count(source, passes: 2, isCancelled: { false })
    #expect(sampler.counts.events["cycles"] == [Double](repeating: 100, count: 8))
    #expect(sampler.counts.readNs.count == 12)
  }

  @Test("threads are told apart where the source does")
  func threads() throws {
    let runner = FakeRunner(steps: 2)
    let source = FakeCounters()
    source.threadCount = 2
    let sampler = Sampler(runner: runner, instrumented: [true, false])
    try sampler.count(source, passes: 3, isCancelled: { false })
    #expect(sampler.counts.threads.count == 2)
    // A quarter and three quarters of 100 cycles a read.
    let first = try #require(sampler.counts.threads[0]["cycles"])
    let second = try #require(sampler.counts.threads[1]["cycles"])
    #expect(first.count == 12)
    #expect(stride(from: 0, to: 12, by: 2).allSatisfy { first[$0] == 25 && second[$0] == 75 })
    #expect(stride(from: 1, to: 12, by: 2).allSatisfy { first[$0].isNaN })
    #expect(sampler.counts.steps.count == 12 && sampler.counts.steps[0] >= 0)
  }

  @Test("steps that are not instrumented have no time")
  func selection() throws {
    let runner = FakeRunner(steps: 4)
    let sampler = Sampler(
      runner: runner, instrumented: [false, true, true, false], losses: { quiet })
    try sampler.takePair()
    #expect(sampler.steps[0].isNaN && sampler.steps[3].isNaN)
    #expect(sampler.steps[1] == 10 && sampler.steps[2] == 10)
  }

  /// What the kernel says around each pair: `lost` ns in the pairs named, nothing in the others.
  private func losses(
    _ lost: @escaping (Int) -> UInt64?
  ) -> () -> StolenTime.Reading {
    var (readings, sum): (Int, UInt64) = (0, 0)
    var known = true
    return {
      // Two readings a pair: before it and behind it.
      if readings % 2 == 1 {
        if let more = lost(readings / 2) { sum += more } else { known = false }
      }
      readings += 1
      return StolenTime.Reading(
        lostNs: known ? sum : nil, switches: known ? Int(sum / 1000) : readings / 2)
    }
  }

  @Test("pairs that lost a hundredth of their time are told apart, and dropped in the end")
  func disturbedPairs() throws {
    let runner = FakeRunner(steps: 1)
    // Passes of no length: a second is lost in the third and the eighth pair, 1 µs, which waking a
    // thread takes, in the fifth.
    let sampler = Sampler(
      runner: runner, instrumented: [true],
      losses: losses { [2: 1_000_000_000, 7: 1_000_000_000, 4: 1000][$0] ?? 0 })
    for _ in 0..<10 { try sampler.takePair() }
    #expect(sampler.bare.count == 10 && sampler.clean.count == 8)
    #expect(PairLoss.chosen(sampler.lost, wanted: 5) == [0, 1, 3, 4, 5, 6, 8, 9])
    sampler.keep(PairLoss.chosen(sampler.lost, wanted: 5))
    #expect(sampler.bare.count == 8 && sampler.timed.count == 8 && sampler.steps.count == 8)
    #expect(sampler.disturbance?.pairs == 10 && sampler.disturbance?.disturbed == 2)
    #expect(sampler.disturbance?.kept == 0 && sampler.disturbance?.isDoubtful == false)
  }

  @Test("where too few pairs are clean the least disturbed ones are kept, too, and it is said")
  func neverQuiet() throws {
    let runner = FakeRunner(steps: 1)
    let sampler = Sampler(
      runner: runner, instrumented: [true], losses: losses { $0 % 4 == 0 ? 0 : 1_000_000_000 })
    for _ in 0..<20 { try sampler.takePair() }
    #expect(sampler.clean.count == 5)
    sampler.keep(PairLoss.chosen(sampler.lost, wanted: 20))
    #expect(sampler.bare.count == 20 && sampler.disturbance?.kept == 15)
    #expect(sampler.disturbance?.isDoubtful == true)
    #expect(sampler.disturbance?.keptShare == 0.75)
  }

  @Test("of the disturbed pairs those that lost least are taken first")
  func leastDisturbed() {
    let losses = [0.5, 0, 0.2, 0.3, 0].map {
      PairLoss(share: $0, isDisturbed: $0 > 0, switches: 0)
    }
    #expect(PairLoss.chosen(losses, wanted: 1) == [1, 4])
    #expect(PairLoss.chosen(losses, wanted: 3) == [1, 2, 4])
    #expect(PairLoss.chosen(losses, wanted: 9) == [0, 1, 2, 3, 4])
    let other = [0, 0, 0.9, 0, 0].map { PairLoss(share: $0, isDisturbed: $0 > 0, switches: 1) }
    #expect(PairLoss.rounds([losses, other]).map(\.share) == [0.5, 0, 0.9, 0.3, 0])
  }

  @Test("where the kernel keeps no account of run queues, any switch disturbs")
  func switchesAlone() throws {
    let sampler = Sampler(
      runner: FakeRunner(steps: 1), instrumented: [true], losses: losses { _ in nil })
    for _ in 0..<4 { try sampler.takePair() }
    #expect(sampler.clean.count < 4)
  }

  @Test("warm-up makes the asked number of passes and times the first one")
  func warmup() throws {
    let runner = FakeRunner(steps: 1)
    let sampler = Sampler(runner: runner, instrumented: [true])
    try sampler.warmUp(passes: 5, isCancelled: { false })
    #expect(runner.log.count == 5 && sampler.warmupPasses == 5)
    #expect(sampler.firstPassNs != nil)
    let cancelled = Sampler(runner: runner, instrumented: [true])
    try cancelled.warmUp(passes: 5, isCancelled: { true })
    #expect(cancelled.warmupPasses == 1)
  }

  @Test("each group of events has passes of its own, read at boundaries and subtracted")
  func counting() throws {
    let runner = FakeRunner(steps: 2)
    let source = FakeCounters()
    let sampler = Sampler(runner: runner, instrumented: [true, true], losses: { quiet })
    try sampler.count(source, passes: 3, isCancelled: { false })
    #expect(source.log == ["start 0", "stop", "start 1", "stop"])
    #expect(runner.log.filter { $0 == "counted" }.count == 6)
    // Three of the six passes have a timed one beside them, before and after in turn.
    #expect(
      runner.log == [
        "timed", "counted", "counted", "timed", "counted", "counted", "counted", "timed", "counted",
      ])
    #expect(sampler.counts.referencePasses.count == 3 && sampler.counts.referenceSteps.count == 6)
    #expect(sampler.counts.events["cycles"] == [Double](repeating: 100, count: 12))
    #expect(sampler.counts.events["instructions"] == [Double](repeating: 7, count: 6))
    #expect(sampler.counterFailure == nil)
  }

  @Test("a source that fails ends the counting and leaves the times")
  func failing() throws {
    let runner = FakeRunner(steps: 2)
    let source = FakeCounters()
    source.failAfter = 4
    let sampler = Sampler(runner: runner, instrumented: [true, true], losses: { quiet })
    try sampler.takePair()
    try sampler.count(source, passes: 3, isCancelled: { false })
    #expect(sampler.counterFailure?.reason == "gone")
    #expect(sampler.bare.count == 1)
    #expect(sampler.counts.events["cycles"] == [100, 100])
    #expect(source.log.last == "stop")
  }
}
