import Foundation
import Profiling
import Testing

/// `--tuning auto`: the first run tries, the next one remembers, and both say so.
@Suite("Auto tuning", .serialized)
struct AutoTuningCommandTests {
  private static func network(in folder: URL) throws -> String {
    let text = """
      <topology name="small" version="1">
        <input name="x" shape="1x16x24x24" layout="nchw"/>
        <layer name="a"><conv filters="32" kernel="3" padding="same"/><activation kind="relu"/></layer>
        <layer name="b"><conv filters="32" kernel="1"/><add with="a"/></layer>
        <layer name="c"><conv filters="8" kernel="3"/></layer>
      </topology>
      """
    let file = folder.appending(path: "small.xml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path(percentEncoded: false)
  }

  private static func run(
    _ arguments: [String], cache: URL
  ) async throws -> (status: Int32, output: String, error: String) {
    let result = try await Tool.run(
      arguments + ["--threads", "1", "--counters", "none", "--quiet"],
      environment: ["XDG_CACHE_HOME": cache.path(percentEncoded: false)])
    return (result.status, result.output, result.error)
  }

  private static func profile(
    _ topology: String, cache: URL, _ more: [String] = []
  ) async throws -> RunRecord {
    let result = try await run(
      ["profile", topology, "--iterations", "6", "--warmup", "1", "--no-save", "--format", "json"]
        + more, cache: cache)
    #expect(result.status == 0, "\(result.error)")
    #expect(try SchemaTests.errors(result.output, "record") == [])
    return try RecordCoding.decode(Array(result.output.utf8))
  }

  private static func choices(_ record: RunRecord) -> Set<TuningSource> {
    Set(record.layers.flatMap(\.primitives).compactMap(\.tuning))
  }

  @Test("a first run searches, the next remembers, and fast does neither")
  func remembering() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.network(in: folder)
      let cache = try SearchCommandTests.makeCache(in: folder)
      let guessed = try await Self.profile(topology, cache: cache, ["--tuning-budget", "0"])
      #expect(guessed.options.tuning == "auto" && guessed.options.tuningBudget == 0)
      #expect(Self.choices(guessed) == [.guessed])
      let first = try await Self.profile(topology, cache: cache, ["--tuning-budget", "60"])
      #expect(Self.choices(first) == [.searched])
      let second = try await Self.profile(topology, cache: cache)
      #expect(Self.choices(second) == [.remembered])
      #expect(second.options.tuningBudget == 2)
      #expect(
        first.layers.map { $0.primitives.map(\.formats) }
          == second.layers.map { $0.primitives.map(\.formats) })
      let comparable = Comparability(baseline: first, candidate: second)
      #expect(!comparable.reasons.contains { $0.hasPrefix("plans:") })
      let fast = try await Self.profile(topology, cache: cache, ["--tuning", "fast", "--exact"])
      #expect(Self.choices(fast) == [] && fast.options.exact == true)
      #expect(fast.options.tuningBudget == nil)
      let table = try await Self.run(
        ["profile", topology, "--iterations", "6", "--no-save", "--format", "table"], cache: cache)
      #expect(table.output.contains("tuning auto: of 3 implementations 3 remembered"))
    }
  }

  /// What is decided for a comparison is decided for all of its processes, so that a network compared
  /// with itself runs as itself, whatever was remembered before.
  @Test("all processes of a comparison and of a sweep run one plan")
  func onePlan() async throws {
    try await Tool.withFolder { folder in
      let topology = try Self.network(in: folder)
      let cache = try SearchCommandTests.makeCache(in: folder)
      for processes in ["1", "2"] {
        let diff = try await Self.run(
          ["diff", topology, topology, "--processes", processes, "--iterations", "6"]
            + ["--tuning-budget", "0.05", "--format", "json", "--no-save"], cache: cache)
        #expect(diff.status == 0, "\(diff.error)")
        #expect(!diff.output.contains("plans:"))
      }
      let sweep = try await Tool.run(
        ["sweep", topology, "--batch", "1,2", "--threads", "1", "--rounds", "2", "--iterations"]
          + ["6", "--format", "json", "--no-save", "--quiet"],
        environment: ["XDG_CACHE_HOME": cache.path(percentEncoded: false)])
      #expect(sweep.status == 0, "\(sweep.error)")
      #expect(sweep.output.contains("\"--tuning-budget\""))
    }
  }
}
