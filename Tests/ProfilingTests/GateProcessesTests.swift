import Foundation
import Profiling
import TestSupport
import Testing

/// With the number of processes that a gate is given it answers as often as it says.
@Suite struct GateProcessesTests {
  private let question = GateProcesses(gate: 3, tests: 1, least: 6)
  private let template = Self.record()

  /// A record of one layer, whose end-to-end samples are to be replaced.
  private static func record() -> RunRecord {
    var base = SampleRecords.deepspeech()
    base.layers = Array(base.layers.prefix(1))
    base.segments = []
    return ScriptedProcesses(base).record([1, 1, 1, 1])
  }

  private func side(_ samples: [Double]) -> RunRecord {
    var record = template
    record.endToEnd?.time = TimeSummary(samples: samples)
    record.options.processes = samples.count
    return record
  }

  private func processes(
    _ count: Int, _ spread: Double, slower: Double = 0, _ random: inout SplitMix64
  ) -> [Double] {
    (0..<count).map { _ in 1e7 * (1 + slower / 100) * exp(spread * random.normal()) }
  }

  /// One diff as it is measured: so many as earlier runs ask for, and more where its own processes do.
  private func diff(
    _ spread: Double, slower: Double, earlier: Int, _ random: inout SplitMix64
  ) -> Diff {
    var planned = question.least
    if earlier > 0 {
      let known = PooledSpread(runs: (0..<earlier).map { _ in processes(6, spread, &random) })
      planned = min(question.needed(known) ?? 0, GateProcesses.most)
    }
    var sides = [[Double]](repeating: [], count: 2)
    while sides[0].count < planned {
      let more = planned - sides[0].count
      sides[0] += processes(more, spread, &random)
      sides[1] += processes(more, spread, slower: slower, &random)
      let needed = question.needed(PooledSpread(runs: sides)) ?? 0
      planned = max(planned, min(needed, GateProcesses.most))
    }
    var diff = Diff(baseline: side(sides[0]), candidate: side(sides[1]))
    diff.ask(gate: question.gate)
    return diff
  }

  @Test(
    "a gate of 3 %: 3 % is found 9 times of 10, 5 % always, no change is within and never called",
    arguments: [0.005, 0.015, 0.025], [0, 3])
  func power(spread: Double, earlier: Int) throws {
    var random = SplitMix64(seed: 62)
    let runs = 60
    for slower in [0.0, 3, 5] {
      let diffs = (0..<runs).map { _ in
        diff(spread, slower: slower, earlier: earlier, &random)
      }
      let found = diffs.count { $0.endToEnd?.verdict == .slower }
      let called = diffs.count { [.faster, .slower].contains($0.endToEnd?.verdict) }
      let beyond = diffs.count { $0.gate?.result == .beyond }
      let within = diffs.count { $0.gate?.result == .within }
      switch slower {
      case 0: #expect(called <= 3 && within >= runs - 3 && beyond == 0, "\(called), \(within)")
      case 3: #expect(found >= runs * 17 / 20 && beyond <= 6, "\(found), \(beyond) of \(runs)")
      default:
        #expect(found >= runs - 1 && beyond >= runs * 8 / 10 && within == 0, "\(found), \(beyond)")
      }
    }
  }

  @Test("ten processes, whatever they differ by, do not find it: the test above can fail")
  func fixedNumber() {
    var random = SplitMix64(seed: 63)
    let found = (0..<60).count { _ in
      let sides = [0.0, 3].map { processes(10, 0.025, slower: $0, &random) }
      return Diff(baseline: side(sides[0]), candidate: side(sides[1])).endToEnd?.verdict == .slower
    }
    #expect(found < 45, "\(found) of 60")
  }

  @Test("the number grows with the square of the spread and with what is corrected for")
  func numbers() throws {
    func spread(_ percent: Double, degrees: Double = 1e6) -> PooledSpread {
      let deviation = percent / 100
      return PooledSpread(squares: deviation * deviation * degrees, degrees: degrees)
    }
    // 2 · π/3 · ((1.960 + 1.282) · 2 % / ln 1.02)² = 22.4 ÷ 0.99.
    #expect(question.needed(spread(2)) == 23)
    #expect(try #require(question.needed(spread(4))) == 90)
    #expect(question.needed(spread(0.1)) == 6)
    // Of ten degrees of freedom: (2.228 + 1.372)².
    #expect(question.needed(spread(2, degrees: 10)) == 28)
    #expect(question.needed(PooledSpread()) == nil)
    let many = GateProcesses(gate: 3, tests: 10, least: 6)
    #expect(try #require(many.needed(spread(2))) > 30)
    // A gate within the band asks for what can be told apart from it.
    let narrow = GateProcesses(gate: 0, tests: 1, least: 6)
    #expect(narrow.change == 2 && question.change == 3)
    let found = try #require(question.change(found: 90, spread(4)))
    #expect((2.9...3).contains(found))
  }

  @Test("what runs lie apart by is no part of what processes in turn differ by")
  func pooled() throws {
    let runs = [[100.0, 102, 98, 101], [200, 204, 196, 202]]
    let one = try #require(PooledSpread(runs: [runs[0]]).percent)
    let both = PooledSpread(runs: runs)
    #expect(both.degrees == 6)
    #expect(abs(try #require(both.percent) - one) < 1e-9)
    #expect(PooledSpread(runs: [[1], [2]]).percent == nil)
    #expect(abs(one - (try #require(SpreadEstimate(runs: [runs[0]]).spread).percent)) < 1e-9)
  }
}
