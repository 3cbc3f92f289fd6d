import Foundation
import Profiling
import Testing

@Suite("profile --scenario", .serialized)
struct ScenarioTests {
  private static func scenario(_ arguments: [String]) async throws -> ScenarioRecord {
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        [
          "profile", try Narrow.write(folder), "--threads", "1", "--counters", "none", "--no-save",
          "--format", "json", "--quiet", "--scenario",
        ] + arguments)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "record") == [])
      return try #require(try RecordCoding.decode(Array(result.output.utf8)).scenario)
    }
  }

  @Test("single-stream: p90 with MLPerf's confidence")
  func singleStream() async throws {
    let scenario = try await Self.scenario(["single-stream", "--iterations", "100"])
    #expect(scenario.queries == 100 && scenario.samplesPerQuery == 4)
    let tail = try #require(scenario.tail)
    #expect(tail.percentile == 0.9 && tail.queriesNeeded == 64)
    let latency = try #require(scenario.latency)
    #expect(tail.estimateNs == latency.samples.sorted()[100 - 1 - tail.discarded])
    #expect(try #require(tail.estimateNs) >= latency.p90)
  }

  @Test("multi-stream: eight samples a query; too few queries give no estimate")
  func multiStream() async throws {
    let scenario = try await Self.scenario(["multi-stream", "--iterations", "70"])
    #expect(scenario.samplesPerQuery == 8 && scenario.queries == 70)
    #expect(scenario.tail?.estimateNs == nil && scenario.tail?.queriesNeeded == 662)
    let own = try await Self.scenario(["multi-stream", "--iterations", "5", "--batch", "3"])
    #expect(own.samplesPerQuery == 3)
  }

  @Test("offline: throughput in large batches")
  func offline() async throws {
    let scenario = try await Self.scenario(["offline", "--iterations", "20"])
    #expect(scenario.samplesPerQuery == 32 && scenario.latency == nil && scenario.tail == nil)
    #expect(abs(scenario.throughputPerSecond * scenario.seconds / (20 * 32) - 1) < 1e-9)
  }

  @Test("server at a rate: seeded arrivals, each latency from its arrival")
  func server() async throws {
    let arguments = [
      "server", "--target-qps", "200", "--latency-bound", "1000", "--iterations", "30",
    ]
    let scenario = try await Self.scenario(arguments)
    #expect(scenario.queries == 30 && scenario.qps == 200 && scenario.latencyBoundNs == 1e9)
    let trial = try #require(scenario.trials?.first)
    #expect(scenario.trials?.count == 1 && trial.over == 0 && trial.meets == true)
    #expect(trial.sure == false, "30 queries cannot make 99 % sure")
    // The 30th arrival of that seed is no sooner than the run lasted.
    let arrivals = PoissonQueue.arrivals(rate: 200, seconds: 60, seed: 2)
    #expect(scenario.seconds >= arrivals[29])
  }

  @Test(
    "a load that cannot be served is given up: asked and served are two numbers, and it is said")
  func overload() async throws {
    try await Tool.withFolder { folder in
      let arguments =
        ["profile", try Narrow.write(folder), "--threads", "1", "--counters", "none"]
        + [
          "--scenario", "server", "--target-qps", "1000000000", "--no-save", "--quiet", "--format",
        ]
      let result = try await Tool.run(arguments + ["json"])
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "record") == [])
      let record = try RecordCoding.decode(Array(result.output.utf8))
      let scenario = try #require(record.scenario)
      let trial = try #require(scenario.trials?.first)
      #expect(scenario.qps == 1e9 && trial.qps == 1e9 && trial.overloaded == true)
      let served = try #require(scenario.servedQps)
      #expect(served > 0 && served < 1e8)
      #expect(abs(served * scenario.seconds / Double(scenario.queries) - 1) < 1e-6)
      #expect(record.warnings.contains { $0.code == "overloaded" })
      let table = try await Tool.run(arguments + ["table"])
      #expect(table.output.contains("asked") && table.output.contains("overloaded"))
    }
  }

  @Test("server searches for the highest rate that meets a bound, or says that none does")
  func search() async throws {
    let wide = try await Self.scenario(["server", "--latency-bound", "500", "--iterations", "100"])
    let rate = try #require(wide.qps)
    #expect(rate > 0 && wide.trials?.contains { $0.qps == rate && $0.meets == true } == true)
    let narrow = try await Self.scenario([
      "server", "--latency-bound", "0.00001", "--iterations", "50",
    ])
    #expect(narrow.qps == nil && narrow.trials?.allSatisfy { $0.meets == false } == true)
  }

  @Test(
    "what belongs together is asked for together",
    arguments: [
      ["--scenario", "server"], ["--scenario", "offline", "--target-qps", "3"],
      ["--latency-bound", "3"], ["--scenario", "batch"],
      ["--scenario", "server", "--target-qps", "-1"],
    ])
  func refused(arguments: [String]) async throws {
    let result = try await Tool.run(["profile", Tool.topology("deepspeech")] + arguments)
    #expect(result.status == 64, "\(result.error)")
  }
}
