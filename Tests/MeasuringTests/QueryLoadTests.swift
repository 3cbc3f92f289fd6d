import Machine
import Measuring
import Testing

/// A network that takes a given time (a test double).
private final class SlowRunner: PassRunner {
  let stepCount = 1
  let seconds: Double
  /// A pass that takes longer.
  var hiccup: (pass: Int, seconds: Double)?
  private(set) var passes = 0

  init(seconds: Double) { self.seconds = seconds }

  func run() {
    passes += 1
    let begin = Clock.now()
    let seconds = hiccup.flatMap { $0.pass == passes ? $0.seconds : nil } ?? self.seconds
    while Double(Clock.now() - begin) * 1e-9 < seconds {}
  }

  func run(stamps: inout MutableSpan<UInt64>, marks: Span<Bool>) { run() }

  func run(marks: Span<Bool>, visit: (Int) -> Void) { run() }

  func flush(steps: Range<Int>) {}
  func flushWeights(steps: Range<Int>) {}
}

@Suite("Query load")
struct QueryLoadTests {
  @Test("one query after the other, until enough")
  func closed() throws {
    let runner = SlowRunner(seconds: 0.001)
    let answers = try QueryLoad(runner, isCancelled: { false })
      .oneAfterTheOther { count, _ in count == 7 }
    #expect(answers.latencies.count == 7 && runner.passes == 7)
    #expect(answers.latencies.allSatisfy { $0 >= 1e6 })
    #expect(answers.seconds >= 0.007)
  }

  @Test("a query that waits in line is late by what it waited")
  func queueing() throws {
    let runner = SlowRunner(seconds: 0.02)
    var ticks = 0
    let answers = try QueryLoad(runner, isCancelled: { false })
      .arriving(at: [0, 0.001, 0.002], patience: 10) { ticks = $0 }
    #expect(ticks == 3)
    #expect(answers.latencies[0] >= 20e6)
    #expect(answers.latencies[1] >= 39e6 && answers.latencies[2] >= 58e6)
  }

  @Test("one hiccup does not end a load that can be served")
  func hiccup() throws {
    let runner = SlowRunner(seconds: 0.0001)
    runner.hiccup = (pass: 20, seconds: 0.2)
    // Every 5 ms one that takes 0.1 ms: a queue of 40 behind the hiccup, which drains.
    let arrivals = (0..<100).map { Double($0) * 0.005 }
    let answers = try QueryLoad(runner, isCancelled: { false })
      .arriving(at: arrivals, patience: 0.01) { _ in }
    #expect(answers.latencies.count == 100 && !answers.isGivenUp)
    #expect(answers.latencies.count { $0 > 0.01 * 1e9 } > 30)
  }

  @Test("queries are not answered before they arrive")
  func arrivals() throws {
    let answers = try QueryLoad(SlowRunner(seconds: 0), isCancelled: { false })
      .arriving(at: [0.01, 0.05], patience: 10) { _ in }
    #expect(answers.seconds >= 0.05 && answers.latencies.count == 2)
  }

  @Test("hopeless loads and Ctrl-C end early")
  func ending() throws {
    let runner = SlowRunner(seconds: 0.01)
    let many = [Double](repeating: 0, count: 1000)
    let answers = try QueryLoad(runner, isCancelled: { false })
      .arriving(at: many, patience: 0.05) { _ in }
    #expect(answers.latencies.count < 100)
    #expect(answers.isGivenUp && answers.offered == 1000)
    let none = try QueryLoad(runner, isCancelled: { true }).arriving(at: many, patience: 1) { _ in }
    #expect(none.latencies.isEmpty)
  }
}
