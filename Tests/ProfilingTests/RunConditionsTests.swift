import TestSupport
import Testing

@testable import Profiling

/// What the machine did besides two runs decides whether their times may be compared.
@Suite struct RunConditionsTests {
  /// A quiet run of 2 s on a machine that holds its clock.
  private static func quiet(_ change: (inout RunConditions) -> Void = { _ in }) -> RunConditions {
    let moment = RunConditions.Moment(load: 0.1, governor: "performance", clockHz: 3e9)
    var conditions = RunConditions(before: moment, after: moment, seconds: 2)
    conditions.otherCpus = 0.02
    conditions.stolenShare = 0.001
    conditions.throttledNs = 0
    conditions.thermalThrottles = 0
    conditions.numaNodes = 1
    conditions.hugePages = "madvise"
    change(&conditions)
    return conditions
  }

  @Test("each condition that changes times is told, with both sides")
  func differences() {
    func told(_ change: (inout RunConditions) -> Void) -> [String] {
      RunConditions.differences(Self.quiet(), Self.quiet(change))
    }
    #expect(told { _ in } == [])
    #expect(told { $0.otherCpus = 1.4 } == ["other programs: 0.02 CPUs against 1.4 CPUs"])
    #expect(told { $0.stolenShare = 0.132 } == ["kept by the hypervisor: 0.1 % against 13.2 %"])
    #expect(told { $0.throttledNs = 1e9 } == ["stopped by its quota: no against yes"])
    #expect(told { $0.thermalThrottles = 1 } == ["slowed down by heat: no against yes"])
    #expect(told { $0.cpuQuota = 1.5 } == ["CPU quota: none against 1.5 CPUs"])
    #expect(told { $0.numaNodes = 2 } == ["NUMA nodes: 1 against 2"])
    #expect(told { $0.hugePages = "never" } == ["huge pages: madvise against never"])
  }

  @Test("what every machine has a little of is told where it is much on one side alone")
  func limits() {
    func told(_ before: Double, _ after: Double, _ value: WritableKeyPath<RunConditions, Double?>)
      -> Bool
    {
      let both = [before, after].map { share in Self.quiet { $0[keyPath: value] = share } }
      return !RunConditions.differences(both[0], both[1]).isEmpty
    }
    #expect(!told(0, 0.99, \.otherCpus) && told(0.24, 1, \.otherCpus))
    #expect(told(2, 0.1, \.otherCpus) && !told(0.25, 2, \.otherCpus))
    // Passes that the hypervisor disturbed are left out: a few hundredths hinder no comparison.
    #expect(!told(0, 0.099, \.stolenShare) && told(0.009, 0.1, \.stolenShare))
    #expect(!told(0.01, 0.4, \.stolenShare) && !told(0, 0.027, \.stolenShare))
  }

  @Test("nothing is concluded of what a record does not say")
  func absent() {
    let silent = RunConditions(before: .init(), after: .init(), seconds: 1)
    let loud = Self.quiet {
      $0.otherCpus = 3
      $0.stolenShare = 0.5
      $0.throttledNs = 2e9
      $0.thermalThrottles = 9
    }
    #expect(RunConditions.differences(silent, loud) == [])
    #expect(RunConditions.differences(nil, loud) == [])
  }

  @Test("the governor of the run counts, also where it changed meanwhile; else the machine's")
  func governors() {
    func reasons(
      _ before: RunConditions?, _ after: RunConditions?, machines: [String?] = [nil, nil]
    ) -> [String] {
      var records = [SampleRecords.deepspeech(), SampleRecords.deepspeech()]
      for (index, conditions) in [before, after].enumerated() {
        records[index].conditions = conditions
        records[index].machine.governor = machines[index]
      }
      return Comparability(baseline: records[0], candidate: records[1]).reasons
    }
    let changed = Self.quiet { $0.after.governor = "powersave" }
    #expect(
      reasons(Self.quiet(), changed)
        == ["frequency governor: performance against performance, then powersave"])
    // The machine's is that of its first CPU alone: it is not told beside the run's.
    #expect(reasons(Self.quiet(), Self.quiet(), machines: ["performance", "powersave"]) == [])
    #expect(
      reasons(nil, changed, machines: ["performance", "powersave"])
        == ["frequency governor: performance against powersave"])
  }

  @Test("processes in a row are one run: sums, and means by their seconds")
  func merging() throws {
    var parts = [
      Self.quiet {
        $0.before.load = 1
        $0.otherCpus = 1
        $0.stolenShare = nil
        $0.throttledNs = 5
        $0.hugePageBytes = 7
      },
      Self.quiet {
        $0.after.load = 3
        $0.seconds = 6
        $0.otherCpus = 0
        $0.stolenShare = 0.5
        $0.throttledNs = nil
        $0.thermalThrottles = 2
        $0.hugePageBytes = 4
      },
    ]
    let merged = try #require(RunConditions.merging(parts))
    #expect(merged.before.load == 1 && merged.after.load == 3 && merged.seconds == 8)
    #expect(merged.otherCpus == 0.25 && merged.stolenShare == 0.5)
    #expect(merged.throttledNs == 5 && merged.thermalThrottles == 2 && merged.hugePageBytes == 7)
    // A count from a damaged record ends in the largest that there is.
    parts[0].thermalThrottles = .max
    #expect(RunConditions.merging(parts)?.thermalThrottles == .max)
    #expect(RunConditions.merging([]) == nil)
  }

  @Test("the share of the quota's stops is of the run, and never more than all of it")
  func shares() {
    #expect(Self.quiet { $0.throttledNs = 1e9 }.throttledShare == 0.5)
    #expect(Self.quiet { $0.throttledNs = 1e12 }.throttledShare == 1)
    #expect(Self.quiet { $0.throttledNs = nil }.throttledShare == nil)
  }
}
