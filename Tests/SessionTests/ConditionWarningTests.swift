import Profiling
import Session
import Testing

/// What the machine did beside a run is warned of where it matters, once, with what to do.
@Suite("Warnings of conditions") struct ConditionWarningTests {
  /// The codes for a run of 2 threads on 4 CPUs.
  private static func warnings(
    _ change: (inout RunConditions) -> Void = { _ in },
    judging adjust: (inout ConditionWarnings) -> Void = { _ in }
  ) -> [Profiling.Warning] {
    let moment = RunConditions.Moment(load: 0.2, governor: "performance")
    var conditions = RunConditions(before: moment, after: moment, seconds: 10)
    conditions.otherCpus = 0.1
    conditions.stolenShare = 0
    conditions.throttledNs = 0
    conditions.thermalThrottles = 0
    conditions.numaNodes = 1
    conditions.hugePages = "madvise"
    change(&conditions)
    var judged = ConditionWarnings(conditions, threads: 2, cpus: 4)
    judged.nodes = 1
    judged.bytes = 1 << 30
    adjust(&judged)
    return judged.list
  }

  private static func codes(
    _ change: (inout RunConditions) -> Void = { _ in },
    judging adjust: (inout ConditionWarnings) -> Void = { _ in }
  ) -> [String] {
    warnings(change, judging: adjust).map(\.code)
  }

  @Test("a quiet machine has none") func quiet() { #expect(Self.codes() == []) }

  @Test("quota, heat and governor are named from their limits on")
  func machine() {
    #expect(Self.codes({ $0.throttledNs = 0.09e9 }) == [])
    #expect(Self.codes({ $0.throttledNs = 0.11e9 }) == ["throttled"])
    #expect(Self.codes({ $0.thermalThrottles = 1 }) == ["thermal-throttling"])
    #expect(Self.codes({ $0.after.governor = "powersave" }) == ["no-performance-governor"])
  }

  @Test("other programs count from where they take CPUs that the team wants")
  func others() {
    #expect(Self.codes({ $0.otherCpus = 2.2 }) == [])
    #expect(Self.codes({ $0.otherCpus = 2.3 }) == ["no-quiet-machine"])
    // The load of the last minute may be this program's own.
    #expect(Self.codes({ $0.before.load = 40 }) == [])
    let blind = Self.warnings({
      $0.before.load = 40
      $0.otherCpus = nil
    })
    #expect(blind.map(\.code) == ["no-quiet-machine"])
    #expect(blind.first?.message.contains("the load was 40.0 on 4 CPUs") == true)
  }

  @Test("stolen time is told where 'disturbed' does not tell it")
  func stolen() {
    #expect(Self.codes({ $0.stolenShare = 0.009 }) == [])
    let told = Self.warnings({ $0.stolenShare = 0.125 })
    #expect(told.map(\.code) == ["no-whole-cpus"])
    #expect(told.first?.message.contains("12.5 %") == true)
    #expect(Self.codes({ $0.stolenShare = 0.125 }, judging: { $0.isDisturbed = true }) == [])
  }

  @Test("a team on several nodes is told, one thread and an unknown place are not")
  func nodes() {
    #expect(Self.codes(judging: { $0.nodes = 2 }) == ["no-single-node"])
    // CPUs on several nodes that no thread may use do not matter.
    #expect(Self.codes({ $0.numaNodes = 2 }) == [])
    #expect(
      Self.codes(judging: {
        $0.nodes = 2
        $0.threads = 1
      }) == [])
    #expect(Self.codes(judging: { $0.nodes = nil }) == [])
  }

  @Test("huge pages matter to networks that are large")
  func pages() {
    #expect(Self.codes({ $0.hugePages = "never" }) == ["no-huge-pages"])
    #expect(Self.codes({ $0.hugePages = "never" }, judging: { $0.bytes = 1 << 20 }) == [])
    #expect(Self.codes({ $0.hugePages = nil }) == [])
  }

  @Test("each comes with a remedy")
  func remedies() {
    let all = Self.warnings(
      {
        $0.throttledNs = 5e9
        $0.thermalThrottles = 3
        $0.otherCpus = 4
        $0.stolenShare = 0.2
        $0.before.governor = "powersave"
        $0.hugePages = "never"
      }, judging: { $0.nodes = 2 })
    #expect(Set(all.map(\.code)).count == 7)
    #expect(all.allSatisfy { !$0.remedy.isEmpty && !$0.message.isEmpty })
  }
}
