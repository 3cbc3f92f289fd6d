import Profiling
import Subprocess
import Testing

/// The catalogue's codes against libpfm's, for every CPU, without any of them.
@Suite struct EncodingTests {
  /// What libpfm says of names; nil, and the test cancelled, where there is no libpfm.
  private func encode(_ names: [String]) async throws -> [String: String] {
    let outcome = try await TestDouble.encode(names)
    guard outcome.status.isSuccess else {
      try Test.cancel("no libpfm.so.4, which libpapi7.0 brings: \(outcome.error)")
    }
    return outcome.values
  }

  /// `PERF_TYPE_RAW` and a code, as the probe prints them.
  private func raw(_ code: UInt64) -> String { "4,\(String(code, radix: 16))" }

  @Test(arguments: EventCatalogue.all)
  func nativeNamesHaveOurCodes(cpu: Microarchitecture) async throws {
    let named = cpu.events.compactMap { event in event.libpfm.map { (event, $0) } }
    guard !named.isEmpty else { return }
    let found = try await encode(named.map(\.1))
    for (event, name) in named {
      let code = try #require(event.rawCode, "\(event.name) has a native name but no raw code")
      #expect(found[name] == raw(code), "\(cpu.name): \(event.name) = \(name)")
    }
  }

  @Test(arguments: EventCatalogue.all)
  func rawNamesReachTheKernelAsTheyAre(cpu: Microarchitecture) async throws {
    let events = cpu.events.filter { $0.rawCode != nil }
    guard !events.isEmpty else { return }
    let found = try await encode(events.compactMap(\.papiRawName))
    for event in events {
      let name = try #require(event.papiRawName)
      let code = try #require(event.rawCode)
      #expect(found[name] == raw(code), "\(cpu.name): \(event.name)")
    }
  }

  @Test func libpfmsTopDownUmasksAreWrong() async throws {
    let found = try await encode([
      "icx::TOPDOWN:BACKEND_BOUND_SLOTS", "spr::TOPDOWN:BACKEND_BOUND_SLOTS",
      "spr::TOPDOWN:MEMORY_BOUND_SLOTS", "spr::TOPDOWN:BR_MISPREDICT_SLOTS",
      "spr::TOPDOWN:BAD_SPEC_SLOTS", "spr::TOPDOWN:SLOTS",
    ])
    // The umask without the event: no such event, and for bad speculation that of all slots.
    #expect(found["icx::TOPDOWN:BACKEND_BOUND_SLOTS"] == raw(0x0200))
    #expect(found["spr::TOPDOWN:BACKEND_BOUND_SLOTS"] == raw(0x0200))
    #expect(found["spr::TOPDOWN:MEMORY_BOUND_SLOTS"] == raw(0x1000))
    #expect(found["spr::TOPDOWN:BR_MISPREDICT_SLOTS"] == raw(0x0800))
    #expect(found["spr::TOPDOWN:BAD_SPEC_SLOTS"] == found["spr::TOPDOWN:SLOTS"])
    // So ours are raw and have no native name.
    for (name, code, cpu) in [
      ("topdown.backend_bound_slots", 0x02a4, Microarchitecture.iceLakeServer),
      ("topdown.backend_bound_slots", 0x02a4, .sapphireRapids),
      ("topdown.memory_bound_slots", 0x10a4, .sapphireRapids),
      ("topdown.br_mispredict_slots", 0x08a4, .sapphireRapids),
      ("topdown.bad_spec_slots", 0x04a4, .sapphireRapids),
    ] as [(String, UInt64, Microarchitecture)] {
      let event = try #require(cpu.event(name))
      #expect(event.rawCode == code)
      #expect(event.libpfm == nil)
    }
  }

  @Test func libpfmKnowsNoZen5AndItsMissingLoadIsZen4s() async throws {
    let zen4 = "amd64_fam19h_zen4::CYCLES_NO_RETIRE:NOT_COMPLETE_MISSING_LOAD"
    let zen5 = "amd64_fam1ah_zen5::CYCLES_NO_RETIRE:NOT_COMPLETE_MISSING_LOAD"
    let found = try await encode([zen4, zen5])
    #expect(found[zen4] == raw(0xa2d6))
    #expect(found[zen5]?.hasPrefix("-") == true)
    #expect(Microarchitecture.zen5.events.allSatisfy { $0.libpfm == nil })
    #expect(Microarchitecture.zen5.event("ex_no_retire.load_not_complete")?.rawCode == 0xa2d6)
  }
}
