import ArgumentParser
import FoundationEssentials
import Machine
import Measuring
import Profiling
import Session
import TestSupport
import Testing

@testable import ntprof

/// What a run states of itself.
@Suite("Records of runs") struct RunRecordTests {
  /// A run of a few passes on the test's own thread, whose places stay as they are.
  private static func run(_ more: [String]) throws -> NetworkRun {
    let settings = try MeasurementOptions.parse(
      [
        "--threads", "1", "--pin", "off", "--counters", "none", "--tuning", "fast", "--warmup", "1",
      ] + more
    ).settings
    let topology = RepositoryFiles.root.appending(path: "topologies/deepspeech.xml")
    let loaded = try LoadedTopology(
      NetworkSettings(
        topology.path(percentEncoded: false), batch: nil,
        assignments: [Assignment.parse("hidden=16")]))
    let run = try NetworkRun(
      loaded, on: Bench(settings, for: [loaded.graph], observer: SilentObserver()), settings)
    try run.warmUp()
    for _ in 0..<4 { try run.takePair() }
    return run
  }

  @Test("a record states what was found, and finds nothing itself")
  func pure() throws {
    defer { try? FloatingPointMode.setFlushToZero(false, threads: 1) }
    let run = try Self.run(["--precision", "int8"])
    let found = run.findings()
    let record = run.record(of: found)
    #expect(run.record(of: found) == record)
    #expect(record.endToEnd?.outputDigest == found.outputDigest && found.outputDigest != nil)
    #expect(record.endToEnd?.cosineSimilarity == found.cosineSimilarity)
    #expect(found.cosineSimilarity != nil && found.activations?.isClean == true)
    #expect(record.overhead?.clockNs == found.clockNs && !record.interrupted)

    // As after Ctrl-C: what nothing was run for is absent, and nothing is said of it.
    var stopped = found
    (stopped.cosineSimilarity, stopped.activations, stopped.isInterrupted) = (nil, nil, true)
    let ended = run.record(of: stopped)
    #expect(ended.interrupted && ended.endToEnd?.cosineSimilarity == nil)
    #expect(!ended.warnings.contains { $0.code == "far-from-f32" })
    #expect(ended.layers.map(\.time) == record.layers.map(\.time))

    // What was found of the values is told.
    var strange = found
    strange.activations?.nan = 3
    strange.cosineSimilarity = 0.5
    let codes = run.record(of: strange).warnings.map(\.code)
    #expect(codes.contains("not-finite") && codes.contains("far-from-f32"))
    #expect(!record.warnings.contains { $0.code == "not-finite" })
  }
}
