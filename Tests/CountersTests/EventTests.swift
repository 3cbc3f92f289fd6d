import Glibc
import Machine
import Profiling
import Testing

@testable import Counters

@Suite struct CounterEventsTests {
  @Test func everyGroupBeginsWithTheCrossCheck() {
    #expect(
      CounterEvents.groups(of: CounterEvents.standard, size: 4) == [
        ["cycles", "instructions", "l1d_misses", "l2_misses"],
        ["cycles", "instructions", "llc_misses"],
      ])
    #expect(
      CounterEvents.groups(of: ["r01", "cycles", "r02"], size: 2) == [
        ["cycles", "r01"], ["cycles", "r02"],
      ])
  }

  @Test func smallSetsMakeSmallGroups() {
    #expect(CounterEvents.groups(of: [], size: 4).isEmpty)
    #expect(CounterEvents.groups(of: ["instructions"], size: 4) == [["instructions"]])
    #expect(CounterEvents.groups(of: ["a", "b", "c"], size: 0) == [["a"], ["b"], ["c"]])
  }

  @Test func namesAreTakenOnce() {
    #expect(CounterEvents.chosen(["a", "b", "a"]) == ["a", "b"])
    #expect(CounterEvents.chosen([]) == CounterEvents.standard)
  }
}

@Suite struct PerfEventsTests {
  func event(_ name: String, vendor: String = "AuthenticAMD", family: Int? = 25) -> PerfEvent? {
    PerfEvents.event(name, vendor: vendor, family: family)
  }

  @Test func standardNamesHaveEvents() {
    #expect(event("cycles") == .hardware("cycles", 0))
    #expect(event("instructions") == .hardware("instructions", 1))
    #expect(event("l1d_misses") == .cache("l1d_misses", 0x10000))
    #expect(event("llc_misses") == .cache("llc_misses", 0x10002))
  }

  @Test func theSecondLevelIsTheVendorsOwn() {
    #expect(event("l2_misses") == .raw("l2_misses", 0x0864))
    #expect(event("l2_misses", vendor: "GenuineIntel", family: 6) == .raw("l2_misses", 0x2124))
    #expect(event("l2_misses", vendor: "AuthenticAMD", family: 21) == nil)
    #expect(event("l2_misses", vendor: "unknown", family: nil) == nil)
  }

  @Test func otherNamesAreThoseOfPerf() {
    #expect(event("branch-misses") == .hardware("branch-misses", 5))
    #expect(event("L1-dcache-loads") == .cache("L1-dcache-loads", 0))
    #expect(event("r100001ea0") == .raw("r100001ea0", 0x1_0000_1ea0))
    #expect(event("rubbish") == nil)
    #expect(event("PAPI_TOT_CYC") == nil)
    #expect(PerfEvents.table.count == 22)
  }
}

@Suite struct PAPIEventsTests {
  @Test func cacheMissesAreNoLastLevelOnAMD() {
    let amd = PAPIEvents.candidates(for: "llc_misses", vendor: "AuthenticAMD")
    let intel = PAPIEvents.candidates(for: "llc_misses", vendor: "GenuineIntel")
    #expect(!amd.contains("perf::CACHE-MISSES"))
    #expect(intel.contains("perf::CACHE-MISSES"))
    #expect(PAPIEvents.candidates(for: "PAPI_FP_OPS", vendor: "") == ["PAPI_FP_OPS"])
  }
}

@Suite struct PerfFailureTests {
  func explain(_ number: Int32, paranoid: Int?) -> (reason: String, remedy: String) {
    PerfFailure.explain(PerfError(event: "cycles", errno: number), paranoid: paranoid)
  }

  @Test func refusalsAreToldApart() {
    #expect(explain(ENOENT, paranoid: 2).reason.contains("virtual machine"))
    #expect(explain(EACCES, paranoid: 3).reason.contains("perf_event_paranoid is 3"))
    #expect(explain(EACCES, paranoid: 3).remedy.contains("sysctl kernel.perf_event_paranoid=2"))
    #expect(explain(EPERM, paranoid: 4).remedy.contains("sysctl"))
    #expect(explain(EPERM, paranoid: 2).remedy.contains("--cap-add PERFMON"))
    #expect(explain(ENOSYS, paranoid: nil).reason.contains("CONFIG_PERF_EVENTS"))
    #expect(explain(EMFILE, paranoid: 2).remedy.contains("ulimit"))
    let numbers = [ENOENT, EACCES, EPERM, ENOSYS, EMFILE, EBUSY, EINVAL, EIO]
    #expect(Set(numbers.map { explain($0, paranoid: 2).remedy }).count == numbers.count)
  }

  @Test func theKernelsWordsAreKept() {
    #expect(explain(ENOENT, paranoid: 2).reason.contains("No such file or directory"))
    let error = PerfFailure.counterError(
      PerfError(event: "cycles", errno: ENOSYS), source: .perf, paranoid: nil)
    #expect(error.source == .perf)
    #expect(error.description.hasPrefix("counters 'perf': perf_event_open('cycles'): "))
  }

  @Test(
    arguments: [
      (0, 0, false), (1_000_000, 1_000_000, false), (1_000_000, 960_000, false),
      (1_000_000, 500_000, true), (1_000_000_000, 995_000_000, false),
      (1_000_000_000, 980_000_000, true), (100, 200, false),
    ] as [(UInt64, UInt64, Bool)])
  func sharedCountersAreNoticed(enabled: UInt64, running: UInt64, shared: Bool) {
    #expect(PerfGroups.wasShared(enabled: enabled, running: running) == shared)
  }
}

@Suite struct SoftwareCountersTests {
  @Test func hardwareNamesAreSkippedWithAReason() throws {
    guard let counters = try? SoftwareCounters(events: ["page-faults", "cycles"]) else { return }
    #expect(counters.groups == [["page-faults"]])
    #expect(counters.skipped.map(\.name) == ["cycles"])
    #expect(counters.name == .software)
  }

  @Test func readingBeforeStartingIsAnError() throws {
    guard let counters = try? SoftwareCounters() else { return }
    var room = [Int64](repeating: 0, count: 4)
    #expect(throws: CounterError.self) {
      try room.withUnsafeMutableBufferPointer { try counters.read(into: $0) }
    }
    try counters.start(group: 0)
    #expect(throws: CounterError.self) { try counters.start(group: 0) }
    try room.withUnsafeMutableBufferPointer { try counters.read(into: $0) }
    try counters.stop()
    try counters.stop()
  }
}
