import Foundation
import Machine
import Profiling
import Session
import TestSupport
import Testing

// The example of the documentation begins.
/// The three layers of a network that take longest, and their share of a pass.
func costliestLayers(of file: String) throws -> [String] {
  var settings = RunSettings(NetworkSettings(file, batch: 1))
  settings.measurement.threads = 1
  settings.measurement.iterations = 10
  settings.measurement.counters = "none"
  settings.measurement.planning.askedTuning = "fast"
  let record = try ProfileSession(settings, observer: Progress()).run().record
  return record.layers.sorted { ($0.share ?? 0) > ($1.share ?? 0) }.prefix(3)
    .map { "\($0.name): \(Int(($0.share ?? 0) * 100)) %" }
}

/// Is told how the run gets on.
struct Progress: SessionObserver {
  func progress(_ text: @autoclosure () -> String) {}
  func progressEnded() {}
  func note(_ text: String) { print("note: \(text)") }
}
// The example of the documentation ends.

/// The library as its documentation shows it.
@Suite("The library's example", .serialized) struct ExampleTests {
  @Test("the example of the documentation runs")
  func example() throws {
    defer { try? FloatingPointMode.setFlushToZero(false, threads: 1) }
    let file = RepositoryFiles.root.appending(path: "topologies/squeezenet-1.1.xml")
    let layers = try costliestLayers(of: file.path(percentEncoded: false))
    #expect(layers.count == 3 && layers.allSatisfy { $0.hasSuffix(" %") })
    #expect(Set(layers).count == 3)
  }

  @Test("the documentation shows the code of this file")
  func sameCode() throws {
    let page = try String(
      contentsOf: RepositoryFiles.root.appending(path: "Sources/Session/Session.docc/Session.md"),
      encoding: .utf8)
    let own = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let begin = try #require(own.firstRange(of: "// The example of the documentation begins.\n"))
    let end = try #require(own.firstRange(of: "// The example of the documentation ends."))
    let code = own[begin.upperBound..<end.lowerBound]
    #expect(page.contains("```swift\nimport Profiling\nimport Session\n\n\(code)```"))
  }

  @Test("the time of measuring is that of passes: roofs beside them take none of it")
  func timeOfMeasuring() throws {
    defer { try? FloatingPointMode.setFlushToZero(false, threads: 1) }
    let file = RepositoryFiles.root.appending(path: "topologies/squeezenet-1.1.xml")
    var network = NetworkSettings(file.path(percentEncoded: false))
    network.assignments = [Assignment(name: "resolution", value: 64)]
    var settings = RunSettings(network)
    settings.measurement.threads = 1
    settings.measurement.counters = "none"
    settings.measurement.planning.askedTuning = "fast"
    // The roofs' memory alone takes longer to touch.
    settings.measurement.time = 0.05
    let record = try ProfileSession(settings, observer: Progress()).run().record
    #expect((record.endToEnd?.disturbance?.pairs ?? 0) >= 3)
  }

  @Test("a record names the program that used the library")
  func command() throws {
    defer { try? FloatingPointMode.setFlushToZero(false, threads: 1) }
    let file = RepositoryFiles.root.appending(path: "topologies/squeezenet-1.1.xml")
    var settings = RunSettings(NetworkSettings(file.path(percentEncoded: false), batch: 1))
    settings.measurement.threads = 1
    settings.measurement.iterations = 1
    settings.measurement.counters = "none"
    settings.measurement.planning.askedTuning = "fast"
    let record = try ProfileSession(settings, observer: Progress()).run().record
    #expect(record.command.first == URL(filePath: ChildProcess.ownProgram).lastPathComponent)
    #expect(record.command.first != "ntprof" && record.tool.name == "ntprof")
  }

  @Test("what cannot be run is refused before anything runs, with the status of its kind")
  func failures() throws {
    let missing = RunSettings(NetworkSettings("/no/such/network.xml"))
    let failure = #expect(throws: Failure.self) { try ProfileSession(missing) }
    #expect(failure?.status == 66)
    var strange = RunSettings(
      NetworkSettings(
        RepositoryFiles.root.appending(path: "topologies/deepspeech.xml")
          .path(percentEncoded: false)))
    strange.measurement.layers = "no-such-layer"
    #expect(throws: Failure.self) { try ProfileSession(strange) }
    // What a plan needs is known before one is made, for the tuning that is asked for.
    var large = RunSettings(
      NetworkSettings(
        RepositoryFiles.root.appending(path: "topologies/vgg16.xml").path(percentEncoded: false)))
    large.measurement.planning.memoryLimit = 1 << 20
    let refusal = #expect(throws: Failure.self) { try ProfileSession(large) }
    #expect(refusal?.message.contains("--memory-limit allows 1 MiB") == true)
  }
}
