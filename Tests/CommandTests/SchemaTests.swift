import Foundation
import Testing
import TestSupport

/// What the command prints is what `docs/*.schema.json` say.
@Suite("Schemas of real output")
struct SchemaTests {
  static func errors(_ text: String, _ schema: String) throws -> [String] {
    let rules = try JSONSchema(JSON.parse(RepositoryFiles.bytes(of: "docs/\(schema).schema.json")))
    return rules.errors(in: try JSON.parse(Array(text.utf8)))
  }

  @Test(
    "records of profile",
    arguments: [
      ["deepspeech", "--set", "hidden=64"], ["deepspeech-e2e", "--set", "hidden=64"],
      ["deepspeech", "--set", "hidden=64", "--layers", "fc1..fc2", "--counters", "software"],
      ["deepspeech", "--set", "hidden=64", "--counters", "none", "--no-fusion", "--batch", "2"],
      ["mobilenet-v1", "--set", "alpha=1"], ["resnet18"],
    ])
  func records(arguments: [String]) async throws {
    let result = try await Tool.run(
      ["profile", Tool.topology(arguments[0])] + arguments.dropFirst()
        + ["--threads", "1", "--iterations", "6", "--no-save", "--format", "json"])
    #expect(result.status == 0, "\(result.error)")
    #expect(try Self.errors(result.output, "record") == [])
  }

  @Test("records with simulated events", .enabled(if: SimulatedRuns.hasValgrind))
  func simulated() async throws {
    try await Tool.withFolder { folder in
      let path = try SimulatedRuns.write(folder)
      let result = try await Tool.run(
        SimulatedRuns.arguments(path) + ["--layers", "fc", "--no-save", "--format", "json"])
      #expect(result.status == 0, "\(result.error)")
      #expect(result.output.contains("simulated_implementations"))
      #expect(try Self.errors(result.output, "record") == [])
    }
  }

  @Test("records of show", arguments: ["alexnet", "deepspeech"])
  func shown(name: String) async throws {
    let result = try await Tool.run(["show", Tool.topology(name), "--format", "json"])
    #expect(try Self.errors(result.output, "record") == [])
  }

  @Test("documents of diff")
  func diff() async throws {
    let result = try await Tool.run([
      "diff", Tool.topology("deepspeech"), Tool.topology("deepspeech-0.9"), "--set", "hidden=64",
      "--threads", "1", "--iterations", "8", "--no-save", "--format", "json", "--processes", "2",
    ])
    #expect(result.status == 0, "\(result.error)")
    #expect(try Self.errors(result.output, "diff") == [])
  }
}
