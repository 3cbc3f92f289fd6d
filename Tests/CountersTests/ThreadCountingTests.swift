import Subprocess
import Testing

/// Which ways to count a team of threads are right: each thread touches 4096 fresh pages, and the
/// test double counts page faults as instructions, through PAPI's and the kernel's real code.
@Suite(.serialized) struct ThreadCountingTests {
  static let pages = 4096

  /// Ways to count, for how many threads, and how many threads each of them sees.
  static let ways: [(way: String, threads: Int, seen: Int)] = [
    ("calling-thread", 1, 1), ("inherit", 1, 1), ("per-thread", 1, 1), ("perf", 1, 1),
    ("auto", 1, 1),
    // Right: before the team exists, and after it.
    ("inherit", 2, 2), ("per-thread", 2, 2), ("per-thread-late", 2, 2), ("perf", 2, 2),
    ("perf-late", 2, 2), ("auto", 2, 2), ("auto-late", 2, 2),
    // Wrong, and silent about it: the reason why `auto` takes neither.
    ("calling-thread", 2, 1), ("late-inherit", 2, 1),
  ]

  @Test func everyWaySeesTheThreadsItShould() async throws {
    try await TestDouble.withLibrary { library in
      for (way, threads, seen) in Self.ways {
        let outcome = try await TestDouble.probe(
          way, threads: threads, pages: Self.pages, library: library)
        #expect(outcome.status.isSuccess, "\(way), \(threads): \(outcome.error)")
        #expect(outcome["instructions"] == seen * Self.pages, "\(way), \(threads) threads")
        if way != "late-inherit" {
          #expect((outcome["cycles"] ?? 0) > 0, "\(way), \(threads) threads")
          #expect(outcome["l1d_misses"] == seen * Self.pages, "\(way), \(threads) threads")
        }
      }
    }
  }

  @Test func autoTakesPAPIAndTheMethodThatFits() async throws {
    try await TestDouble.withLibrary { library in
      for (way, threads, method) in [
        ("auto", 1, "calling-thread"), ("auto", 2, "per-thread"), ("auto-late", 2, "per-thread"),
      ] {
        let outcome = try await TestDouble.probe(way, threads: threads, pages: 16, library: library)
        #expect(outcome.values["source"] == "papi")
        #expect(outcome.values["method"] == method)
        #expect(outcome.values["groups"]?.hasPrefix("cycles+instructions") == true)
      }
    }
  }

  @Test func eachThreadHasItsOwnValues() async throws {
    try await TestDouble.withLibrary { library in
      let outcome = try await TestDouble.probe(
        "per-thread", threads: 2, pages: Self.pages, library: library)
      #expect(outcome["thread0"] == Self.pages)
      #expect(outcome["thread1"] == Self.pages)
    }
  }

  @Test func lateInheritanceIsRefused() async throws {
    try await TestDouble.withLibrary { library in
      let outcome = try await TestDouble.probe(
        "inherit-late", threads: 2, pages: 16, library: library)
      #expect(outcome.status == .exited(69))
      #expect(outcome.error.contains("threads exist already"))
    }
  }

  @Test(arguments: [1, 2])
  func softwareEventsNeedNoDouble(threads: Int) async throws {
    let outcome = try await TestDouble.probe(
      "software", threads: threads, pages: Self.pages, library: nil)
    // Where even software events are forbidden, the error must say so.
    guard outcome.status.isSuccess else {
      #expect(outcome.error.contains("counters 'software': perf_event_open"))
      return
    }
    #expect(outcome["page-faults"] == threads * Self.pages)
    #expect((outcome["task-clock"] ?? 0) > 0)
  }
}
