import Foundation
import Profiling
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Runs of `--counters simulated`, and what they leave behind.
enum SimulatedRuns {
  static let topology = """
    <?xml version="1.0" encoding="UTF-8"?>
    <topology name="simulated" version="1">
      <input name="image" shape="1x64x112x112" layout="nchw"/>
      <input name="features" shape="1x512" layout="nc"/>
      <input name="sequence" shape="2x1x512" layout="tnc"/>
      <layer name="relu" inputs="image"><activation kind="relu"/></layer>
      <marker action="start" name="products"/>
      <layer name="fc" inputs="features"><fc units="2048"/></layer>
      <layer name="lstm" inputs="sequence"><lstm hidden="512"/></layer>
      <marker action="stop" name="products"/>
    </topology>
    """

  static let hasValgrind = ["/usr/bin", "/usr/local/bin", "/bin"]
    .contains { access("\($0)/valgrind", X_OK) == 0 }

  static func write(_ folder: URL) throws -> String {
    let file = folder.appending(path: "topology.xml")
    try topology.write(to: file, atomically: true, encoding: .utf8)
    return file.path(percentEncoded: false)
  }

  static func arguments(_ path: String) -> [String] {
    ["profile", path, "--counters", "simulated", "--threads", "1", "--iterations", "3"]
  }

  /// Profiles the topology with all layers selected; later arguments overrule that.
  static func record(_ more: [String], environment: [String: String] = [:]) async throws
    -> RunRecord
  {
    try await Tool.withFolder { folder in
      let layers = more.contains("--layers") ? [] : ["--layers", "all"]
      let result = try await Tool.run(
        arguments(try write(folder)) + layers + more + [
          "--no-save", "--format", "json", "--quiet",
        ],
        environment: environment)
      #expect(result.status == 0, "\(result.error)")
      #expect(result.error.isEmpty, "\(result.error)")
      return try RecordCoding.decode(Array(result.output.utf8))
    }
  }

  /// Starts a run whose record goes to `folder`.
  static func start(in folder: URL) async throws -> Running {
    try await Running.start(
      arguments(try write(folder))
        + ["--layers", "all", "--format", "json", "--output", folder.path(percentEncoded: false)])
  }

  /// Waits for the first child of a process and gives its number.
  static func child(of parent: Int32) async throws -> Int32 {
    try await Waiting.value(of: "a child of process \(parent)") {
      for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
        guard let id = Int32(name),
          let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
          let end = text.lastIndex(of: ")")
        else { continue }
        // One that has ended and was not waited for takes no signal any more.
        let fields = text[end...].split(separator: " ")
        if fields.count > 2, fields[2] == "\(parent)", fields[1] != "Z" { return id }
      }
      return nil
    }
  }

  /// Waits for the end of a process; a child without parent shows up in `/proc` until reaped.
  static func expectGone(_ id: Int32) async throws {
    try await Waiting.until("the end of process \(id)") {
      guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return true }
      return text[end...].hasPrefix(") Z")
    }
  }

  /// The summaries of `ByHand/by_hand.c`, by part, with all nine columns.
  static func byHand(_ arguments: [String], caches: [MachineInfo.Cache]) async throws
    -> [String: [Double]]
  {
    try await Tool.withFolder { folder in
      let source = Tool.root.appending(path: "Tests/CommandTests/ByHand/by_hand.c")
      let program = folder.appending(path: "by_hand").path(percentEncoded: false)
      let headers = Tool.root.appending(path: "Sources/CDNNL").path(percentEncoded: false)
      let compiled = try await Subprocess.run(
        .name("cc"),
        arguments: Arguments(
          ["-O1", "-I", headers] + (try libraryOptions()) + [
            "-o", program, source.path(percentEncoded: false), "-ldnnl",
          ]),
        output: .discarded, error: .string(limit: 1 << 20))
      try #require(compiled.terminationStatus.isSuccess, "\(compiled.standardError)")
      func option(_ name: String, _ level: Int, _ kind: String) throws -> String {
        let cache = try #require(caches.first { $0.level == level && $0.kind == kind })
        return "--\(name)=\(cache.bytes),\(cache.ways ?? 8),\(cache.line)"
      }
      let last = try #require(caches.map(\.level).max())
      let dump = folder.appending(path: "dump").path(percentEncoded: false)
      let result = try await Subprocess.run(
        .name("valgrind"),
        arguments: Arguments(
          [
            "-q", "--vgdb=no", "--tool=callgrind", "--instr-atstart=no", "--cache-sim=yes",
            "--combine-dumps=yes", try option("I1", 1, "instruction"), try option("D1", 1, "data"),
            try option("LL", last, "unified"), "--callgrind-out-file=\(dump)", program,
          ] + arguments),
        environment: .inherit.updating(["OMP_NUM_THREADS": "1"]), output: .discarded,
        error: .string(limit: 1 << 20))
      try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
      return summaries(try String(contentsOfFile: dump, encoding: .utf8))
    }
  }

  /// Makes a compiler take the oneDNN that this process has loaded.
  private static func libraryOptions() throws -> [String] {
    // Foundation reads only the first page of such a file as a string.
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/maps"))
    let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    let line = try #require(maps.split(separator: "\n").first { $0.contains("/libdnnl.so") })
    let library = URL(filePath: String(line[try #require(line.firstIndex(of: "/"))...]))
    let folder = library.deletingLastPathComponent().path(percentEncoded: false)
    return ["-I\(folder)/../include", "-L\(folder)", "-Wl,-rpath,\(folder)"]
  }

  private static func summaries(_ dump: String) -> [String: [Double]] {
    var found: [String: [Double]] = [:]
    var name = ""
    for line in dump.split(separator: "\n") {
      if line.hasPrefix("desc: Trigger:") {
        name = line.split(separator: " ").last.map(String.init) ?? ""
      }
      if line.hasPrefix("summary:") {
        let values = line.dropFirst(8).split(separator: " ").compactMap { Double($0) }
        found[name] = values + [Double](repeating: 0, count: max(0, 9 - values.count))
      }
    }
    return found
  }
}
