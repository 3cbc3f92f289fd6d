import Profiling
import Subprocess
import Testing

@testable import Counters

/// Sets of the catalogue through the kernel's real interface, on the test double, which counts page
/// faults as every raw event but cycles.
@Suite(.serialized) struct CatalogueCountingTests {
  static let pages = 512

  @Test(arguments: ["topdown", "flops"])
  func aSetIsCountedInAllItsGroups(set: String) async throws {
    let cpu = Microarchitecture.running
    let wanted = EventSelection([set], on: cpu)
    try await TestDouble.withLibrary { library in
      let outcome = try await TestDouble.probe(
        "perf-events:\(set)", threads: 2, pages: Self.pages, library: library)
      guard wanted.absent.isEmpty else {
        #expect(outcome.status == .exited(69))
        #expect(outcome.error.contains("\(set): \(cpu.name)"))
        return
      }
      #expect(outcome.status.isSuccess, "\(outcome.error)")
      for event in wanted.events where event != "cycles" {
        #expect(outcome[event] == 2 * Self.pages, "\(event)")
      }
    }
  }

  @Test func anUnknownEventIsOneReasonAndTheRestIsCounted() async throws {
    try await TestDouble.withLibrary { library in
      let outcome = try await TestDouble.probe(
        "perf-events:instructions,rubbish", threads: 1, pages: Self.pages, library: library)
      #expect(outcome["instructions"] == Self.pages)
      #expect(outcome.values["skipped-rubbish"]?.contains("no such event") == true)
      let hopeless = try await TestDouble.probe(
        "perf-events:rubbish", threads: 1, pages: 1, library: library)
      #expect(hopeless.status == .exited(69))
      #expect(hopeless.error.contains("rubbish: no such event"))
    }
  }
}
