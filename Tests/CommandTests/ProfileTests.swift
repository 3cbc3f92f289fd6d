import Foundation
import Profiling
import TestSupport
import Testing

/// `ntprof profile` end to end on a small DeepSpeech.
@Suite("Profile")
struct ProfileTests {
  static let small = [
    Tool.topology("deepspeech"), "--set", "hidden=64", "--threads", "1", "--iterations", "8",
  ]

  static func record(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> RunRecord {
    let result = try await Tool.run(
      ["profile"] + arguments + ["--no-save", "--format", "json", "--quiet"],
      environment: environment)
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.isEmpty, "\(result.error)")
    return try RecordCoding.decode(Array(result.output.utf8))
  }

  @Test("layers and the unattributed rest add up to the timed pass")
  func closes() async throws {
    let record = try await Self.record(Self.small)
    let pass = try #require(record.timedPass?.time)
    let rest = try #require(record.unattributed)
    let layers = record.layers.compactMap(\.time?.mean).reduce(0, +)
    #expect(abs(layers + rest.time.mean - pass.mean) <= 0.001 * pass.mean)
    let shares = record.layers.compactMap(\.share).reduce(rest.share, +)
    #expect(abs(shares - 1) < 1e-6)
    #expect(record.layers.count == 6 && record.layers.allSatisfy { $0.time?.count == 8 })
    #expect(record.segments.map(\.name) == ["fc1-3", "rnn", "fc4-5"])
    #expect(record.endToEnd?.time.count == 8)
    #expect(record.options.layers == "marked")
    #expect(!record.interrupted)
  }

  @Test("every layer names what ran, and its bound carries evidence")
  func evidence() async throws {
    let record = try await Self.record(Self.small)
    for layer in record.layers {
      #expect(!layer.primitives.isEmpty)
      #expect(layer.primitives.allSatisfy { !$0.implementation.isEmpty })
      let bound = try #require(layer.bound)
      #expect(bound.method == .roofline)
      #expect(bound.evidence["memory_ns"] != nil && bound.evidence["compute_ns"] != nil)
      #expect(
        layer.counters?.source == "estimated" || layer.counters?.source == "papi"
          || layer.counters?.source == "perf")
      #expect((layer.counters?.events["cycles"]?.value ?? 0) > 0)
    }
    #expect(record.machine.rooflines?.bandwidth.count ?? 0 > 8)
  }

  @Test("without counters the roofs still judge")
  func noCounters() async throws {
    let record = try await Self.record(Self.small + ["--counters", "none"])
    #expect(record.layers.allSatisfy { $0.counters == nil && $0.bound?.method == .roofline })
  }

  @Test("layers outside the selection run but have no time")
  func selection() async throws {
    let record = try await Self.record(Self.small + ["--layers", "@rnn"])
    let timed = record.layers.filter { $0.time != nil }.map(\.name)
    #expect(timed == ["bilstm"])
    #expect(
      record.layers.filter { $0.name != "bilstm" }.allSatisfy {
        $0.bound == nil && $0.counters == nil
      })
    let pass = try #require(record.timedPass?.time)
    let rest = try #require(record.unattributed?.time)
    let own = try #require(record.layers.first { $0.name == "bilstm" }?.time)
    #expect(abs(own.mean + rest.mean - pass.mean) <= 0.001 * pass.mean)
    #expect(record.segments.filter { $0.time != nil }.map(\.name) == ["rnn"])
  }

  @Test("the same seed gives the same outputs, fused or not, on one thread or two")
  func digests() async throws {
    let first = try await Self.record(Self.small)
    let again = try await Self.record(Self.small)
    let other = try await Self.record(Self.small + ["--seed", "2"])
    #expect(first.endToEnd?.outputDigest == again.endToEnd?.outputDigest)
    #expect(first.endToEnd?.outputDigest != other.endToEnd?.outputDigest)
  }

  @Test("record, table and page: saved under --output, printed, and their paths named")
  func delivery() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "deep/er")
      let result = try await Tool.run(
        ["profile"] + Self.small + ["--output", output.path(percentEncoded: false)])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("bilstm") && result.output.contains("unattributed"))
      let names = try Tool.contents(output)
      #expect(names.count == 2)
      #expect(names.allSatisfy { $0.hasPrefix("deepspeech-20") })
      #expect(names.map { $0.split(separator: ".").last } == ["html", "json"])
      for name in names { #expect(result.error.contains(name)) }
      let page = try String(contentsOf: output.appending(path: names[0]), encoding: .utf8)
      #expect(page.contains("<!DOCTYPE html>") || page.contains("<!doctype html>"))

      let record = output.appending(path: names[1]).path(percentEncoded: false)
      let once = try await Tool.run(["report", record, "--format", "table"])
      let twice = try await Tool.run(["report", record, "--format", "table"])
      #expect(once.status == 0 && once.output == twice.output && once.output == result.output)
      let json = try await Tool.run(["report", record, "--format", "json"])
      #expect(
        try json.output == String(contentsOf: output.appending(path: names[1]), encoding: .utf8))
    }
  }

  @Test("Ctrl-C saves what was measured, marked interrupted, and ends with 130")
  func interrupt() async throws {
    try await Tool.withFolder { folder in
      let running = try await Running.start([
        "profile", Tool.topology("deepspeech"), "--set", "hidden=64", "--threads", "1", "--time",
        "36000", "--format", "json", "--output", folder.path(percentEncoded: false),
      ])
      try await running.says("measuring deepspeech: ")
      running.signal(SIGINT)
      #expect(running.end() == 130)
      let names = try Tool.contents(folder)
      #expect(names.count == 1)
      let bytes = try Data(contentsOf: folder.appending(path: try #require(names.first)))
      let record = try RecordCoding.decode(Array(bytes))
      #expect(record.interrupted)
      #expect((record.endToEnd?.time.count ?? 0) >= 1)
      #expect(record.layers.allSatisfy { $0.time != nil })
    }
  }
}
