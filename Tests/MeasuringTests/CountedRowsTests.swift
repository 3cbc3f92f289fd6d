import Counters
import Profiling
import TestSupport
import Testing

@testable import Measuring

/// From counters to rows: recorded events are replayed at the boundaries of passes, sampled, added
/// up over steps and judged.
@Suite struct CountedRowsTests {
  /// A network of steps that do nothing.
  private final class Steps: PassRunner {
    let stepCount: Int
    init(_ count: Int) { stepCount = count }
    func run() {}
    func run(stamps: inout MutableSpan<UInt64>, marks: Span<Bool>) {
      for boundary in 0...stepCount where marks[boundary] {
        stamps[boundary] = UInt64(boundary * 1000)
      }
    }
    func run(marks: Span<Bool>, visit: (Int) -> Void) {
      for boundary in 0...stepCount where marks[boundary] { visit(boundary) }
    }
    func flush(steps: Range<Int>) {}
    func flushWeights(steps: Range<Int>) {}
  }

  /// Counts `cycles` by the group's number and nothing else.
  private final class Drifting: CounterSource {
    let name = CounterSourceName.perf
    let groups = [["cycles", "a"], ["cycles", "b"]]
    let cycles: [Int64]
    var group = 0
    var total: Int64 = 0
    init(_ cycles: [Int64]) { self.cycles = cycles }
    func start(group: Int) { self.group = group }
    func read(into values: UnsafeMutableBufferPointer<Int64>) {
      total += cycles[group]
      values[0] = total
      values[1] = 0
    }
    func stop() {}
  }

  private func measurement(
    _ source: any CounterSource, steps: Int, threads: Int = 1, cpu: Microarchitecture? = nil
  ) throws -> Measurement {
    let sampler = Sampler(
      runner: Steps(steps), instrumented: Array(repeating: true, count: steps))
    try sampler.takePair()
    try sampler.count(source, passes: 3, isCancelled: { false })
    let step = PlanStep(
      layer: 0, sources: [], kind: "inner_product", implementation: "", algorithm: nil,
      formats: [:], postOps: [], traffic: StepTraffic(weightBytes: 1000), alternatives: [],
      numericalError: nil)
    return Measurement(
      steps: Array(repeating: step, count: steps), sampler: sampler, rooflines: nil,
      memory: nil, threads: threads, lastLevelCacheBytes: 1 << 20,
      counterSource: source.name, cpu: cpu)
  }

  private func judge(
    _ measurement: Measurement, _ steps: [Int]
  ) throws -> Judgement {
    let time = try #require(measurement.time(over: steps))
    return measurement.judge(
      CountedWork(counted: 1000, executed: 1000), over: steps, time: time,
      counters: measurement.counters(over: steps, time: time))
  }

  @Test(arguments: [
    SyntheticCounters.zen4, SyntheticCounters.iceLake, SyntheticCounters.sapphireRapids,
  ])
  func replayedEventsAreJudgedAsComputedByHand(cases: [SyntheticCounters]) throws {
    let cpu = cases[0].cpu
    let source = ReplayCounters(
      steps: cases.map(\.events),
      groups: EventGroups(EventSelection(["topdown"], on: cpu).sets, on: cpu).groups,
      name: .perf)
    let measurement = try measurement(source, steps: cases.count, cpu: cpu)
    for (index, sample) in cases.enumerated() {
      let found = try judge(measurement, [index])
      #expect(found.bound.class == sample.expected, "\(sample)")
      #expect(found.bound.method == .topDown)
      // Both levels of Sapphire Rapids fit one group, which cannot drift.
      #expect(found.metrics["counter_drift"] == (source.groups.count > 1 ? 0 : nil))
    }
  }

  @Test func anotherAlgorithmsWorkIsAMetricOfItsOwn() throws {
    let source = ReplayCounters(steps: [["cycles": 10], ["cycles": 5]], name: .perf)
    let plain = try measurement(source, steps: 2)
    #expect(try judge(plain, [0, 1]).metrics["algorithm_flops"] == nil)
    let other = Measurement(
      steps: plain.steps, sampler: plain.sampler, rooflines: nil, memory: nil, threads: 1,
      lastLevelCacheBytes: 1 << 20, counterSource: .perf,
      algorithmWork: [1: AlgorithmWork(direct: 800, executed: 300)])
    let both = try judge(other, [0, 1]).metrics
    #expect(both["algorithm_flops"] == 500 && both["algorithm_flops_ratio"] == 0.5)
    #expect(try judge(other, [0]).metrics["algorithm_flops"] == nil)
  }

  @Test func cyclesOfTheGroupsAreCompared() throws {
    let same = try measurement(Drifting([1000, 1000]), steps: 2)
    #expect(same.drift(over: [0, 1]) == 0)
    let other = try measurement(Drifting([1000, 1080]), steps: 2)
    #expect(try judge(other, [1]).metrics["counter_drift"] == 0.08)
    #expect(other.sampler.counts.groups.map(\.passes) == [3, 3])
  }

  @Test func oneGroupDoesNotDrift() throws {
    let source = ReplayCounters(steps: [["cycles": 10, "instructions": 5]], name: .perf)
    #expect(try measurement(source, steps: 1).drift(over: [0]) == nil)
  }

  @Test func theFloorIsAThreadsOwn() throws {
    // Replayed values are read without system calls: 12,000 instructions a thread.
    let source = ReplayCounters(steps: [["cycles": 1e5, "instructions": 20_000]], name: .perf)
    let one = try judge(try measurement(source, steps: 1), [0])
    let two = try judge(try measurement(source, steps: 1, threads: 2), [0])
    #expect(one.metrics["below_counter_floor"] == nil)
    #expect(two.metrics["below_counter_floor"] == 1)
  }
}
