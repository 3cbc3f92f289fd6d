import Foundation
import Profiling
import Testing

/// What a user asks much of stays within bounds: memory of many threads, the record of many passes.
@Suite("Bounds", .serialized)
struct BoundTests {
  private static func record(_ arguments: [String]) async throws -> (RunRecord, bytes: Int) {
    try await Tool.withFolder { folder in
      let result = try await Tool.run(
        ["profile", try Narrow.write(folder), "--warmup", "0", "--counters", "none", "--no-save"]
          + ["--tuning", "fast", "--format", "json"] + arguments)
      #expect(result.status == 0, "\(result.error)")
      return (try RecordCoding.decode(Array(result.output.utf8)), result.output.utf8.count)
    }
  }

  @Test("a thousand threads take a small part of a GiB, and are warned of")
  func threads() async throws {
    let (record, bytes) = try await Self.record(["--threads", "1024", "--iterations", "2"])
    #expect(record.options.teamSize == 1024)
    let peak = try #require(record.peakMemoryBytes)
    #expect(peak < 256 << 20, "\(peak >> 20) MiB")
    #expect(bytes < 100 << 10, "\(bytes) bytes")
    #expect(record.warnings.contains { $0.code == "oversubscribed" })
  }

  @Test("the record of a long run holds a sample of its passes, and says of how many")
  func samples() async throws {
    let (record, bytes) = try await Self.record(["--threads", "1", "--iterations", "25000"])
    let whole = try #require(record.endToEnd)
    let thinning = try #require(whole.thinning)
    #expect(thinning.passes >= 25_000 && thinning.stride > 1)
    #expect((2000...10_000).contains(whole.time.count))
    // Two layers, two kinds of passes and what is between them: six rows of numbers below 10^10.
    #expect(bytes < 600 << 10, "\(bytes) bytes")
  }
}
