import Foundation
import Profiling
import TestSupport
import Testing

/// What `profile` predicts of its memory before it allocates any, and what it takes.
@Suite("Predicted memory", .serialized)
struct PredictedMemoryTests {
  /// Where the program itself is most of it: its code that is touched differs from build to build.
  private static let allowance = 32 << 20

  private func expectPrediction(_ arguments: [String]) async throws {
    let record = try await ProfileTests.record(
      arguments + ["--threads", "1", "--iterations", "2", "--warmup", "1", "--counters", "none"])
    let predicted = try #require(record.predictedMemoryBytes)
    let peak = try #require(record.peakMemoryBytes)
    #expect(
      abs(predicted - peak) <= max(peak / 5, Self.allowance),
      "\(arguments): \(predicted) predicted, \(peak) taken")
  }

  @Test(
    "it is right within 20 %, or 32 MiB",
    arguments: [
      ["squeezenet-1.1"], ["squeezenet-1.1", "--precision", "int8"],
      ["squeezenet-1.1", "--batch", "16"], ["squeezenet-1.1", "--tuning", "search"],
      ["deepspeech", "--set", "hidden=1024"],
    ])
  func networks(_ words: [String]) async throws {
    let tuning = words.contains("--tuning") ? [] : ["--tuning", "fast"]
    try await expectPrediction([Tool.topology(words[0])] + words.dropFirst() + tuning)
  }

  /// Large beside the program: 64 MiB of weights, for several rows once more while they are packed.
  @Test(
    "so it is where one layer's weights are most of it",
    arguments: [("f32", 1), ("f32", 8), ("int8", 1)])
  func weights(_ precision: String, batch: Int) async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "wide.xml")
      try """
      <topology name="wide" version="1"><input name="x" shape="1x4096" layout="nc"/>
      <layer name="a"><fc units="4096"/></layer></topology>
      """.write(to: file, atomically: true, encoding: .utf8)
      try await expectPrediction(
        [file.path(percentEncoded: false), "--tuning", "fast", "--precision", precision]
          + ["--batch", "\(batch)"])
    }
  }
}
