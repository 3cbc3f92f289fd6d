import Foundation
import Profiling
import Testing

/// `diff` of records of several machines, as a user runs it.
@Suite("diff across machines", .serialized)
struct HardwareCommandTests {
  private static let quick = ["--iterations", "8", "--warmup", "1", "--threads", "1"]

  /// A record of here, and the same as another machine would have made it.
  private func records(
    in folder: URL, change: (inout RunRecord) -> Void = { _ in }
  ) async throws -> [String] {
    let topology = try Narrow.write(folder)
    let result = try await Tool.run(
      ["profile", topology, "--no-save", "--format", "json", "--counters", "none"] + Self.quick)
    #expect(result.status == 0, "\(result.error)")
    let here = try RecordCoding.decode(Array(result.output.utf8))
    var there = here
    there.machine.cpu = "Another CPU"
    there.machine.isa = "sse41"
    change(&there)
    return try [("here", here), ("there", there)].map { name, record in
      let file = folder.appending(path: "\(name).json")
      try Data(RecordCoding.encode(record)).write(to: file)
      return file.path(percentEncoded: false)
    }
  }

  @Test("machines are the default where CPUs differ; the document is valid and renders again")
  func byDefault() async throws {
    try await Tool.withFolder { folder in
      let paths = try await records(in: folder)
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        ["diff"] + paths + ["--output", output.path(percentEncoded: false)])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("B/A") && result.output.contains("Another CPU"))
      #expect(!result.output.contains("not comparable"))
      let files = try Tool.contents(output)
      let saved = try #require(
        files.first { $0.hasPrefix("hardware-narrow-") && $0.hasSuffix("json") })
      #expect(files.contains { $0.hasPrefix("hardware-narrow-") && $0.hasSuffix(".html") })
      let path = output.appending(path: saved)
      let text = try String(contentsOf: path, encoding: .utf8)
      #expect(try SchemaTests.errors(text, "hardware") == [])
      let made = try RecordCoding.decodeHardware(Array(text.utf8))
      #expect(made.machines[1].machine.os == made.machines[0].machine.os)
      #expect(made.layers.allSatisfy { $0.candidates[0].times?.explained != nil })
      let again = try await Tool.run(
        ["report", path.path(percentEncoded: false), "--format", "table"])
      #expect(again.status == 0 && again.output == result.output, "\(again.error)")
      let trace = try await Tool.run(
        ["report", path.path(percentEncoded: false), "--format", "trace"])
      #expect(trace.status == 64)
    }
  }

  @Test("a gate across machines says nothing: 2; --strict wants to hear that it is meant: 75")
  func gateAndStrict() async throws {
    try await Tool.withFolder { folder in
      let paths = try await records(in: folder)
      let common = ["--no-save", "--format", "json"]
      let gate = try await Tool.run(["diff"] + paths + ["--gate", "500"] + common)
      #expect(gate.status == 2 && gate.error.contains("a slower machine is no regression"))
      #expect(try SchemaTests.errors(gate.output, "hardware") == [])
      let unknown = try await Tool.run(
        ["diff"] + paths + ["--gate", "5", "--gate-layers", "zz"] + common)
      #expect(unknown.status == 64 && unknown.error.contains("neither side has layer zz"))
      let strict = try await Tool.run(["diff"] + paths + ["--strict"] + common)
      #expect(strict.status == 75 && strict.error.contains("--across-machines"))
      let meant = try await Tool.run(["diff"] + paths + ["--strict", "--across-machines"] + common)
      #expect(meant.status == 0, "\(meant.error)")
      let same = try await Tool.run(
        ["diff", paths[0], paths[0], "--across-machines", "--gate", "500"] + common)
      #expect(same.status == 2 && same.output.contains("ntprof.hardware/1"))
    }
  }

  @Test("other work, and what is no record of a machine, is refused")
  func refused() async throws {
    try await Tool.withFolder { folder in
      let paths = try await records(in: folder) { $0.options.batch = 99 }
      let batch = try await Tool.run(["diff"] + paths + ["--no-save"])
      #expect(batch.status == 65 && batch.error.contains("batch 4 against 99"), "\(batch.error)")
      #expect(batch.error.contains("the same --batch") && batch.output.isEmpty)
      let text = try String(contentsOfFile: paths[1], encoding: .utf8)
      let faults = [
        ("\"machine\"", "\"engine_room\"", "machine"),
        ("\"clock_hz\": ", "\"clock_hz\": NaN", "JSON"),
        ("\"clock_hz\": ", "\"clock_hz\": 1e99, \"was\": ", "clock_hz"),
      ]
      for (old, new, words) in faults {
        let broken = folder.appending(path: "broken.json")
        try text.replacing(old, with: new).write(to: broken, atomically: true, encoding: .utf8)
        let result = try await Tool.run(
          ["diff", paths[0], broken.path(percentEncoded: false), "--no-save"])
        #expect(result.status == 65 && result.error.contains(words), "\(new): \(result.error)")
      }
      let here = try await Tool.run(["diff", "a.xml", "b.xml", "--across-machines"])
      #expect(here.status == 64 && here.error.contains("a record of another machine"))
    }
  }

  @Test("roofs of zero explain nothing, and formats of one run show two records")
  func zeroRoofs() async throws {
    try await Tool.withFolder { folder in
      let paths = try await records(in: folder) { $0.machine.rooflines?.peakFlops.f32 = 0 }
      let result = try await Tool.run(["diff"] + paths + ["--no-save", "--format", "table"])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("B: its roofs say nothing"), "\(result.output)")
      let trace = try await Tool.run(
        ["diff"] + paths + [
          "--format", "trace", "--output", folder.path(percentEncoded: false), "--no-save",
        ])
      #expect(trace.status == 0, "\(trace.error)")
      #expect(try Tool.contents(folder).contains { $0.hasSuffix(".trace.json") })
    }
  }
}
