import Foundation
import Profiling
import TestSupport
import Testing

/// `ntprof advise`, on a network so small that all of it takes seconds.
@Suite("Advise", .serialized)
struct AdviseTests {
  @Test("a race, a table, a document, and a record that quotes it")
  func small() async throws {
    try await Tool.withFolder { folder in
      let text = """
        <topology name="small" version="1">
          <param name="width" value="24"/>
          <input name="x" shape="1x8x12x12" layout="nchw"/>
          <layer name="a"><conv filters="${width}" kernel="3"/><activation kind="relu"/></layer>
          <layer name="b"><fc units="10"/></layer>
        </topology>
        """
      let file = folder.appending(path: "small.xml")
      try text.write(to: file, atomically: true, encoding: .utf8)
      let topology = file.path(percentEncoded: false)
      let cache = try SearchCommandTests.makeCache(in: folder)
      let environment = ["XDG_CACHE_HOME": cache.path(percentEncoded: false)]
      let result = try await Tool.run(
        ["advise", topology, "--threads", "1", "--time", "600", "--no-save", "--quiet"]
          + ["--format", "json"], environment: environment)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "advice") == [])
      let advice = try RecordCoding.decodeAdvice(Array(result.output.utf8))
      #expect(advice.topology.parameters == ["width": 24] && advice.options.threads == 1)
      #expect(advice.rows.contains { $0.change == "--tuning fast" })
      #expect(advice.rows.contains { $0.change == "--set width=32" && $0.changesNetwork })
      #expect(advice.rows.contains { $0.change == "--precision int8" })
      let finalists = advice.rows.filter { $0.difference != nil }
      #expect(!finalists.isEmpty && advice.processes >= 1)
      #expect(finalists.allSatisfy { $0.command.hasPrefix("ntprof profile") })
      // f32 with another choice of implementations computes the same but for rounding.
      for row in advice.rows where row.kind == .tuning {
        #expect(row.cosine.map { $0 > 0.999 } ?? (row.laps == 0))
      }
      let profile = try await Tool.run(
        ["profile", topology, "--threads", "1", "--iterations", "6", "--counters", "none"]
          + ["--no-save", "--quiet", "--format", "table"], environment: environment)
      #expect(profile.status == 0, "\(profile.error)")
      let day = advice.created.prefix(10)
      #expect(profile.output.contains("measured on \(day)"), "\(profile.output)")
    }
  }

  @Test("wrong options are said before anything is measured")
  func usage() async throws {
    for (arguments, words) in [
      (["--min-cosine", "2"], "--min-cosine 2.0 is outside"), (["--time", "0"], "--time must be"),
      (["--format", "trace"], "shows no advice"),
      (["--tuning", "slow"], "is none of fast, search, auto"),
    ] {
      let result = try await Tool.run(["advise", "squeezenet-1.1"] + arguments)
      #expect(result.status == 64)
      #expect(result.error.contains(words), "\(result.error)")
    }
  }
}
