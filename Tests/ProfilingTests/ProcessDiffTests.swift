import Foundation
import Profiling
import TestSupport
import Testing

/// Diffs of scripted processes: the process is the sample.
@Suite struct ProcessDiffTests {
  private let script = ScriptedProcesses()

  private func factors(
    _ count: Int, spread: Double, slowdown: Double = 1, _ random: inout SplitMix64
  ) -> [Double] {
    (0..<count).map { _ in slowdown * exp(spread * random.normal()) }
  }

  @Test("percent is the ratio of the two times beside it, and the interval holds it")
  func consistent() throws {
    let diff = Diff(
      baseline: script.record([1, 1.01, 0.99, 1.02, 0.98, 1.03]),
      candidate: script.record([0.96, 0.97, 0.95, 0.985, 0.94, 0.975]))
    let whole = try #require(diff.endToEnd)
    let (before, after) = (try #require(whole.baselineNs), try #require(whole.candidateNs))
    #expect(abs(try #require(whole.percent) - (after / before - 1) * 100) < 1e-9)
    #expect(try #require(whole.interval).contains(try #require(whole.percent)))
    #expect(diff.method?.estimate == .ratioOfMedians && diff.method?.interval == .hodgesLehmann)
    #expect(diff.processes == 6 && !diff.paired)
  }

  @Test("where some processes measured no roofs, times are of all, roofs of the others")
  func withoutRoofs() throws {
    var records = [1, 1.2, 1.1, 3, 2].map { script.process($0) }
    for index in records.indices {
      records[index].layers[0].metrics["gflops_per_second"] = Double(index)
      records[index].layers[0].metrics["roof_fraction"] = Double(index) / 10
    }
    let whole = RunRecord.merging(processes: records)
    #expect(whole.layers[0].metrics["roof_fraction"] == 0.2)
    for index in 3...4 {
      records[index].machine.rooflines = nil
      records[index].layers[0].metrics["roof_fraction"] = nil
      records[index].layers[0].bound = nil
    }
    let merged = RunRecord.merging(processes: records)
    #expect(merged.endToEnd?.time.count == 5 && merged.options.processes == 5)
    #expect(merged.endToEnd?.time.median == whole.endToEnd?.time.median)
    #expect(merged.machine.rooflines != nil && merged.layers[0].bound != nil)
    #expect(merged.layers[0].metrics["gflops_per_second"] == 2)
    #expect(merged.layers[0].metrics["roof_fraction"] == 0.1)
    for index in records.indices { records[index].machine.rooflines = nil }
    #expect(RunRecord.merging(processes: records).machine.rooflines == nil)
  }

  @Test("eight records of one process each: at most one pair in twenty is called")
  func singles() {
    // 28 pairs of 40 sets of eight records, whose processes differ by as much as is known.
    var random = SplitMix64(seed: 31)
    let known = ProcessSpread(percent: 6, degrees: 30, processes: 31, source: .measured)
    var called = 0
    for _ in 0..<40 {
      let records = factors(8, spread: 0.06, &random).map { script.process($0, spread: known) }
      for first in 0..<8 {
        for second in (first + 1)..<8 {
          let diff = Diff(baseline: records[first], candidate: records[second])
          if [.faster, .slower].contains(diff.endToEnd?.verdict) { called += 1 }
        }
      }
    }
    #expect(called <= 56, "\(called) of 1120")
  }

  @Test("single processes are told apart only beyond what processes are known to differ by")
  func beyondTheKnown() throws {
    let known = ProcessSpread(percent: 5, degrees: 40, processes: 41, source: .measured)
    func verdict(_ factor: Double) throws -> Difference {
      try #require(
        Diff(
          baseline: script.process(1, spread: known),
          candidate: script.process(factor, spread: known)
        ).endToEnd)
    }
    // ±15.4 %: 2.021 · √2 · 5 % of the logarithm.
    #expect(abs(known.reach - 15.36) < 0.05)
    let small = try verdict(1.12)
    #expect(small.verdict == .undecided && small.moreSamples ?? 0 > 1)
    #expect(try #require(small.interval).contains(0))
    #expect(try verdict(1.25).verdict == .slower)
    #expect(try verdict(0.75).verdict == .faster)
    // Nothing known: the default is wider.
    let unknown = Diff(baseline: script.process(1), candidate: script.process(1.25))
    #expect(unknown.endToEnd?.verdict == .undecided)
    #expect(unknown.method?.spread?.baseline == .standard)
    #expect(unknown.layers.allSatisfy { $0.difference.verdict == .undecided })
  }

  @Test("two or three processes add what they show themselves to what was known")
  func few() throws {
    let diff = Diff(
      baseline: script.record([1, 1.01]), candidate: script.record([1.5, 1.51]))
    #expect(diff.method?.interval == .processSpread && diff.processes == nil)
    #expect(diff.endToEnd?.verdict == .slower)
    let near = Diff(baseline: script.record([1, 1.01]), candidate: script.record([1.1, 1.11]))
    #expect(near.endToEnd?.verdict == .undecided)
  }

  @Test("the same file in ten processes a side: at most one diff in twenty calls it; no gate fails")
  func sameFile() {
    var random = SplitMix64(seed: 32)
    for spread in [0.005, 0.015, 0.04] {
      var called = 0
      var failed = 0
      for _ in 0..<200 {
        var diff = Diff(
          baseline: script.record(factors(10, spread: spread, &random)),
          candidate: script.record(factors(10, spread: spread, &random)))
        diff.ask(gate: 3)
        if [.faster, .slower].contains(diff.endToEnd?.verdict) { called += 1 }
        if diff.gate?.result == .beyond { failed += 1 }
      }
      #expect(called <= 6 && failed == 0, "\(called) called, \(failed) failed at \(spread)")
    }
  }

  @Test("a true 5 % is found by ten processes a side, and fails a gate of 3 %")
  func trueChange() {
    var random = SplitMix64(seed: 33)
    var found = 0
    var failed = 0
    for _ in 0..<100 {
      var diff = Diff(
        baseline: script.record(factors(10, spread: 0.01, &random)),
        candidate: script.record(factors(10, spread: 0.01, slowdown: 1.05, &random)))
      diff.ask(gate: 3)
      if diff.endToEnd?.verdict == .slower { found += 1 }
      if diff.gate?.result == .beyond { failed += 1 }
      #expect(diff.gate?.result != .within)
    }
    #expect(found >= 99 && failed >= 90, "\(found) found, \(failed) failed")
  }

  /// Runs of ten processes on a machine of moods: what is known of the ones before stands in each.
  private func moods(_ count: Int, _ random: inout SplitMix64) -> [RunRecord] {
    var earlier: [[Double]] = []
    return (0..<count).map { _ in
      let mood = exp(0.1 * random.normal())
      let run = factors(10, spread: 0.05, slowdown: mood, &random)
      let known = earlier.isEmpty ? nil : SpreadEstimate(runs: earlier).spread
      earlier.append(run)
      return script.record(run, rounds: nil, spread: known)
    }
  }

  @Test(
    "records apart in time: a machine's moods are no differences, with what runs are known to do")
  func apart() throws {
    var random = SplitMix64(seed: 37)
    var called = 0
    var naive = 0
    var failed = 0
    var pairs = 0
    for _ in 0..<12 {
      let records = moods(8, &random)
      for first in records.indices {
        for second in records.indices where second != first {
          var diff = Diff(baseline: records[first], candidate: records[second])
          #expect(diff.method?.interval == .runSpread && diff.endToEnd?.moreSamples == nil)
          diff.ask(gate: 3)
          pairs += 1
          if [.faster, .slower].contains(diff.endToEnd?.verdict) { called += 1 }
          if diff.gate?.result == .beyond { failed += 1 }
          var (one, other) = (records[first], records[second])
          one.options.rounds = "a"
          other.options.rounds = "a"
          let believed = Diff(baseline: one, candidate: other).endToEnd?.verdict
          if [.faster, .slower].contains(believed) { naive += 1 }
        }
      }
    }
    #expect(20 * called <= pairs, "\(called) of \(pairs)")
    #expect(40 * failed <= pairs, "\(failed) of \(pairs)")
    #expect(2 * naive > pairs, "taken for processes in turn: \(naive) of \(pairs)")
  }

  @Test("records apart in time on a machine without moods tell 5 % once that is known")
  func apartAndQuiet() throws {
    var random = SplitMix64(seed: 38)
    let earlier = (0..<8).map { _ in factors(10, spread: 0.01, &random) }
    let known = try #require(SpreadEstimate(runs: earlier).spread)
    #expect(known.runs?.source == .measured && known.runs?.runs == 8)
    func diff(_ known: ProcessSpread?) -> Diff {
      var random = SplitMix64(seed: 39)
      return Diff(
        baseline: script.record(factors(10, spread: 0.01, &random), rounds: nil, spread: known),
        candidate: script.record(
          factors(10, spread: 0.01, slowdown: 1.05, &random), rounds: nil, spread: known))
    }
    #expect(diff(known).endToEnd?.verdict == .slower)
    // Nothing known of its runs: the default, which a single afternoon may well exceed.
    #expect(diff(nil).endToEnd?.verdict == .undecided)
    #expect(diff(nil).method?.spread?.baseline?.runs == .standard)
  }

  @Test("rows without a time are not measured, not undecided")
  func notMeasured() {
    var (first, second) = (script.process(1), script.process(1))
    first.layers[1].time = nil
    second.layers[2].time = nil
    let diff = Diff(baseline: first, candidate: second)
    #expect(diff.layers[1].difference.verdict == .notMeasured)
    #expect(diff.layers[2].difference.verdict == .notMeasured)
    #expect(diff.layers[0].difference.verdict == .undecided)
  }

  @Test("the least number of processes grows with the layers that are corrected for")
  func fewest() {
    let counts = [1, 11, 23, 24, 85, 86, 321, 322].map {
      SampleSize.fewest(tests: $0, paired: false)
    }
    #expect(counts == [4, 6, 6, 7, 7, 8, 8, 9])
  }
}

@Suite struct GateTests {
  private let script = ScriptedProcesses()
  private let even = [0.99, 1, 1.01, 0.995, 1.005, 1.002]

  private func gate(_ candidate: [Double], _ percent: Double = 3) -> Gate? {
    var diff = Diff(baseline: script.record(even), candidate: script.record(candidate))
    diff.ask(gate: percent)
    return diff.gate
  }

  @Test("within, beyond, and an interval that holds the gate")
  func answers() throws {
    #expect(gate(even)?.result == .within)
    #expect(gate(even.map { $0 * 1.1 })?.result == .beyond)
    #expect(gate(even.map { $0 * 0.9 })?.result == .within)
    let unsure = try #require(gate(even.map { $0 * 1.03 }))
    #expect(unsure.result == .cannotTell && unsure.reason.hasSuffix("the interval holds 3 %"))
  }

  @Test("too few processes, and records that do not compare, cannot tell")
  func cannotTell() throws {
    var diff = Diff(baseline: script.process(1), candidate: script.process(3))
    diff.ask(gate: 3)
    #expect(diff.endToEnd?.verdict == .slower)
    #expect(diff.gate?.result == .cannotTell)
    #expect(
      diff.gate?.reason == "too few processes: 1 and 1, of 4 a side at least (--processes)")
    var other = script.record(even)
    other.options.threads = 1
    diff = Diff(baseline: script.record(even), candidate: other)
    diff.ask(gate: 3)
    #expect(diff.gate?.result == .cannotTell)
    #expect(diff.gate?.reason == "the records do not compare: threads: 2 against 1")
  }

  @Test("layers and segments have gates of their own")
  func layers() throws {
    let before = script.record(even)
    var slower = before
    let time = try #require(before.layers[0].time)
    slower.layers[0].time = TimeSummary(samples: time.samples.map { $0 * 1.2 })
    let segment = try #require(before.segments[0].time)
    slower.segments[0].time = TimeSummary(samples: segment.samples.map { $0 * 1.05 })
    var diff = Diff(baseline: before, candidate: slower)
    diff.ask(gate: 3)
    #expect(diff.gate?.result == .within)
    diff.ask(gate: 3, of: GateSubject.list("fc2,fc1"), text: "fc2,fc1")
    #expect(diff.gate?.result == .beyond && diff.gate?.layers == "fc2,fc1")
    #expect(diff.gate?.reason.hasPrefix("layer fc1 +20 %") == true)
    diff.ask(gate: 3, of: GateSubject.list("@fc1-3"), text: "@fc1-3")
    #expect(diff.gate?.result == .beyond)
    diff.ask(gate: 3, of: GateSubject.list("@rnn"), text: "@rnn")
    #expect(diff.gate?.result == .within)
    #expect(diff.unknown(GateSubject.list("fc1,nosuch,@rnn,@none")).count == 2)
  }
}

@Suite struct IntervalTests {
  @Test("Student's t is the table's")
  func student() {
    for (degrees, quantile) in [
      (1.0, 12.7062), (2, 4.3027), (5, 2.5706), (9, 2.2622), (30, 2.0423), (1e6, 1.95997),
    ] {
      #expect(abs(StudentT.quantile(twoSided: 0.05, degrees: degrees) - quantile) < 1e-4)
      #expect(abs(StudentT.probability(quantile, degrees: degrees) - 0.05) < 1e-5)
    }
    // scipy.stats.t.sf(1.3, 4.5) · 2
    #expect(abs(StudentT.probability(1.3, degrees: 4.5) - 0.2561961) < 1e-6)
    #expect(StudentT.probability(0, degrees: 3) == 1)
  }

  /// A series whose neighbours correlate by 0.64, as passes of one process were seen to.
  private func series(_ count: Int, _ random: inout SplitMix64) -> [Double] {
    var value = random.normal() / (1 - 0.64 * 0.64).squareRoot()
    return (0..<count).map { _ in
      value = 0.64 * value + random.normal()
      return 1000 + value
    }
  }

  @Test(
    "the interval within a process holds its median 90 to 98 times of 100, dependent passes too")
  func dependentPasses() {
    var random = SplitMix64(seed: 34)
    for count in [60, 200] {
      var covered = 0
      var naive = 0
      for _ in 0..<600 {
        let samples = series(count, &random)
        if TimeSummary(samples: samples).interval?.contains(1000) == true { covered += 1 }
        let sorted = samples.sorted()
        if let ranks = MedianInterval.ranks(count: count),
          (sorted[ranks.low - 1]...sorted[ranks.high - 1]).contains(1000)
        {
          naive += 1
        }
      }
      #expect((540...588).contains(covered), "\(covered) of 600")
      #expect(naive < 500, "taken for independent: \(naive) of 600")
    }
  }

  @Test("the interval between six processes holds the grand median 90 to 98 times of 100")
  func betweenProcesses() throws {
    var random = SplitMix64(seed: 35)
    for tail in [0.0, 0.1] {
      var covered = 0
      for _ in 0..<2000 {
        // One process in ten has a bad placement.
        let medians = (0..<6).map { _ in
          exp(0.02 * random.normal()) * (random.uniform() < tail ? 1.1 : 1)
        }
        let between = try #require(BetweenProcesses(medians: medians)?.interval)
        #expect(between.contains(Percentiles.median(of: medians)))
        if between.contains(tail > 0 ? 1.0025 : 1) { covered += 1 }
      }
      #expect((1800...1960).contains(covered), "\(covered) of 2000 with \(tail)")
    }
    #expect(BetweenProcesses(medians: [1]) == nil)
  }

  @Test("the interval between processes holds the middle of all runs where those lie apart")
  func betweenRuns() throws {
    var random = SplitMix64(seed: 40)
    var covered = 0
    var alone = 0
    for _ in 0..<500 {
      func run() -> [Double] {
        let mood = 0.1 * random.normal()
        return (0..<6).map { _ in exp(mood + 0.03 * random.normal()) }
      }
      let known = SpreadEstimate(runs: (0..<8).map { _ in run() }).spread?.runs
      let medians = run()
      let between = try #require(BetweenProcesses(medians: medians, known: known))
      #expect(between.runs == 8)
      if try #require(between.interval).contains(1) { covered += 1 }
      if try #require(BetweenProcesses(medians: medians, known: .standard)?.interval).contains(1) {
        alone += 1
      }
    }
    #expect((450...492).contains(covered), "\(covered) of 500")
    #expect(alone < 300, "of its own processes: \(alone) of 500")
  }

  @Test("a spread is estimated within runs and between them")
  func spread() throws {
    #expect(SpreadEstimate(runs: [[1], [2]]).spread == nil)
    let one = try #require(SpreadEstimate(runs: [[1, 1.02, 0.98, 1.01]]).spread)
    #expect(one.degrees == 3 && one.processes == 4 && one.source == .measured)
    #expect(abs(one.percent - 1.7093) < 1e-3)
    // Runs that lie 20 % apart say more than their processes, and with fewer degrees of freedom.
    let two = try #require(
      SpreadEstimate(runs: [[1, 1.02, 0.98, 1.01], [1.2, 1.22, 1.18, 1.21]]).spread)
    #expect(two.percent > 10 && two.degrees < 1.2)
    var random = SplitMix64(seed: 36)
    let many = (0..<40).map { _ in
      let run = exp(0.03 * random.normal())
      return (0..<6).map { _ in run * exp(0.04 * random.normal()) }
    }
    let found = try #require(SpreadEstimate(runs: many).spread)
    #expect((4...6).contains(found.percent), "\(found.percent)")
  }

  @Test("p90 takes 10 samples and p99 takes 100")
  func percentiles() {
    func time(_ count: Int) -> TimeSummary { TimeSummary(samples: (0..<count).map(Double.init)) }
    #expect(!time(9).carries(percentile: 0.9) && time(10).carries(percentile: 0.9))
    #expect(!time(99).carries(percentile: 0.99) && time(100).carries(percentile: 0.99))
  }

  @Test("one pass in which a layer lost its core moves no share, and means add up all the same")
  func outlier() throws {
    let calm = SampleRecords.deepspeech()
    var record = calm
    let place = 5
    var samples = try #require(record.layers[place].time).samples
    samples[3] += 8e6
    record.layers[place].time = TimeSummary(samples: samples)
    var passes = try #require(record.timedPass).time.samples
    passes[3] += 8e6
    record.timedPass = TimedPass(time: TimeSummary(samples: passes))
    record.shareOut()
    var before = calm
    before.shareOut()
    let (share, was) = (
      try #require(record.layers[place].share), try #require(before.layers[place].share)
    )
    #expect(abs(share / was - 1) < 0.01)
    let means = record.layers.reduce(0) { $0 + ($1.time?.mean ?? 0) }
    let rest = try #require(record.unattributed).time.mean
    #expect(abs((means + rest) / (try #require(record.timedPass).time.mean) - 1) < 1e-9)
    let shares = record.layers.reduce(0) { $0 + ($1.share ?? 0) }
    #expect(abs(shares + (record.unattributed?.share ?? 0) - 1) < 1e-9)
  }
}
