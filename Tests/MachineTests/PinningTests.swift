import Synchronization
import Testing

@testable import Machine

/// Two packages of two cores with two hardware threads each: 0-3 and 4-7 are siblings, odd cores in
/// package 1.
private let eight = CPUDescription(
  cpuinfo: (0..<8).map {
    "processor: \($0)\nphysical id: \($0 % 2)\ncore id: \($0 % 4 / 2)\n"
  }.joined(separator: "\n"))

@Suite struct PlacesTests {
  @Test(
    arguments: [
      (Array(0..<8), nil, [0, 2, 1, 3, 4, 6, 5, 7]),
      // The calling thread stays, its package comes first, siblings last.
      (Array(0..<8), 3, [3, 1, 0, 2, 7, 5, 4, 6]),
      (Array(0..<8), 6, [6, 0, 1, 3, 2, 4, 5, 7]),
      // Only what the mask allows, also where it cuts a core in half.
      ([1, 2, 6], 6, [6, 1, 2]), ([5, 1], 0, [1, 5]), ([], 0, []),
      // Processors that the description does not know are cores of their own.
      ([11, 10], nil, [10, 11]),
    ] as [([Int], Int?, [Int])])
  func coresComeBeforeSiblings(processors: [Int], current: Int?, expected: [Int]) {
    #expect(eight.places(of: processors, from: current) == expected)
  }
}

@Suite struct PinningDecisionTests {
  private func decide(
    _ mode: PinningDecision.Mode, threads: Int, quota: Double? = nil,
    environment: [String: String] = [:]
  ) -> PinningDecision {
    var host = Host.read()
    host.cpu = eight
    host.processors = Array(0..<8)
    host.physicalCores = 4
    host.controlGroup.cpuQuota = quota
    return .make(mode, threads: threads, host: host, current: 3) { environment[$0] }
  }

  @Test func pinsWhatFits() {
    #expect(decide(.auto, threads: 2) == .pin([3, 1]))
    #expect(decide(.on, threads: 8) == .pin([3, 1, 0, 2, 7, 5, 4, 6]))
    #expect(decide(.on, threads: 4, quota: 1.5) == .pin([3, 1, 0, 2]))
    #expect(decide(.off, threads: 2) == .leave("--pin off"))
  }

  /// Two cores behind one cache, as most small virtual machines are.
  @Test func whereCPUsDoNotDifferThereIsNothingToKeep() throws {
    var host = Host.read()
    host.cpu = CPUDescription(
      cpuinfo: (0..<2).map { "processor: \($0)\nphysical id: 0\ncore id: \($0)\n" }
        .joined(separator: "\n"))
    host.processors = [0, 1]
    host.physicalCores = 2
    host.controlGroup.cpuQuota = nil
    func decide(_ mode: PinningDecision.Mode) -> PinningDecision {
      .make(mode, threads: 2, host: host, current: 1) { _ in nil }
    }
    for sharers in [2, 1] {
      let cache = CacheLevel {
        ["level": "3", "type": "Unified", "size": "32M", "shared_cpu_list": "0-\(sharers - 1)"][$0]
      }
      host.caches = [try #require(cache)]
      #expect(host.isUniform == (sharers == 2))
      #expect((decide(.auto) == .pin([1, 0])) == (sharers == 1))
      #expect(decide(.on) == .pin([1, 0]))
    }
  }

  @Test(arguments: PinningDecision.Mode.allCases)
  func leavesMoreThreadsThanCPUs(mode: PinningDecision.Mode) {
    guard case .leave(let reason) = decide(mode, threads: 9) else {
      Issue.record("pinned nine threads to eight CPUs")
      return
    }
    #expect(mode == .off || reason == "9 threads share 8 logical cores")
  }

  @Test func aQuotaBelowTheThreadsIsNoPlaceToPin() {
    #expect(
      decide(.auto, threads: 2, quota: 1.5)
        == .leave("2 threads share the time of 1.5 CPUs that the control group grants"))
    #expect(decide(.auto, threads: 2, quota: 2) == .pin([3, 1]))
  }

  @Test(arguments: PinningDecision.Mode.allCases)
  func theEnvironmentComesFirst(mode: PinningDecision.Mode) {
    #expect(
      decide(mode, threads: 2, environment: ["OMP_PLACES": "cores", "OMP_PROC_BIND": "true"])
        == .environment(["OMP_PLACES", "OMP_PROC_BIND"]))
    #expect(decide(.auto, threads: 2, environment: ["OMP_PLACES": ""]) == .pin([3, 1]))
  }
}

extension SharedTeam {
  /// Serialized with everything else that uses the team of its thread's masks.
  @Suite struct PinningTests {
    @Test func everyThreadIsWhereItWasPutAndGoesBack() throws {
      let host = Host.read()
      let count = min(2, host.logicalCPUs)
      let before = try ThreadPinning.places(ofTeam: count)
      let places = Array(
        host.cpu.places(of: host.processors, from: Affinity.currentCPU).prefix(count))
      do {
        let pin = try ThreadPinning(places)
        #expect(try ThreadPinning.places(ofTeam: count) == places.map { [$0] })
        #expect(pin.holds)
        let seen = Mutex<[Int]>(Array(repeating: -1, count: count))
        try ThreadTeam.run(count) { index in
          let cpu = Affinity.currentCPU ?? -1
          seen.withLock { $0[index] = cpu }
        }
        #expect(seen.withLock { $0 } == places)
        // What the process may use has not shrunk, neither for us nor for its children.
        #expect(Host.read().processors == host.processors)
        #expect(Affinity.unpinned { Affinity.cpus() } == before[0])
        #expect(Affinity.cpus() == [places[0]])
        try Affinity.set(before[0])
        #expect(pin.holds == (before[0] == [places[0]]))
      }
      #expect(try ThreadPinning.places(ofTeam: count) == before)
      #expect(Affinity.beforePinning == nil)
    }

    @Test func aCPUThatIsNotThereLeavesEverythingAsItWas() throws {
      let before = try ThreadPinning.places(ofTeam: 2)
      #expect(throws: PinningError.self) { try ThreadPinning([before[0][0], 8191]) }
      #expect(try ThreadPinning.places(ofTeam: 2) == before)
      #expect(Affinity.beforePinning == nil)
    }
  }
}

/// Suites that change what the whole process may use.
@Suite(.serialized) struct SharedTeam {}

@Suite struct OpenMPRuntimesTests {
  @Test func onlyOneIsLoaded() throws {
    try ThreadTeam.run(2) { _ in }
    let loaded = OpenMPRuntimes.loaded()
    #expect(loaded.count == 1, "\(loaded)")
  }

  @Test func findsEveryRuntimeOnce() {
    let maps = """
      7f0-7f1 r-xp 00000000 fe:00 12   /usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0
      7f1-7f2 r--p 00001000 fe:00 12   /usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0
      7f2-7f3 r-xp 00000000 fe:00 13   /opt/intel lib/libiomp5.so
      7f3-7f4 r-xp 00000000 fe:00 14   /venv/libgomp-a34b3233.so.1
      7f4-7f5 r-xp 00000000 fe:00 15   /usr/lib/llvm/libomp.so.5 (deleted)
      7f5-7f6 r-xp 00000000 fe:00 16   /usr/lib/libompl.so.2
      7f6-7f7 r--p 00000000 fe:00 17   /home/libgomp/notes.txt
      7f7-7f8 rw-p 00000000 00:00 0    [heap]
      """
    #expect(
      OpenMPRuntimes.find(in: maps) == [
        "/usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0", "/opt/intel lib/libiomp5.so",
        "/venv/libgomp-a34b3233.so.1", "/usr/lib/llvm/libomp.so.5 (deleted)",
      ])
  }
}

@Suite struct CPUListTextTests {
  @Test(arguments: [
    ([0, 1, 2, 3], "0-3"), ([8, 0], "0,8"), ([0, 1, 8, 10, 11], "0-1,8,10-11"), ([], ""),
  ])
  func writesWhatItReads(numbers: [Int], text: String) {
    #expect(CPUList.text(numbers) == text)
    #expect(CPUList.parse(text) == numbers.sorted())
  }
}
