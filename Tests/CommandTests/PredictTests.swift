import Foundation
import Profiling
import TestSupport
import Testing

/// `ntprof predict`, as a user runs it.
@Suite("predict", .serialized)
struct PredictTests {
  private static let quick = ["--iterations", "8", "--warmup", "1", "--tuning", "fast"]
  private static let there = Tool.root.appending(path: "Tests/Fixtures/machine-zen4.json")
    .path(percentEncoded: false)

  private static func decode(_ text: String) throws -> Prediction {
    try RecordCoding.decodePrediction(Array(text.utf8))
  }

  private static func write(_ text: String, _ name: String, in folder: URL) throws -> String {
    let file = folder.appending(path: name)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path(percentEncoded: false)
  }

  /// A record of a small network on this machine.
  private static func record(
    of topology: String, threads: String = "1", in folder: URL, _ name: String = "here.json"
  ) async throws -> String {
    let made = try await Tool.run(
      [
        "profile", topology, "--no-save", "--format", "json", "--counters", "none", "--threads",
        threads,
      ]
        + quick)
    #expect(made.status == 0, "\(made.error)")
    return try write(made.output, name, in: folder)
  }

  @Test("a record and a machine's file give layers with intervals and methods, in every format")
  func whole() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let here = try await Self.record(of: topology, in: folder)
      let output = folder.appending(path: "out")
      let common = ["predict", topology, "--for", Self.there, "--from", here, "--tuning", "fast"]
      let result = try await Tool.run(
        common + ["--format", "json", "--output", output.path(percentEncoded: false)])
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "prediction") == [])
      let made = try Self.decode(result.output)
      #expect(made.target.threads == 2 && made.target.isa == "avx512_core_bf16")
      #expect(made.whole.ci95[0] < made.whole.ns && made.whole.ns < made.whole.ci95[1])
      let timed = made.layers.filter { $0.sourceNs != nil }
      #expect(!timed.isEmpty && timed.allSatisfy { $0.predicted != nil && $0.method != nil })
      let sum = timed.reduce(0) { $0 + ($1.predicted?.ns ?? 0) }
      #expect(abs(sum + made.restNs - made.whole.ns) < 1e-6 * made.whole.ns)
      #expect(!made.unknown.isEmpty)
      let saved = try #require(try Tool.contents(output).first)
      #expect(saved.hasPrefix("narrow-prediction-"))
      let path = output.appending(path: saved).path(percentEncoded: false)
      #expect(try await Tool.run(["report", path, "--format", "json"]).output == result.output)
      for format in ["table", "markdown", "csv"] {
        let text = try await Tool.run(["report", path, "--format", format])
        #expect(text.status == 0 && text.output.contains("end to end"), "\(text.error)")
      }
      let page = try await Tool.run(
        ["report", path, "--format", "html", "--output", output.path(percentEncoded: false)])
      #expect(page.status == 0, "\(page.error)")
      #expect(try Tool.contents(output).contains { $0.hasSuffix(".html") })
      #expect(try await Tool.run(["report", path, "--format", "trace"]).status == 64)
      let one = try await Tool.run(common + ["--threads", "1", "--format", "json", "--no-save"])
      #expect(try Self.decode(one.output).target.machine.rooflines?.threads == 1)
    }
  }

  @Test("without a record the network is measured here; a record of a machine is a machine")
  func onTheSpot() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let here = try await Self.record(of: topology, in: folder)
      let result = try await Tool.run(
        ["predict", topology, "--for", here, "--tuning", "fast", "--time", "0.05"]
          + ["--format", "json", "--no-save", "--quiet"])
      #expect(result.status == 0, "\(result.error)")
      let made = try Self.decode(result.output)
      #expect(made.source.options.threads == 1 && made.source.timeNs != nil)
      #expect(made.source.machine.cpu == made.target.machine.cpu && made.whole.ns > 0)
      #expect(made.layers.contains { $0.method == .roofs })
    }
  }

  @Test("this machine with other settings, by its own roofs and by records of other networks")
  func thisMachine() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let here = try await Self.record(of: topology, threads: "2", in: folder)
      let other = try Self.write(
        try String(contentsOfFile: topology, encoding: .utf8).replacing("narrow", with: "other"),
        "other.xml", in: folder)
      let pair = [
        try await Self.record(of: other, threads: "2", in: folder, "two.json"),
        try await Self.record(of: other, threads: "1", in: folder, "one.json"),
      ]
      let result = try await Tool.run(
        [
          "predict", topology, "--threads", "1", "--tuning", "fast", "--format", "json",
          "--no-save",
        ]
          + ["--from", here] + pair)
      #expect(result.status == 0, "\(result.error)")
      let made = try Self.decode(result.output)
      #expect(made.target.threads == 1 && made.source.options.threads == 2)
      #expect(made.model.networks == 1 && made.model.pairs > 0)
      #expect(made.layers.contains { $0.method == .fitted || $0.method == .efficiency })
    }
  }

  @Test("'machine' prints other roofs that are known, and bricks; these are looked up")
  func machineFile() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let environment = [
        "XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false)
      ]
      func run(_ arguments: [String]) async throws -> Tool.Outcome {
        let result = try await Tool.run(arguments, environment: environment)
        #expect(result.status == 0, "\(arguments): \(result.error)")
        return result
      }
      _ = try await run(
        ["bricks", topology, "--threads", "1", "--no-save", "--format", "json"] + Self.quick
          + ["--processes", "1"])
      let narrowed = try await run([
        "machine", "--threads", "1", "--isa", "sse41", "--format", "json",
      ])
      let text = try await run(["machine", "--threads", "1", "--bricks", "--format", "json"]).output
      #expect(try SchemaTests.errors(text, "machine") == [])
      let file = try RecordCoding.decodeMachine(Array(text.utf8))
      #expect(!file.bricks.isEmpty && file.bricks.allSatisfy { $0.threads == 1 && $0.isa == nil })
      #expect(file.machine.rooflines?.threads == 1)
      // Roofs of a disturbed machine are not kept.
      let isKept = !narrowed.error.contains("are not kept")
      #expect(file.roofs.contains { $0.isa == "sse41" && $0.rooflines.threads == 1 } == isKept)
      let there = try Self.write(text, "there.json", in: folder)
      let here = try await Self.record(of: topology, threads: "2", in: folder)
      func predict(_ more: [String]) async throws -> Prediction {
        try Self.decode(
          try await run(
            ["predict", topology, "--for", there, "--from", here, "--tuning", "fast"]
              + ["--format", "json", "--no-save"] + more
          ).output)
      }
      let made = try await predict([])
      #expect(made.layers.filter { $0.predicted != nil }.allSatisfy { $0.method == .brick })
      if isKept {
        let narrow = try await predict(["--isa", "sse41"])
        #expect(narrow.target.isa == "sse41" && narrow.layers.allSatisfy { $0.method != .brick })
      }
      // The store of a machine serves as well as its file.
      var bare = file
      (bare.bricks, bare.roofs) = ([], [])
      let plain = try Self.write(
        String(decoding: RecordCoding.encode(bare), as: UTF8.self), "plain.json", in: folder)
      let stored = try Self.decode(
        try await run(
          [
            "predict", topology, "--for", plain, "--from", here, "--tuning", "fast", "--format",
            "json",
          ]
            + ["--no-save"]
        ).output)
      #expect(stored.layers.map(\.method) == made.layers.map(\.method))
    }
  }

  @Test("what is wrong is said before anything is measured, with the documented status")
  func faults() async throws {
    try await Tool.withFolder { folder in
      let topology = try Narrow.write(folder)
      let here = try await Self.record(of: topology, in: folder)
      let text = try String(contentsOfFile: Self.there, encoding: .utf8)
      let bare = try Self.write(
        text.replacing("\"rooflines\"", with: "\"rooves\"").replacing(
          "\"roofs\"", with: "\"others\""),
        "bare.json", in: folder)
      let wrong = try Self.write(
        text.replacing("\"clock_hz\": 3", with: "\"clock_hz\": -3"), "wrong.json", in: folder)
      let cut = try Self.write(String(text.dropLast(9)), "cut.json", in: folder)
      let plain = try Self.write("x", "plain", in: folder)
      let other = try Self.write(
        try String(contentsOfFile: topology, encoding: .utf8).replacing("narrow", with: "other"),
        "other.xml", in: folder)
      for (arguments, status, words) in [
        ([], 64, "name the target"), (["--threads", "2"], 64, "can be measured"),
        (["--for", Self.there, "--threads", "0"], 64, "--threads 0"),
        (["--for", Self.there, "--isa", "none"], 64, "--isa 'none'"),
        (["--for", Self.there, "--format", "trace"], 64, "shows no prediction"),
        (["--for", Self.there, "--cache", "hot"], 64, "neither"),
        (["--for", "/nowhere.json"], 66, "nowhere"), (["--for", plain], 65, "not JSON"),
        (["--for", cut], 65, "cut"), (["--for", wrong], 65, "clock_hz"),
        (["--for", bare, "--from", here], 65, "has no roofs"),
        (["--for", plain, "--from", plain], 65, plain),
        (["--for", Self.there, "--threads", "7", "--from", here], 69, "no roofs for 7 threads"),
        (
          ["--for", Self.there, "--isa", "avx2", "--from", here], 69, "no roofs for 2 threads, avx2"
        ),
        (["--for", Self.there, "--from", here, "--store", "/nowhere"], 66, "no such folder"),
      ] as [([String], Int32, String)] {
        let result = try await Tool.run(["predict", topology, "--no-save"] + arguments)
        #expect(result.status == status, "\(arguments): \(result.error)")
        #expect(result.error.contains(words), "\(arguments): \(result.error)")
      }
      let stranger = try await Tool.run([
        "predict", other, "--threads", "2", "--from", here, "--no-save",
      ])
      #expect(stranger.status == 64 && stranger.error.contains("none of the records"))
      let bricks = try await Tool.run(["machine", "--bricks"])
      #expect(bricks.status == 64 && bricks.error.contains("--format json"))
    }
  }
}
