import Foundation
import Profiling
import Testing

@Suite("diff --processes, and diff of several", .serialized)
struct ProcessesTests {
  private static let quick = ["--iterations", "10", "--warmup", "1", "--threads", "1"]

  @Test("every side is measured by that many processes, whose medians are compared")
  func processes() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        [
          "diff", topology, topology, "--candidate-set", "units=32768", "--processes", "4",
          "--format", "json", "--output", output.path(percentEncoded: false),
        ] + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "diff") == [])
      let diff = try RecordCoding.decodeDiff(Array(result.output.utf8))
      #expect(diff.processes == 4 && !diff.paired)
      #expect(diff.endToEnd?.verdict == .slower)
      // All four apart: 2/C(8, 4) = 0.029, or nearly so where two medians are equal.
      #expect((0.028...0.031).contains(diff.endToEnd?.p ?? 0))
      let name = try #require(try Tool.contents(output).first { $0.contains("-baseline-") })
      let text = try String(contentsOf: output.appending(path: name), encoding: .utf8)
      #expect(try SchemaTests.errors(text, "record") == [])
      let record = try RecordCoding.decode(Array(text.utf8))
      #expect(record.endToEnd?.time.count == 4 && record.options.processes == 4)
      #expect(record.options.iterations == 10)
    }
  }

  @Test(
    "profile --processes: medians of fresh processes, an interval between them, and a spread kept")
  func profile() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let cache = ["XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false)]
      let several = try await Tool.run(
        ["profile", topology, "--processes", "4", "--no-save", "--format", "json"] + Self.quick,
        environment: cache)
      #expect(several.status == 0, "\(several.error)")
      #expect(try SchemaTests.errors(several.output, "record") == [])
      let record = try RecordCoding.decode(Array(several.output.utf8))
      let time = try #require(record.endToEnd?.time)
      #expect(record.options.processes == 4 && time.count == 4 && record.options.iterations == 10)
      let between = try #require(time.between)
      #expect(between.count == 4 && between.interval?.contains(time.median) == true)
      #expect(record.endToEnd?.processSpread?.source == .default)
      // The next run knows by how much those four differed.
      let one = try await Tool.run(
        ["profile", topology, "--no-save", "--format", "json"] + Self.quick, environment: cache)
      let known = try RecordCoding.decode(Array(one.output.utf8))
      #expect(known.endToEnd?.processSpread?.source == .measured)
      #expect(known.endToEnd?.processSpread?.processes == 4 && known.endToEnd?.time.between == nil)
      #expect(known.layers[0].processSpread?.processes == 4)
      let table = try await Tool.run(
        ["profile", topology, "--processes", "2", "--no-save", "--format", "table"] + Self.quick)
      #expect(table.output.contains("between 2 processes"), "\(table.output)")
      let single = try await Tool.run(
        ["profile", topology, "--no-save", "--format", "table"] + Self.quick)
      #expect(single.output.contains("within this process"), "\(single.output)")
      let scenario = try await Tool.run(
        ["profile", topology, "--processes", "2", "--scenario", "offline"])
      #expect(scenario.status == 64, "\(scenario.error)")
    }
  }

  @Test("passes during which others took the core are counted, and a run full of them says so")
  func disturbed() async throws {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let allowed = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\d+)/))
    let result = try await Tool.run(
      [
        "profile", Tool.topology("deepspeech"), "--set", "hidden=512", "--threads", "1",
        "--iterations", "40", "--warmup", "1", "--tuning", "fast", "--no-save", "--format", "json",
        "--counters", "none",
      ], sharing: String(allowed.1))
    #expect(result.status == 0, "\(result.error)")
    let record = try RecordCoding.decode(Array(result.output.utf8))
    let disturbance = try #require(record.endToEnd?.disturbance)
    // Three programs on one CPU: a slice is a few ms, and so are a few passes.
    #expect(disturbance.disturbed > 0 && disturbance.stolenShare > 0.01)
    #expect(record.endToEnd?.time.count == 40)
    #expect(disturbance.isDoubtful == record.warnings.contains { $0.code == "disturbed" })
  }

  @Test("each input has params of its own, behind its last colon")
  func ownParams() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let result = try await Tool.run(
        ["diff", topology, "\(topology):units=1024", "\(topology):units=2048", "--no-save"]
          + ["--format", "json", "--processes", "1"] + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      let comparison = try RecordCoding.decodeComparison(Array(result.output.utf8))
      #expect(
        comparison.diffs.map(\.baseline.topology.parameters) == [["units": 64], ["units": 64]])
      #expect(
        comparison.diffs.map(\.candidate.topology.parameters) == [["units": 1024], ["units": 2048]])
      #expect(comparison.label(of: 0) == "B (units 1024)")
      #expect(comparison.label(of: 1) == "C (units 2048)")
      // One process a side: what cannot be told is said before anything is measured.
      #expect(result.error.contains("one process a side"), "\(result.error)")
      let gate = try await Tool.run(
        ["diff", topology, "\(topology):units=1024", "\(topology):units=2048", "--no-save"]
          + ["--format", "csv", "--processes", "1", "--gate", "3"] + Self.quick)
      #expect(gate.status == 2, "\(gate.error)")
      #expect(gate.error.contains("B (units 1024): too few processes"), "\(gate.error)")
      for wrong in ["units=", "units=x", "units=1,", "=1"] {
        let refused = try await Tool.run(["diff", topology, "\(topology):\(wrong)"])
        #expect(refused.status == 64, "\(wrong): \(refused.error)")
      }
    }
  }

  @Test("six processes a side by default; one on demand, and beside a record of one")
  func defaults() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      func diff(_ arguments: [String]) async throws -> Diff {
        let result = try await Tool.run(
          ["diff"] + arguments + ["--no-save", "--format", "json"] + Self.quick)
        #expect(result.status == 0, "\(result.error)")
        return try RecordCoding.decodeDiff(Array(result.output.utf8))
      }
      #expect(try await diff([topology, topology]).processes == 6)
      let single = try await diff([topology, topology, "--processes", "1"])
      #expect(single.processes == nil && single.paired)
      let run = try await Tool.run(
        ["profile", topology, "--no-save", "--format", "json"] + Self.quick)
      let file = folder.appending(path: "r.json").path(percentEncoded: false)
      try run.output.write(toFile: file, atomically: true, encoding: .utf8)
      let mixed = try await diff([file, topology])
      #expect(mixed.processes == nil && !mixed.paired)
    }
  }

  @Test("Ctrl-C ends the children; only rounds that are whole are compared")
  func interrupt() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      let running = try await Running.start(
        ["diff", topology, topology, "--processes", "500", "--format", "csv"] + Self.quick
          + ["--output", output.path(percentEncoded: false)])
      let child = try await SimulatedRuns.child(of: running.id)
      running.signal(SIGINT)
      #expect(running.end() == 130)
      try await SimulatedRuns.expectGone(child)
      let left = (try? Tool.contents(output)) ?? []
      // Nothing, or both records and their comparison; never half of it.
      #expect(left.isEmpty || left.count == 3, "\(left)")
      #expect(left.allSatisfy { $0.hasSuffix(".json") && !$0.hasPrefix(".") })
    }
  }

  @Test("a child's failure is the command's, in its words and with its status")
  func failure() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let result = try await Tool.run(
        ["diff", topology, topology, "--processes", "2", "--counters", "papi", "--no-save"]
          + ["--format", "csv", "--events", "PAPI_NO_SUCH"] + Self.quick)
      #expect(result.status == 69, "\(result.error)")
      #expect(result.error.contains("papi"), "\(result.error)")
      #expect(!result.error.contains("measure-child"), "\(result.error)")
    }
  }

  @Test("several candidates: one document, corrected together; --gate takes the worst")
  func several() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      func record(_ units: Int) async throws -> String {
        let sub = folder.appending(path: "u\(units)")
        let result = try await Tool.run(
          ["profile", topology, "--set", "units=\(units)", "--processes", "5", "--format", "csv"]
            + ["--output"]
            + [sub.path(percentEncoded: false)] + Self.quick)
        #expect(result.status == 0, "\(result.error)")
        return sub.appending(path: try #require(try Tool.contents(sub).first))
          .path(percentEncoded: false)
      }
      // Each takes many times what the one before it takes, whatever the neighbours do.
      let records = [try await record(4096), try await record(16), try await record(65536)]
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        ["diff"] + records + ["--format", "json", "--gate", "20", "--output"]
          + [output.path(percentEncoded: false)])
      #expect(result.status == 1, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "comparison") == [])
      let comparison = try RecordCoding.decodeComparison(Array(result.output.utf8))
      #expect(comparison.diffs.map { $0.endToEnd?.verdict } == [.faster, .slower])
      let name = try #require(try Tool.contents(output).first)
      let file = output.appending(path: name).path(percentEncoded: false)
      let again = try await Tool.run(["report", file, "--format", "json"])
      #expect(again.output == result.output)
      let trace = try await Tool.run(["diff"] + records + ["--format", "trace"])
      #expect(trace.status == 64 && trace.error.contains("two sides"), "\(trace.error)")
      let one = try await Tool.run(["diff", records[0]])
      #expect(one.status == 64)
      let both = try await Tool.run(["diff", records[0], records[1], "--processes", "3"])
      #expect(both.status == 64 && both.error.contains("--processes"), "\(both.error)")
      for processes in ["1", "2"] {
        let live = try await Tool.run(
          ["diff", topology, topology, topology, "--format", "markdown", "--no-save"]
            + ["--processes", processes] + Self.quick)
        #expect(live.status == 0 && live.output.contains("| end to end |"), "\(live.error)")
      }
    }
  }

  @Test("--strict refuses what does not compare")
  func strict() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      var paths: [String] = []
      for isa in [[], ["--isa", "sse41"]] {
        let result = try await Tool.run(
          ["profile", topology, "--no-save", "--format", "json"] + isa + Self.quick)
        let file = folder.appending(path: "r\(paths.count).json")
        try result.output.write(to: file, atomically: true, encoding: .utf8)
        paths.append(file.path(percentEncoded: false))
      }
      let result = try await Tool.run(
        ["diff"] + paths + ["--strict", "--no-save", "--format", "table"])
      #expect(result.status == 75, "\(result.error)")
      #expect(result.error.contains("oneDNN's ISA"), "\(result.error)")
      #expect(result.output.contains("not comparable"))
    }
  }

  @Test("children get every option that says how to measure")
  func optionsArePassedOn() async throws {
    let record = try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let output = folder.appending(path: "out")
      let result = try await Tool.run([
        "diff", topology, topology, "--processes", "2", "--layers", "a", "--threads", "1", "--pin",
        "off",
        "--iterations", "7", "--warmup", "2", "--isa", "avx2", "--no-fusion", "--seed", "5",
        "--cache", "cold", "--batch", "3", "--set", "units=32", "--counters", "estimated",
        "--format", "csv",
        "--output", output.path(percentEncoded: false),
      ])
      #expect(result.status == 0, "\(result.error)")
      let name = try #require(try Tool.contents(output).first { $0.contains("-baseline-") })
      return try RecordCoding.decode(Array(Data(contentsOf: output.appending(path: name))))
    }
    let options = record.options
    #expect(options.layers == "a" && options.threads == 1 && options.iterations == 7)
    #expect(options.pinning?.asked == "off" && options.pinning?.by == .kernel)
    #expect(options.warmup == 2 && options.isa == "avx2" && !options.fusion && options.seed == 5)
    #expect(options.batch == 3 && options.cache == "cold" && options.counters == "estimated")
    #expect(record.topology.parameters == ["units": 32])
  }
}
