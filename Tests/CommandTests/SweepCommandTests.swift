import Foundation
import Profiling
import Testing

/// A small topology with a param.
enum Narrow {
  static func write(_ folder: URL) throws -> String {
    let text = """
      <topology name="narrow" version="1"><param name="units" value="64"/>
      <input name="x" shape="4x64" layout="nc"/>
      <layer name="a"><fc units="${units}"/><activation kind="relu"/></layer>
      <layer name="b"><fc units="16"/></layer></topology>
      """
    let file = folder.appending(path: "narrow.xml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path(percentEncoded: false)
  }
}

@Suite("sweep", .serialized)
struct SweepCommandTests {
  private static let quick = ["--iterations", "6", "--warmup", "1", "--threads", "1"]

  private static func decode(_ text: String) throws -> Sweep {
    try RecordCoding.decodeSweep(Array(text.utf8))
  }

  @Test("points with --layer-timeout are planned as runs with it are: trials of a layer could hang")
  func layerTimeout() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      for (more, tuning) in [
        (["--layer-timeout", "600"], "fast"), ([], "auto"),
        (["--layer-timeout", "600", "--tuning", "search"], "search"),
      ] {
        let result = try await Tool.run(
          ["sweep", topology, "--batch", "1,4", "--rounds", "1", "--no-save", "--format", "json"]
            + Self.quick + more)
        #expect(result.status == 0, "\(result.error)")
        let arguments = try Self.decode(result.output).plan.arguments
        let place = try #require(arguments.firstIndex(of: "--tuning"))
        #expect(arguments[place + 1] == tuning)
        #expect(arguments.contains("--layer-timeout") == !more.isEmpty)
      }
    }
  }

  @Test("a grid is measured, saved, valid, and rendered again")
  func grid() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let path = output.path(percentEncoded: false)
      let result = try await Tool.run(
        [
          // So far apart that no neighbour makes the larger batch or the wider layer the faster one.
          "sweep", try Narrow.write(folder), "--set", "units=16,512..4608:4096", "--batch", "1,64",
          "--rounds", "4", "--objective", "latency", "--constraint", "units>=512", "--format",
          "json", "--output", path,
        ] + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "sweep") == [])
      let sweep = try Self.decode(result.output)
      #expect(
        sweep.points.map(\.settings).map { $0[0] } == ["16", "16", "512", "512", "4608", "4608"])
      #expect(sweep.points[..<2].allSatisfy { $0.state == .excluded && $0.latency == nil })
      #expect(sweep.points[2...].allSatisfy { ($0.latency?.count ?? 0) >= 4 })
      #expect(sweep.points[3].batch == 64)
      #expect(sweep.points[4].totals?.parameters == 64 * 4608 + 4608 + 4608 * 16 + 16)
      #expect(sweep.analysis?.best?.index == 2)
      let names = try Tool.contents(output)
      #expect(names.count == 1 && names[0].hasPrefix("narrow-sweep-"), "\(names)")
      let again = try await Tool.run(["report", "\(path)/\(names[0])", "--format", "json"])
      #expect(again.output == result.output)
      let page = try await Tool.run(["report", "\(path)/\(names[0])", "--output", path])
      // Where neighbours disturbed a point, the record says what is missing, and so does the table.
      let isDecided = sweep.analysis?.best?.needs == nil
      let best = isDecided ? "★ best" : "the best median so far is that of units 512"
      let words = page.output.split { $0.isWhitespace }.joined(separator: " ")
      #expect(page.status == 0 && words.contains(best), "\(page.output)\(page.error)")
      #expect(try Tool.contents(output).count == 2)
      let trace = try await Tool.run(["report", "\(path)/\(names[0])", "--format", "trace"])
      #expect(trace.status == 64, "\(trace.error)")
    }
  }

  @Test("an interrupted sweep is whole and goes on; its children end with it")
  func resume() async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let running = try await Running.start(
        ["sweep", try Narrow.write(folder), "--set", "units=16..64:16", "--rounds", "40"]
          + Self.quick + ["--format", "csv", "--output", output.path(percentEncoded: false)])
      // A process was measured, and its file was saved before the next one began.
      try await running.says("shortest so far")
      let name = try #require(try Tool.contents(output).first { $0.hasSuffix(".json") })
      let child = try await SimulatedRuns.child(of: running.id)
      running.signal(SIGTERM)
      #expect(running.end() == 130)
      try await SimulatedRuns.expectGone(child)
      #expect(try Tool.contents(output) == [name])
      let file = output.appending(path: name)
      var sweep = try Self.decode(String(contentsOf: file, encoding: .utf8))
      #expect(sweep.interrupted && sweep.points.contains { $0.latency != nil })
      let before = sweep.points.map { $0.latency?.samples ?? [] }
      // So that the test need not wait for forty rounds.
      sweep.plan.rounds = (before.map(\.count).max() ?? 0) + 1
      try Data(RecordCoding.encode(sweep)).write(to: file)
      let resumed = try await Tool.run([
        "sweep", "--resume", file.path(percentEncoded: false), "--format", "json",
      ])
      #expect(resumed.status == 0, "\(resumed.error)")
      let after = try Self.decode(resumed.output)
      #expect(!after.interrupted)
      for (point, earlier) in zip(after.points, before) {
        #expect(point.state == .measured)
        // Where neighbours disturbed a process, a calmer one may stand in its place; nothing else moves.
        let samples = try #require(point.latency?.samples)
        #expect(samples.count == sweep.plan.rounds)
        #expect(zip(samples, earlier).allSatisfy { $0 <= $1 }, "\(earlier) became \(samples)")
      }
      #expect(try Tool.contents(output) == [name])
    }
  }

  @Test("a sweep whose topology changed does not go on")
  func changed() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let path = folder.path(percentEncoded: false)
      let result = try await Tool.run(
        ["sweep", topology, "--batch", "1,2", "--rounds", "1", "--format", "csv", "--output", path]
          + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      let name = try #require(try Tool.contents(folder).first { $0.hasSuffix(".json") })
      var text = try String(contentsOfFile: topology, encoding: .utf8)
      text.replace("value=\"64\"", with: "value=\"65\"")
      try text.write(toFile: topology, atomically: true, encoding: .utf8)
      let resumed = try await Tool.run(["sweep", "--resume", "\(path)/\(name)"])
      #expect(resumed.status == 65 && resumed.error.contains("has changed"), "\(resumed.error)")
    }
  }

  @Test("a budget measures every point once at least, and says what is missing")
  func budget() async throws {
    try await Tool.withFolder { folder in
      let result = try await Tool.run([
        "sweep", try Narrow.write(folder), "--set", "units=16,32", "--threads", "1", "--rounds",
        "50", "--time", "1", "--no-save", "--format", "json", "--one-at-a-time",
      ])
      #expect(result.status == 0, "\(result.error)")
      let sweep = try Self.decode(result.output)
      #expect(sweep.points.allSatisfy { $0.latency != nil && $0.state == .pending })
      #expect(!sweep.interrupted && sweep.plan.mode == .oneAtATime)
    }
  }

  @Test(
    "wrong usage is refused before anything runs",
    arguments: [
      (["--set", "nope=1,2"], 64, "nope"), (["--set", "units=a"], 64, "units=a"),
      ([], 64, "nothing varies"), (["--batch", "0,1"], 64, "--batch 0"),
      (["--batch", "1", "--constraint", "speed>1"], 64, "speed"),
      (["--batch", "1", "--format", "trace"], 64, "trace"),
      (["--set", "units=1,2", "--set", "units=3"], 64, "twice"),
      (["--set", "units=0"], 65, "no point can be measured"),
      (["--set", "units=1..10000", "--batch", "1,2"], 64, "more than 10000 points"),
      (["--batch", "1", "--resume", "x.json"], 64, "--resume"),
    ])
  func refused(arguments: [String], status: Int32, word: String) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        ["sweep", try Narrow.write(folder)] + arguments
          + ["--output", output.path(percentEncoded: false)])
      #expect(result.status == status, "\(result.error)")
      #expect(result.error.contains(word), "\(result.error)")
      #expect(!FileManager.default.fileExists(atPath: output.path(percentEncoded: false)))
    }
  }

  @Test("points that cannot be built do not stop the others")
  func failed() async throws {
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        [
          "sweep", try Narrow.write(folder), "--set", "units=0,8", "--rounds", "1", "--no-save",
          "--format", "json",
        ] + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      let sweep = try Self.decode(result.output)
      #expect(sweep.points.map(\.state) == [.failed, .measured])
      #expect(sweep.points[0].reason?.contains("narrow.xml:") == true)
    }
  }
}
