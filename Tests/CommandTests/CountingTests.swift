import Foundation
import Profiling
import TestSupport
import Testing

/// Counting, cold caches and bad events, end to end.
@Suite("Counting")
struct CountingTests {
  static func record(
    _ more: [String], environment: [String: String] = [:]
  ) async throws -> RunRecord {
    try await ProfileTests.record(ProfileTests.small + more, environment: environment)
  }

  static let hasSoftwareEvents: Bool = {
    let paranoid = try? String(
      contentsOfFile: "/proc/sys/kernel/perf_event_paranoid", encoding: .utf8)
    return getuid() == 0 && paranoid != nil
  }()

  @Test("with cold caches layers and the rest add up, and the flushing is in no time")
  func cold() async throws {
    let record = try await Self.record(["--cache", "cold"])
    #expect(record.options.cache == "cold")
    let pass = try #require(record.timedPass?.time)
    let rest = try #require(record.unattributed)
    let layers = record.layers.compactMap(\.time?.mean).reduce(0, +)
    #expect(abs(layers + rest.time.mean - pass.mean) <= 0.001 * pass.mean)
    // A cold bare pass is another thing than a pass of cold layers.
    #expect(record.overhead?.inflation.timed == nil && record.overhead?.clockNs != nil)
    for layer in record.layers {
      let evidence = try #require(layer.bound?.evidence)
      // Every first touch comes from memory; all is small enough for re-reads to stay in a cache.
      if layer.kind != "lstm" { #expect(evidence["dram_share"] == 1) }
      #expect((evidence["dram_share"] ?? 0) > 0)
    }
    let warm = try await Self.record([])
    #expect(warm.endToEnd?.outputDigest == record.endToEnd?.outputDigest)
    #expect(warm.overhead?.inflation.timed != nil)
  }

  @Test("an unknown state of the caches is a usage error")
  func unknownCache() async throws {
    let result = try await Tool.run(
      ["profile"] + ProfileTests.small + ["--cache", "tepid", "--no-save"])
    #expect(result.status == 64)
    #expect(result.error.contains("--cache 'tepid' is neither warm nor cold"))
  }

  @Test(
    "software events by thread, with what counting cost", .enabled(if: hasSoftwareEvents),
    arguments: ["active", "passive"])
  func threads(_ waiting: String) async throws {
    let record = try await Self.record(
      ["--counters", "software", "--threads", "2", "--events", "task-clock,page-faults"],
      environment: ["OMP_WAIT_POLICY": waiting])
    let overhead = try #require(record.overhead)
    #expect(overhead.inflation.counted != nil)
    #expect((overhead.countersNs ?? 0) > 0)
    for row in record.layers {
      let counters = try #require(row.counters)
      #expect(counters.source == "software")
      let threads = try #require(counters.threads)
      #expect(threads.count == 2)
      #expect(threads.allSatisfy { Set($0.keys) == ["task-clock", "page-faults"] })
      #expect(threads.allSatisfy { ($0["task-clock"] ?? 0) > 0 })
      let imbalance = try #require(row.metrics["thread_imbalance"])
      #expect((0...1).contains(imbalance))
      #expect(row.metrics["counted_inflation"] != nil)
    }
    #expect(record.segments.allSatisfy { $0.counters?.threads?.count == 2 })
    // Only threads that spin while they wait hide who works.
    #expect(record.warnings.contains { $0.code == "no-idle-time" } == (waiting == "active"))
    let alone = try await Self.record(["--counters", "software"])
    #expect(alone.layers.allSatisfy { $0.counters?.threads == nil })
  }

  @Test(
    "an event that nobody knows is refused before anything runs, with what may have been meant",
    arguments: [
      ("cache-mises", "cache-misses"), ("cycles,instuctions", "instructions"), ("rubbish", "rHEX"),
      ("task_clock", "task-clock"), ("l2-misses", "l2_misses"),
    ])
  func unknownEvent(events: String, hint: String) async throws {
    for choice in ["auto", "software", "none"] {
      let result = try await Tool.run(
        ["profile"] + ProfileTests.small + ["--events", events, "--counters", choice, "--no-save"])
      #expect(result.status == 64 && result.output.isEmpty)
      #expect(result.error.contains(hint), "\(result.error)")
    }
  }

  @Test(
    "an event that is known and that nothing here counts ends with 69 before the run",
    arguments: ["auto", "estimated", "software"])
  func uncountable(choice: String) async throws {
    // No CPU has both.
    let result = try await Tool.run(
      ["profile"] + ProfileTests.small + ["--counters", choice, "--no-save"]
        + ["--events", "ex_ret_ops,uops_retired.slots"])
    guard choice != "auto" || result.status != 0 else { return }
    #expect(result.status == 69 && result.output.isEmpty, "\(result.error)")
    #expect(result.error.contains("ex_ret_ops"))
  }

  @Test(
    "events of the kernel need no source by name; of several the others are left out",
    .enabled(if: hasSoftwareEvents))
  func softwareEvents() async throws {
    let own = try await Self.record(["--events", "page-faults"])
    #expect(own.layers.allSatisfy { $0.counters?.source == "software" })
    let some = try await Self.record(["--counters", "software", "--events", "cycles,page-faults"])
    #expect(some.warnings.filter { $0.code == "event-skipped" }.count == 1)
    #expect(some.layers.allSatisfy { $0.counters?.events["page-faults"] != nil })
  }

  @Test(
    "task-clock is the layer's own: what reading it takes is taken off",
    .enabled(if: hasSoftwareEvents))
  func taskClock() async throws {
    let record = try await ProfileTests.record([
      Tool.topology("deepspeech"), "--set", "hidden=16", "--set", "lstm=16", "--threads", "1",
      "--iterations", "40", "--events", "task-clock",
    ])
    // On one thread a layer is on a CPU for as long as it takes, and no longer.
    let sum = record.layers.compactMap { $0.counters?.events["task-clock"]?.value }.reduce(0, +)
    let time = record.layers.compactMap(\.time?.median).reduce(0, +)
    #expect(sum < 1.3 * time, "\(sum) against \(time)")
  }

  @Test("an event that no CPU here counts is left out with the reason, never 0")
  func eventThatThePMULacks() async throws {
    // Known to the field, absent in a machine without a PMU, and on others of another vendor.
    let record = try await Self.record([
      "--events", "cycles,PAPI_FP_OPS,ex_ret_ops,uops_retired.slots",
    ])
    let skipped = record.warnings.filter { $0.code == "event-skipped" }
    #expect(!skipped.isEmpty)
    #expect(skipped.allSatisfy { !$0.message.isEmpty && !$0.remedy.isEmpty })
    for layer in record.layers {
      let events = try #require(layer.counters?.events)
      for warning in skipped {
        let name = warning.message.split(separator: " ").first.map(String.init) ?? ""
        #expect(events[name] == nil)
      }
    }
  }
}
