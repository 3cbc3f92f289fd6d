import Profiling
import Session
import TestSupport
import Testing

/// Advice holds for runs alike.
@Suite("Advice is kept by run") struct AdviceMemoryTests {
  private func name(_ change: (inout RunRecord) -> Void = { _ in }) -> String? {
    var record = SampleRecords.deepspeech()
    record.options.threads = 2
    record.options.pinning = Pinning(asked: "auto", by: .ntprof, cpus: ["0", "1"])
    change(&record)
    return AdviceMemory.name(record.topology, record.options, record.machine)
  }

  @Test("it counts how many threads ran, and who placed them")
  func threads() throws {
    let own = try #require(name())
    #expect(own == name { $0.options.pinning?.cpus = ["2", "3"] })
    let others = [
      name { $0.options.threads = 1 },
      // Two were asked for, and the runtime gave one.
      name { $0.options.threadsRan = 1 },
      name { $0.options.pinning?.by = .kernel },
      name { $0.options.pinning?.by = .environment },
      name { $0.options.precision = .int8 },
      name { $0.options.batch = 8 },
    ]
    for other in others { #expect(other != nil && other != own) }
    #expect(name { $0.options.threadsRan = 2 } == own)
    // One that ran of two asked for is a run of one.
    #expect(name { $0.options.threads = 1 } == name { $0.options.threadsRan = 1 })
  }

  @Test("of an unknown number of threads nothing is kept")
  func unknown() { #expect(name { $0.options.threads = nil } == nil) }
}
