import Foundation
import Profiling
import Testing

/// `--tuning search`: what it tries cannot hurt it.
@Suite("Search", .serialized)
struct SearchCommandTests {
  /// oneDNN 2.6.3's GRU primitives crash in some of these (any direction, both forms).
  private static func gru(_ folder: URL, _ attributes: String, batch: Int) throws -> String {
    let text = """
      <topology name="g" version="1">
        <input name="x" shape="1x\(batch)x20" layout="tnc"/>
        <layer name="r"><gru hidden="1" layers="2" \(attributes)/></layer>
      </topology>
      """
    let file = folder.appending(path: "gru.xml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path(percentEncoded: false)
  }

  /// A cache that knows the machine's roofs, if anything does, and no search.
  static func makeCache(in folder: URL) throws -> URL {
    let environment = ProcessInfo.processInfo.environment
    let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
    let known = URL(filePath: base).appending(path: "ntprof")
    let own = folder.appending(path: "ntprof")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    for name in (try? Tool.contents(known)) ?? [] where name.hasPrefix("roofs-") {
      try FileManager.default.copyItem(
        at: known.appending(path: name), to: own.appending(path: name))
    }
    return folder
  }

  private static func record(
    _ topology: String, cache: URL, _ more: [String] = []
  ) async throws -> RunRecord {
    let result = try await Tool.run(
      ["profile", topology, "--tuning", "search", "--iterations", "6", "--warmup", "1"]
        + ["--threads", "1", "--counters", "none", "--no-save", "--format", "json", "--quiet"]
        + more,
      environment: ["XDG_CACHE_HOME": cache.path(percentEncoded: false)])
    #expect(result.status == 0, "\(result.error)")
    #expect(try SchemaTests.errors(result.output, "record") == [])
    return try RecordCoding.decode(Array(result.output.utf8))
  }

  @Test(
    "an implementation that crashes is survived, listed and never chosen",
    arguments: [
      ("direction=\"bidirectional\"", 1), ("linear-before-reset=\"true\"", 2),
    ])
  func crash(attributes: String, batch: Int) async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.gru(folder, attributes, batch: batch)
      let cache = try Self.makeCache(in: folder)
      let record = try await Self.record(topology, cache: cache)
      let primitives = record.layers.flatMap(\.primitives).filter { $0.kind == "rnn" }
      #expect(!primitives.isEmpty)
      for primitive in primitives {
        let crashed = primitive.alternatives.filter { $0.fault == "crashed" }
        // 3.x has no such bug.
        if record.machine.onednn?.version == "2.6.3" { #expect(!crashed.isEmpty) }
        #expect(crashed.allSatisfy { $0.time == nil && $0.formats != primitive.formats })
      }
      let plain = try await Tool.run(
        [
          "profile", topology, "--tuning", "fast", "--iterations", "2", "--threads", "1",
          "--no-save", "--format",
          "json",
        ]
          + ["--quiet"])
      #expect(plain.status == 0, "\(plain.error)")
      let digest = try RecordCoding.decode(Array(plain.output.utf8)).endToEnd?.outputDigest
      #expect(digest == record.endToEnd?.outputDigest)
      // What crashed once is known, and not tried again.
      let again = try await Self.record(topology, cache: cache)
      #expect(
        again.layers.map { $0.primitives.map(\.alternatives) }
          == record.layers.map { $0.primitives.map(\.alternatives) })
    }
  }
}
