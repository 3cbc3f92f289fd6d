import Glibc
import Machine
import Profiling
import Testing

@testable import Counters

@Suite struct CounterEventsTests {
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

  @Test func theCatalogueGoesFirst() {
    func code(_ name: String, _ cpu: Microarchitecture) -> PerfEvent? {
      PerfEvents.event(name, vendor: "", family: nil, on: cpu)
    }
    #expect(code("cycles", .zen5) == .raw("cycles", 0x76))
    #expect(code("cycles", .sapphireRapids) == .hardware("cycles", 0))
    #expect(code("llc_misses", .zen4) == .raw("llc_misses", 0x4844))
    #expect(code("llc_misses", .iceLakeServer) == .cache("llc_misses", 0x1_0002))
    #expect(
      code("topdown.memory_bound_slots", .sapphireRapids)
        == .raw("topdown.memory_bound_slots", 0x10a4))
    #expect(code("topdown.memory_bound_slots", .zen4) == nil)
    #expect(code("branch-misses", .zen4) == .hardware("branch-misses", 5))
  }

  @Test func anUnknownNameSaysWhatThereIs() {
    let reason = PerfEvents.absence(of: "rubbish", on: .zen4)
    #expect(reason.contains("AMD Zen 4") && reason.contains("topdown") && reason.contains("rHEX"))
  }
}

@Suite struct WantedEventsTests {
  @Test func aSetThatTheCPULacksIsOneReason() {
    let wanted = WantedEvents(["topdown", "cycles"], on: .zen3)
    #expect(wanted.absent.map(\.name) == ["topdown"])
    #expect(wanted.absent.first?.reason.contains("AMD Zen 3") == true)
    #expect(wanted.selection.events == ["cycles"])
  }

  @Test func onlyWhatWasAskedForIsMissed() {
    let skipped = [
      SkippedEvent(name: "ex_ret_ops", reason: "no"), SkippedEvent(name: "l2_misses", reason: "no"),
    ]
    let nothing = WantedEvents([], on: .zen4)
    let topDown = WantedEvents(["topdown"], on: .zen4)
    #expect(nothing.worthTelling(skipped).map(\.name) == ["l2_misses"])
    #expect(topDown.worthTelling(skipped) == skipped)
  }

  @Test func theWatchdogTakesACounter() {
    let held = Host.hasCounterWatchdog ? 1 : 0
    #expect(Microarchitecture.zen4.freeCounters == 6 - held)
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

  @Test func whatPAPIHasNoNameForIsRaw() {
    func candidates(_ name: String, _ cpu: Microarchitecture) -> [String] {
      PAPIEvents.candidates(for: name, vendor: "", on: cpu)
    }
    #expect(
      candidates("topdown.backend_bound_slots", .sapphireRapids) == ["perf_raw::r2a4"])
    #expect(candidates("ex_no_retire.load_not_complete", .zen5) == ["perf_raw::ra2d6"])
    #expect(
      candidates("ex_no_retire.load_not_complete", .zen4) == [
        "amd64_fam19h_zen4::CYCLES_NO_RETIRE:NOT_COMPLETE_MISSING_LOAD", "perf_raw::ra2d6",
      ])
    #expect(
      candidates("de_no_dispatch_per_slot.backend_stalls", .zen5) == ["perf_raw::r100001ea0"])
    #expect(candidates("llc_misses", .zen5).last == "perf_raw::r4844")
    #expect(candidates("cycles", .zen4).first == "PAPI_TOT_CYC")
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
    guard let counters = try? SoftwareCounters(threads: 1, events: ["page-faults", "cycles"]) else {
      return
    }
    #expect(counters.groups == [["page-faults"]])
    #expect(counters.skipped.map(\.name) == ["cycles"])
    #expect(counters.name == .software)
  }

  @Test func readingBeforeStartingIsAnError() throws {
    guard let counters = try? SoftwareCounters(threads: 1) else { return }
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
