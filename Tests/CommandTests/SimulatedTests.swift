import Foundation
import Profiling
import TestSupport
import Testing

/// `--counters simulated` end to end, on layers small enough for valgrind.
@Suite("Simulated counters", .enabled(if: SimulatedRuns.hasValgrind), .serialized)
struct SimulatedTests {
  /// 2048 × 512 weights, and 2 × 4 × 512 × 512 of them, in lines of 64 bytes.
  static let compulsory = ["fc": 65_536.0, "lstm": 131_072.0]

  @Test("cold misses are the compulsory traffic, warm ones none, twice the same")
  func counts() async throws {
    let first = try await SimulatedRuns.record(["--isa", "avx2"])
    let info = try #require(first.simulation)
    #expect(info.simulator.hasPrefix("callgrind-3."))
    #expect(info.threads == 1 && info.isa == "avx2")
    #expect(info.caches.first { $0.level == 1 && $0.kind == "data" } != nil)
    #expect(first.options.counters == "simulated" && !first.interrupted)
    let last = try #require(info.caches.max { $0.level < $1.level })
    for layer in first.layers {
      let counters = try #require(layer.counters)
      #expect(counters.source == "simulated")
      #expect(counters.implementationMatches == true)
      #expect(counters.simulatedImplementations == layer.primitives.map(\.implementation))
      let events = counters.events.mapValues(\.value)
      let cold = try #require(events["llc_misses_cold"])
      let warm = try #require(events["llc_misses"])
      if let lines = Self.compulsory[layer.name], last.bytes >= 16 << 20 {
        #expect(abs(cold - lines) <= 0.01 * lines, "\(layer.name): \(cold) of \(lines) lines")
        #expect(warm <= 0.01 * lines)
      }
      #expect(try #require(events["l1d_misses"]) >= warm)
      if info.caches.contains(where: { $0.level == 2 }), last.level > 2 {
        #expect(try #require(events["l2_misses_cold"]) >= cold)
      }
      #expect(layer.metrics["llc_mpki"] != nil && layer.metrics["dram_bytes"] == warm * 64)
      #expect(layer.time != nil && layer.bound != nil)
    }
    #expect(
      first.segments.first?.counters?.events["instructions"]?.value
        == first.layers.dropFirst().compactMap { $0.counters?.events["instructions"]?.value }
        .reduce(0, +))

    let again = try await SimulatedRuns.record(["--isa", "avx2"])
    #expect(again.layers.map(\.counters) == first.layers.map(\.counters))
    try await compareByHand(first, info)
  }

  /// Instructions against a program of its own under callgrind with the same caches.
  func compareByHand(_ record: RunRecord, _ info: SimulationInfo) async throws {
    for (name, arguments) in [("relu", ["relu", "802816"]), ("fc", ["fc", "512", "2048"])] {
      let parts = try await SimulatedRuns.byHand(arguments, caches: info.caches)
      let events = try #require(record.layers.first { $0.name == name }?.counters?.events)
      let instructions = try #require(parts["warm"]?.first)
      let value = try #require(events["instructions"]?.value)
      #expect(
        abs(value - instructions) <= 0.005 * instructions, "\(name): \(value), \(instructions)")
      let misses = try #require(parts["cold"]?[7])
      let cold = try #require(events["llc_misses_cold"]?.value)
      #expect(abs(cold - misses) <= max(8, 0.01 * misses), "\(name): \(cold), \(misses)")
    }
  }

  @Test("--cache cold swaps the names: plain ones hold the counts with empty caches")
  func coldNames() async throws {
    let arguments = ["--isa", "avx2", "--layers", "fc", "--events", "llc_misses,instructions"]
    let warm = try await SimulatedRuns.record(arguments)
    let cold = try await SimulatedRuns.record(arguments + ["--cache", "cold"])
    let first = try #require(warm.layers.first { $0.name == "fc" }?.counters?.events)
    let second = try #require(cold.layers.first { $0.name == "fc" }?.counters?.events)
    #expect(Set(second.keys) == ["llc_misses", "llc_misses_warm", "instructions"])
    #expect(second["llc_misses"] == first["llc_misses_cold"])
    #expect(second["llc_misses_warm"] == first["llc_misses"])
    #expect(second["instructions"] == first["instructions"])
    let bytes = try #require(cold.layers.first { $0.name == "fc" }?.metrics["dram_bytes"])
    #expect(bytes == 64 * (second["llc_misses"]?.value ?? 0))
  }

  @Test("other layers are not simulated; another implementation is marked")
  func selection() async throws {
    let record = try await SimulatedRuns.record(["--layers", "fc", "--events", "llc_misses,cycles"])
    #expect(record.layers.filter { $0.counters != nil }.map(\.name) == ["fc"])
    let layer = try #require(record.layers.first { $0.name == "fc" })
    let counters = try #require(layer.counters)
    #expect(Set(counters.events.keys) == ["llc_misses", "llc_misses_cold"])
    let codes = record.warnings.map(\.code)
    #expect(codes.contains("event-skipped"))
    let matches = counters.simulatedImplementations == layer.primitives.map(\.implementation)
    #expect(counters.implementationMatches == matches)
    #expect(codes.contains("simulated-other-implementation") == !matches)
  }

  @Test("a parent that is killed takes the child with it")
  func orphan() async throws {
    try await Tool.withFolder { folder in
      let running = try await SimulatedRuns.start(in: folder)
      try await running.says("simulating caches")
      let child = try await SimulatedRuns.child(of: running.id)
      running.signal(SIGKILL)
      _ = running.end()
      try await SimulatedRuns.expectGone(child)
      #expect(try Tool.contents(folder) == ["topology.xml"])
    }
  }

  @Test("Ctrl-C ends the child and keeps what was measured")
  func interrupt() async throws {
    try await Tool.withFolder { folder in
      let running = try await SimulatedRuns.start(in: folder)
      let child = try await SimulatedRuns.child(of: running.id)
      running.signal(SIGINT)
      #expect(running.end() == 130)
      try await SimulatedRuns.expectGone(child)
      let names = try Tool.contents(folder).filter { $0 != "topology.xml" }
      #expect(names.count == 1)
      let bytes = try Data(contentsOf: folder.appending(path: try #require(names.first)))
      let record = try RecordCoding.decode(Array(bytes))
      #expect(record.interrupted)
      #expect(record.layers.allSatisfy { $0.time != nil })
      #expect(!record.warnings.contains { $0.code == "counters-failed" })
    }
  }
}
