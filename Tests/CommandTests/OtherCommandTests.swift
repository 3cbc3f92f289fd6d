import Foundation
import Profiling
import Testing

/// `show`, `check`, `diff`, `machine` end to end.
@Suite("Other commands")
struct OtherCommandTests {
  @Test("show prints shapes and costs and measures nothing")
  func show() async throws {
    let table = try await Tool.run(["show", Tool.topology("alexnet")])
    #expect(table.status == 0, "\(table.error)")
    #expect(table.output.contains("1x64x55x55"))
    let json = try await Tool.run(["show", Tool.topology("alexnet"), "--format", "json"])
    let record = try RecordCoding.decode(Array(json.output.utf8))
    #expect(record.endToEnd == nil && record.timedPass == nil && record.unattributed == nil)
    #expect(record.layers.allSatisfy { $0.time == nil && $0.bound == nil && $0.counters == nil })
    #expect(record.totals.parameters == 61_100_840)
  }

  @Test("--batch scales MACs and leaves parameters alone")
  func batch() async throws {
    func totals(_ batch: String) async throws -> Totals {
      let result = try await Tool.run(
        ["show", Tool.topology("resnet18"), "--format", "json", "--batch", batch])
      return try RecordCoding.decode(Array(result.output.utf8)).totals
    }
    let one = try await totals("1")
    let four = try await totals("4")
    #expect(four.macs == 4 * one.macs && four.parameters == one.parameters)
  }

  @Test("check names every file; the worst status wins")
  func check() async throws {
    let good = try await Tool.run(["check", Tool.topology("vgg16"), Tool.topology("deepspeech")])
    #expect(good.status == 0 && good.output.split(separator: "\n").count == 2)
    let mixed = try await Tool.run(["check", Tool.topology("vgg16"), "/nowhere.xml"])
    #expect(mixed.status == 66 && mixed.output.contains("vgg16") && mixed.error.contains("nowhere"))
  }

  @Test("diff of two variants: aligned layers, the right sign, fewer FLOP and bytes")
  func diff() async throws {
    let result = try await Tool.run([
      "diff", Tool.topology("deepspeech"), Tool.topology("deepspeech"), "--set", "hidden=256",
      "--candidate-set", "hidden=128", "--threads", "1", "--iterations", "20", "--no-save",
      "--format", "json", "--quiet", "--processes", "4",
    ])
    #expect(result.status == 0, "\(result.error)")
    let diff = try RecordCoding.decodeDiff(Array(result.output.utf8))
    #expect(diff.layers.map(\.baseline) == diff.layers.map(\.candidate))
    let lstm = try #require(diff.layers.first { $0.baseline == "bilstm" })
    #expect(lstm.change == .resized)
    #expect((lstm.difference.percent ?? 0) < 0)
    #expect((lstm.flops?.candidate ?? 0) < (lstm.flops?.baseline ?? 0))
    #expect(diff.endToEnd?.verdict == .faster)
    #expect((diff.endToEnd?.percent ?? 0) < -20)
  }

  @Test("a diff that measures keeps both records beside the comparison")
  func diffSaves() async throws {
    try await Tool.withFolder { folder in
      let result = try await Tool.run([
        "diff", Tool.topology("deepspeech"), Tool.topology("deepspeech-0.9"), "--set", "hidden=64",
        "--threads", "1", "--iterations", "6", "--processes", "2", "--format", "csv", "--output",
        folder.path(percentEncoded: false),
      ])
      #expect(result.status == 0, "\(result.error)")
      let names = try Tool.contents(folder)
      #expect(names.count == 3)
      for role in ["-baseline-", "-candidate-"] {
        let name = try #require(names.first { $0.contains(role) })
        let bytes = try Data(contentsOf: folder.appending(path: name))
        #expect(try RecordCoding.decode(Array(bytes)).endToEnd?.time.count == 2)
      }
    }
  }

  @Test("diff of records is a function of the files; --gate sets the status")
  func gate() async throws {
    try await Tool.withFolder { folder in
      func record(_ hidden: Int) async throws -> String {
        let sub = folder.appending(path: "h\(hidden)")
        let result = try await Tool.run([
          "profile", Tool.topology("deepspeech"), "--set", "hidden=\(hidden)", "--threads", "1",
          "--iterations", "20", "--processes", "5", "--format", "json", "--output",
          sub.path(percentEncoded: false),
        ])
        #expect(result.status == 0)
        let name = try #require(try Tool.contents(sub).first)
        return sub.appending(path: name).path(percentEncoded: false)
      }
      let large = try await record(256)
      let small = try await record(64)
      let slower = try await Tool.run([
        "diff", small, large, "--gate", "5", "--no-save", "--format", "table",
      ])
      #expect(slower.status == 1, "\(slower.error)")
      #expect(slower.error.contains("gate: end to end +"), "\(slower.error)")
      #expect(slower.output.contains("gate: beyond 5"), "\(slower.output)")
      let faster = try await Tool.run([
        "diff", large, small, "--gate", "5", "--no-save", "--format", "table",
      ])
      #expect(faster.status == 0, "\(faster.error)")
      let again = try await Tool.run(["diff", large, small, "--no-save", "--format", "table"])
      let gate = faster.output.split(separator: "\n").filter { $0.hasPrefix("gate: within 5") }
      #expect(gate.count == 1, "\(faster.output)")
      #expect(!again.output.contains("gate:"))

      // A record that was interrupted long ago does not interrupt this command.
      var text = try String(contentsOfFile: small, encoding: .utf8)
      text.replace("\"interrupted\": false", with: "\"interrupted\": true")
      let partial = folder.appending(path: "partial.json").path(percentEncoded: false)
      try text.write(toFile: partial, atomically: true, encoding: .utf8)
      let old = try await Tool.run([
        "diff", partial, large, "--gate", "5", "--no-save", "--format", "table",
      ])
      #expect(old.status == 2, "\(old.error)")
      #expect(old.output.contains("interrupted"))

      // Layers and segments have gates of their own.
      let layer = try await Tool.run([
        "diff", small, large, "--gate", "5", "--gate-layers", "bilstm,@rnn", "--no-save",
        "--format",
        "json",
      ])
      #expect(layer.status == 1, "\(layer.error)")
      #expect(try SchemaTests.errors(layer.output, "diff") == [])
      let asked = try RecordCoding.decodeDiff(Array(layer.output.utf8)).gate
      #expect(asked?.result == .beyond && asked?.layers == "bilstm,@rnn" && asked?.percent == 5)
      let unknown = try await Tool.run([
        "diff", small, large, "--gate", "5", "--gate-layers", "nosuch", "--no-save", "--format",
        "csv",
      ])
      #expect(unknown.status == 64 && unknown.error.contains("layer nosuch"), "\(unknown.error)")

      // A gate that cannot decide does not pass.
      let shown = folder.appending(path: "shown.json").path(percentEncoded: false)
      let show = try await Tool.run(["show", Tool.topology("deepspeech"), "--format", "json"])
      try show.output.write(toFile: shown, atomically: true, encoding: .utf8)
      let blind = try await Tool.run([
        "diff", small, shown, "--gate", "5", "--no-save", "--format", "table",
      ])
      #expect(blind.status == 2, "\(blind.error)")
      #expect(blind.error.contains("gate: cannot tell"), "\(blind.error)")
    }
  }

  @Test("machine names every counter source, and why one is missing")
  func machine() async throws {
    let result = try await Tool.run(["machine", "--threads", "1", "--format", "json"])
    #expect(result.status == 0, "\(result.error)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(
      object["cpu"] is String && object["caches"] is [Any] && object["rooflines"] is [String: Any])
    let sources = try #require(object["sources"] as? [[String: Any]])
    #expect(
      Set(sources.compactMap { $0["name"] as? String })
        == ["papi", "perf", "software", "simulated", "estimated"])
    for source in sources where source["available"] as? Bool == false {
      #expect((source["reason"] as? String)?.isEmpty == false)
      #expect((source["remedy"] as? String)?.isEmpty == false)
    }
    let table = try await Tool.run(["machine", "--threads", "1"])
    #expect(table.output.contains("papi") && table.output.contains("GB/s"))
  }

  @Test("a record that is none gets one clear error")
  func foreign() async throws {
    try await Tool.withFolder { folder in
      for (text, word) in [
        ("{\"a\": 1}", "schema"), ("{\"schema\": \"ntprof.rec", "JSON"), ("", "empty"),
      ] {
        let file = folder.appending(path: "r.json")
        try Data(text.utf8).write(to: file)
        let result = try await Tool.run([
          "report", file.path(percentEncoded: false), "--format", "table",
        ])
        #expect(result.status == 65)
        #expect(result.error.lowercased().contains(word.lowercased()), "\(result.error)")
      }
    }
  }

  @Test("help")
  func help() async throws {
    let help = try await Tool.run(["--help"])
    #expect(
      help.status == 0 && help.output.contains("profile") && help.output.contains("Exit status"))
  }
}

/// `show` with roofs that are kept.
@Suite struct ShowCommandTests {
  @Test func roofsPredictBounds() async throws {
    try await Tool.withFolder { folder in
      let environment = ["XDG_CACHE_HOME": folder.path(percentEncoded: false)]
      let arguments = ["show", Tool.topology("alexnet"), "--threads", "1", "--format", "json"]
      let before = try await Tool.run(arguments, environment: environment)
      #expect(before.status == 0 && before.error.contains("next: ntprof machine --threads 1"))
      let unknown = try RecordCoding.decode(Array(before.output.utf8))
      #expect(unknown.predictedNs == nil && unknown.options.threads == 1)
      let machine = try await Tool.run(["machine", "--threads", "1"], environment: environment)
      #expect(machine.status == 0)
      let after = try await Tool.run(arguments, environment: environment)
      // Roofs of a disturbed machine are not kept.
      guard !machine.error.contains("are not kept") else { return }
      #expect(after.status == 0 && after.error == "")
      let known = try RecordCoding.decode(Array(after.output.utf8))
      #expect(known.layers.allSatisfy { ($0.predicted?.leastNs ?? 0) > 0 })
      #expect(known.layers.first { $0.name == "fc6" }?.predicted?.class == .memory)
    }
  }
}
