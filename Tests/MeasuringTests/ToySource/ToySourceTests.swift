import Counters
import Profiling
import TestSupport
import Testing

@testable import Measuring

/// A counter source that is one file and one line counts what runs.
@Suite("A toy counter source") struct ToySourceTests {
  /// The line.
  private static let sources = CounterSources.all + [Ticks.entry]

  /// Three steps, of which each is stopped at.
  private final class Steps: PassRunner {
    let stepCount = 3
    func run() {}
    func run(stamps: inout MutableSpan<UInt64>, marks: Span<Bool>) {
      for boundary in 0...stepCount where marks[boundary] { stamps[boundary] = UInt64(boundary) }
    }
    func run(marks: Span<Bool>, visit: (Int) -> Void) {
      for boundary in 0...stepCount where marks[boundary] { visit(boundary) }
    }
    func flush(steps: Range<Int>) {}
    func flushWeights(steps: Range<Int>) {}
  }

  @Test func itIsListedAndChosenByItsNameAlone() throws {
    let listed = CounterSources.availability(of: Self.sources)
    #expect(listed.last?.name == "ticks" && listed.last?.available == true)
    #expect(!CounterSources.availability().contains { $0.name == "ticks" })
    #expect(throws: CounterError.self) { try CounterSources.select("ticks", threads: 1) }
    #expect(try CounterSources.select("auto", threads: 1, from: Self.sources).name != Ticks().name)
    let chosen = try CounterSources.select(
      "ticks", events: ["ticks", "tocks"], threads: 1, from: Self.sources)
    #expect(chosen.name.rawValue == "ticks" && chosen.source != nil)
    #expect(chosen.skipped.map(\.name) == ["tocks"])
  }

  @Test func itCountsSteps() throws {
    let source = try #require(
      try CounterSources.select("ticks", threads: 1, from: Self.sources).source)
    let sampler = Sampler(runner: Steps(), instrumented: [true, true, true])
    try sampler.takePair()
    try sampler.count(source, passes: 4, isCancelled: { false })
    let step = PlanStep(
      layer: 0, sources: [], kind: "inner_product", implementation: "", algorithm: nil,
      formats: [:], postOps: [], traffic: StepTraffic(weightBytes: 1000), alternatives: [],
      numericalError: nil)
    let measurement = Measurement(
      steps: [step, step, step], sampler: sampler, rooflines: nil, memory: nil, threads: 1,
      lastLevelCacheBytes: 1 << 20, counterSource: source.name)
    let time = try #require(measurement.time(over: [0, 1, 2]))
    let counters = try #require(measurement.counters(over: [0, 1, 2], time: time))
    // One reading a boundary.
    #expect(counters.source == "ticks")
    #expect(counters.events["ticks"]?.value == 3)
  }
}
