import Foundation
import Profiling
import Testing

/// Which files a command leaves, and what they are called.
@Suite("Delivery") struct DeliveryTests {
  private static func topology(named name: String, in folder: URL) throws -> String {
    let text = """
      <topology name="\(name)" version="1"><input name="x" shape="2x16" layout="nc"/>
      <layer name="a"><fc units="8"/></layer><layer name="r"><activation kind="relu"/></layer>
      <layer name="d"><dropout/></layer><layer name="b"><fc units="4"/></layer></topology>
      """
    let path = folder.appending(path: "small.xml").path(percentEncoded: false)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static let quick = ["--iterations", "3", "--threads", "1", "--counters", "none"]

  @Test("runs that end in the same second each keep their record")
  func simultaneous() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.topology(named: "small", in: folder)
      let output = folder.appending(path: "out")
      let arguments =
        ["profile", topology, "--format", "csv"] + Self.quick
        + ["--output", output.path(percentEncoded: false)]
      try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<6 { group.addTask { try await Tool.run(arguments).status } }
        for try await status in group { #expect(status == 0) }
      }
      let names = try Tool.contents(output)
      #expect(names.count == 6, "\(names)")
      #expect(names.allSatisfy { $0.hasPrefix("small-20") && $0.hasSuffix(".json") })
    }
  }

  @Test("a report is named after its record, and made again in the same place")
  func report() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.topology(named: "small", in: folder)
      let output = folder.appending(path: "out")
      let path = output.path(percentEncoded: false)
      let run = try await Tool.run(
        ["profile", topology, "--format", "csv", "--output", path] + Self.quick)
      #expect(run.status == 0, "\(run.error)")
      let record = try #require(try Tool.contents(output).first)
      for _ in 0..<2 {
        let again = try await Tool.run(
          ["report", "\(path)/\(record)", "--format", "html", "--output", path])
        #expect(again.status == 0, "\(again.error)")
      }
      let stem = record.dropLast(".json".count)
      #expect(try Tool.contents(output) == ["\(stem).html", record])
    }
  }

  @Test(
    "a topology's name makes a file name that every file system takes",
    arguments: [
      (String(repeating: "\u{1F9E0}", count: 120), String(repeating: "\u{1F9E0}", count: 45)),
      ("a/b\\c d", "a_b_c_d"), ("x\u{202E}y", "x_y"),
    ])
  func names(name: String, start: String) async throws {
    try await Tool.withFolder { folder in
      let output = folder.appending(path: "out")
      var record = try await ProfileTests.record(
        [Self.topology(named: "small", in: folder)] + Self.quick)
      record.topology.name = name
      let saved = folder.appending(path: "saved.json")
      try Data(RecordCoding.encode(record)).write(to: saved)
      let path = saved.path(percentEncoded: false)
      let result = try await Tool.run([
        "diff", path, path, "--format", "csv", "--output", output.path(percentEncoded: false),
      ])
      #expect(result.status == 0, "\(result.error)")
      let files = try Tool.contents(output)
      #expect(files.count == 1)
      #expect(files.first?.hasPrefix("diff-\(start.prefix(40))") == true, "\(files)")
    }
  }

  @Test("folders made for an output that cannot be are removed")
  func nothingLeft() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.topology(named: "small", in: folder)
      let deep = folder.appending(path: "made/" + String(repeating: "x", count: 300))
      let result = try await Tool.run(
        ["profile", topology, "--output", deep.path(percentEncoded: false)])
      #expect(result.status == 73, "\(result.error)")
      #expect(try Tool.contents(folder) == ["small.xml"])
    }
  }

  @Test("doubtful requests are warned of: nothing timed, too many threads, events not counted")
  func warnings() async throws {
    try await Tool.withFolder { folder in
      let record = try await ProfileTests.record(
        [Self.topology(named: "small", in: folder), "--layers", "r,d", "--threads", "512"]
          + ["--iterations", "2", "--counters", "none", "--events", "cycles"])
      let codes = Set(record.warnings.map(\.code))
      #expect(
        codes.isSuperset(of: ["nothing-timed", "oversubscribed", "events-not-counted"]), "\(codes)")
      #expect(record.layers.allSatisfy { $0.time == nil })
      // Threads that share a core take it from one another: nobody else is to blame.
      for warning in record.warnings where warning.code == "disturbed" {
        #expect(warning.message.contains("own threads"), "\(warning.message)")
        #expect(!warning.remedy.contains("other programs"), "\(warning.remedy)")
      }
    }
  }

  @Test("diff --strict says no only after it has kept what was measured")
  func strict() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.topology(named: "small", in: folder)
      var record = try await ProfileTests.record([topology] + Self.quick)
      var paths: [String] = []
      for cpu in ["One", "Another"] {
        record.machine.cpu = cpu
        let file = folder.appending(path: "\(cpu).json")
        try Data(RecordCoding.encode(record)).write(to: file)
        paths.append(file.path(percentEncoded: false))
      }
      let output = folder.appending(path: "out")
      let result = try await Tool.run(
        ["diff"] + paths + ["--strict", "--format", "table"]
          + ["--output", output.path(percentEncoded: false)])
      #expect(result.status == 75, "\(result.error)")
      #expect(result.error.contains("--strict") && result.output.contains("small"))
      #expect(try Tool.contents(output).count == 1)
    }
  }
}
