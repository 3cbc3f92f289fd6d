import Foundation
import Profiling
import Testing

/// Counting, cold caches and bad events, end to end.
@Suite("Counting")
struct CountingTests {
  static func record(_ more: [String]) async throws -> RunRecord {
    try await ProfileTests.record(ProfileTests.small + more)
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

  @Test("software events by thread, with what counting cost", .enabled(if: hasSoftwareEvents))
  func threads() async throws {
    let record = try await Self.record([
      "--counters", "software", "--threads", "2", "--events", "task-clock,page-faults",
    ])
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
    #expect(record.warnings.contains { $0.code == "no-idle-time" })
    let alone = try await Self.record(["--counters", "software"])
    #expect(alone.layers.allSatisfy { $0.counters?.threads == nil })
  }

  @Test("an unknown event is one warning that names it, and the rest of the record stands")
  func unknownEvent() async throws {
    let record = try await Self.record(["--events", "rubbish,cycles"])
    let about = record.warnings.filter { $0.message.contains("rubbish") }
    #expect(about.contains { $0.code == "event-skipped" && $0.message.contains("no such event") })
    #expect(about.filter { $0.code == "event-skipped" }.count == 1)
    #expect(record.layers.allSatisfy { $0.time != nil && $0.counters?.events["rubbish"] == nil })
    #expect(record.layers.allSatisfy { ($0.counters?.events["cycles"]?.value ?? 0) > 0 })
  }

  @Test(
    "unknown to a source that was demanded: of several it is left out, alone it ends with 69",
    .enabled(if: hasSoftwareEvents))
  func unknownToSoftware() async throws {
    let some = try await Self.record(["--counters", "software", "--events", "rubbish,page-faults"])
    #expect(some.warnings.filter { $0.code == "event-skipped" }.count == 1)
    #expect(some.layers.allSatisfy { $0.counters?.events["page-faults"] != nil })
    let none = try await Tool.run(
      ["profile"] + ProfileTests.small
        + ["--counters", "software", "--events", "rubbish", "--no-save"])
    #expect(none.status == 69)
    #expect(none.error.contains("rubbish") || none.error.contains("not an event"))
    #expect(none.output.isEmpty)
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
