import Execution
import Profiling
import Testing

/// A network whose passes only note that they ran (a test double).
private final class FakeRunner: PassRunner {
  let stepCount: Int
  var log: [String] = []

  init(steps: Int) { stepCount = steps }

  func run() { log.append("bare") }

  func run(stamps: UnsafeMutableBufferPointer<UInt64>, marks: UnsafeBufferPointer<Bool>) {
    log.append("timed")
    for boundary in 0...stepCount where marks[boundary] { stamps[boundary] = UInt64(boundary * 10) }
  }

  func run(marks: UnsafeBufferPointer<Bool>, visit: (Int) -> Void) {
    log.append("counted")
    for boundary in 0...stepCount where marks[boundary] { visit(boundary) }
  }

  func flush(steps: Range<Int>) { log.append("flush \(steps.lowerBound)..<\(steps.upperBound)") }
}

/// A source whose events grow by known amounts at each read (a test double).
private final class FakeCounters: CounterSource {
  let name = CounterSourceName.papi
  let groups = [["cycles", "instructions"], ["cycles", "l1d_misses"]]
  var total: Int64 = 0
  var failAfter = Int.max
  var log: [String] = []

  func start(group: Int) { log.append("start \(group)") }

  func read(into values: UnsafeMutableBufferPointer<Int64>) throws(CounterError) {
    failAfter -= 1
    if failAfter < 0 { throw CounterError(source: .papi, reason: "gone", remedy: "none") }
    total += 1
    values[0] = total * 100
    values[1] = total * 7
  }

  func stop() { log.append("stop") }
}

@Suite("Sampler")
struct SamplerTests {
  @Test("pairs alternate which pass comes first")
  func order() throws {
    let runner = FakeRunner(steps: 2)
    let sampler = Sampler(runner: runner, instrumented: [true, true])
    for _ in 0..<3 { try sampler.takePair() }
    #expect(runner.log == ["bare", "timed", "timed", "bare", "bare", "timed"])
    #expect(sampler.bare.count == 3 && sampler.timed.count == 3)
    #expect(sampler.steps == [10, 10, 10, 10, 10, 10])
  }

  @Test("steps that are not instrumented have no time")
  func selection() throws {
    let runner = FakeRunner(steps: 4)
    let sampler = Sampler(runner: runner, instrumented: [false, true, true, false])
    try sampler.takePair()
    #expect(sampler.steps[0].isNaN && sampler.steps[3].isNaN)
    #expect(sampler.steps[1] == 10 && sampler.steps[2] == 10)
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
    let sampler = Sampler(runner: runner, instrumented: [true, true])
    try sampler.count(source, passes: 3, isCancelled: { false })
    #expect(source.log == ["start 0", "stop", "start 1", "stop"])
    #expect(runner.log.filter { $0 == "counted" }.count == 6)
    #expect(sampler.events["cycles"] == [Double](repeating: 100, count: 12))
    #expect(sampler.events["instructions"] == [Double](repeating: 7, count: 6))
    #expect(sampler.counterFailure == nil)
  }

  @Test("a source that fails ends the counting and leaves the times")
  func failing() throws {
    let runner = FakeRunner(steps: 2)
    let source = FakeCounters()
    source.failAfter = 4
    let sampler = Sampler(runner: runner, instrumented: [true, true])
    try sampler.takePair()
    try sampler.count(source, passes: 3, isCancelled: { false })
    #expect(sampler.counterFailure?.reason == "gone")
    #expect(sampler.bare.count == 1)
    #expect(sampler.events["cycles"] == [100, 100])
    #expect(source.log.last == "stop")
  }
}
