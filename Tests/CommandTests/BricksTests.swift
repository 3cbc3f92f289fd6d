import Foundation
import Profiling
import TestSupport
import Testing

/// `ntprof bricks`, on networks so small that all of it takes seconds.
@Suite("bricks", .serialized)
struct BricksTests {
  private static let quick = [
    "--iterations", "6", "--warmup", "1", "--threads", "1", "--processes", "1",
  ]

  /// A network of two equal layers and one of another kind, with a residual, and one that shares a layer.
  private static func write(_ folder: URL) throws -> [String] {
    let texts = [
      "secret": """
      <topology name="secret" version="1"><input name="hidden-input" shape="1x8x10x10"/>
      <layer name="one"><conv filters="8" kernel="3" padding="same"/><activation kind="relu"/></layer>
      <layer name="two"><conv filters="8" kernel="3" padding="same"/><activation kind="relu"/></layer>
      <layer name="join" inputs="two one"><add/></layer>
      <layer name="flat"><flatten/></layer>
      <layer name="last"><fc units="10"/><softmax/></layer></topology>
      """,
      "other": """
      <topology name="other" version="1"><input name="x" shape="1x8x10x10"/>
      <layer name="first"><conv filters="8" kernel="3x3" padding="same"/><activation kind="relu"/></layer>
      </topology>
      """,
    ]
    return try ["secret", "other"].map { name in
      let file = folder.appending(path: "\(name).xml")
      try (texts[name] ?? "").write(to: file, atomically: true, encoding: .utf8)
      return file.path(percentEncoded: false)
    }
  }

  private static func decode(_ text: String) throws -> Bricks {
    try RecordCoding.decodeBricks(Array(text.utf8))
  }

  @Test(
    "bricks are measured once, networks predicted and compared; the store knows them afterwards")
  func whole() async throws {
    try await Tool.withFolder { folder in
      let files = try Self.write(folder)
      let store = folder.appending(path: "store")
      let output = folder.appending(path: "out")
      let common =
        ["bricks"] + files + Self.quick
        + ["--store", store.path(percentEncoded: false), "--format", "json"]
        + ["--output", output.path(percentEncoded: false)]
      let first = try await Tool.run(common + ["--measure"])
      #expect(first.status == 0, "\(first.error)")
      #expect(try SchemaTests.errors(first.output, "bricks") == [])
      let bricks = try Self.decode(first.output)
      #expect(bricks.bricks.allSatisfy { $0.state == .measured && $0.timing != nil })
      let shared = try #require(bricks.bricks.first)
      #expect(shared.kinds.first == "conv" && shared.uses >= 2 && shared.networks == 2)
      for network in bricks.networks {
        let sum = network.parts.reduce(0) { $0 + ($1.ns ?? 0) }
        let sequential = try #require(network.sequentialNs)
        #expect(abs(sum - sequential) < 1e-6 * sum && sum > 0)
        #expect(try #require(network.criticalNs) <= sequential)
        #expect(network.measured != nil && network.errorPercent != nil)
      }
      #expect(bricks.summary.compared == 2 && bricks.summary.worst != nil)
      #expect(try Tool.contents(store).count == bricks.bricks.count)
      let saved = try Tool.contents(output)
      #expect(saved.count == 1 && saved[0].hasPrefix("bricks-"), "\(saved)")
      let path = output.appending(path: saved[0]).path(percentEncoded: false)
      let again = try await Tool.run(["report", path, "--format", "json"])
      #expect(again.output == first.output)
      let table = try await Tool.run(["report", path, "--format", "table"])
      #expect(table.output.contains("critical path") && table.output.contains(shared.id))

      let second = try Self.decode(try await Tool.run(common).output)
      #expect(second.bricks.allSatisfy { $0.state == .stored })
      #expect(second.bricks.map(\.timing) == bricks.bricks.map(\.timing))
      #expect(second.networks[0].sequentialNs == bricks.networks[0].sequentialNs)
      // Another way to run them is another key.
      let cold = try Self.decode(try await Tool.run(common + ["--cache", "cold"]).output)
      #expect(cold.bricks.allSatisfy { $0.state == .measured })
    }
  }

  @Test("every brick and network is measured by several processes, of which some may be known")
  func processes() async throws {
    try await Tool.withFolder { folder in
      let files = try Self.write(folder)
      let store = folder.appending(path: "store").path(percentEncoded: false)
      let common = ["bricks"] + files + Self.quick.dropLast(2) + ["--store", store, "--no-save"]
      let one = try Self.decode(
        try await Tool.run(common + ["--processes", "1", "--format", "json"]).output)
      #expect(one.bricks.allSatisfy { $0.timing?.processes == nil && $0.state == .measured })
      let result = try await Tool.run(
        common + ["--processes", "3", "--measure", "--format", "json"])
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "bricks") == [])
      let three = try Self.decode(result.output)
      #expect(three.options.processes == 3 && three.bricks.allSatisfy { $0.state == .measured })
      for (before, after) in zip(one.bricks, three.bricks) {
        let timing = try #require(after.timing)
        #expect(timing.measured.count == 3)
        // The one that was known is one of them.
        #expect(timing.measured[0].ns == before.timing?.ns)
        #expect(timing.ns == timing.measured.map(\.ns).sorted()[1])
      }
      for network in three.networks {
        let range = try #require(network.sequentialRangeNs)
        let sum = try #require(network.sequentialNs)
        #expect(range[0] <= sum && sum <= range[1])
        let whole = try #require(network.measured)
        #expect(whole.processesNs?.count == 3)
        #expect(whole.processesNs?.sorted()[1] == whole.ns)
      }
      // Fewer are known then, and more are not.
      let known = try Self.decode(
        try await Tool.run(common + ["--processes", "2", "--format", "json"]).output)
      #expect(known.bricks.allSatisfy { $0.state == .stored && $0.timing?.measured.count == 3 })
      let table = try await Tool.run(common + ["--processes", "2", "--format", "table"])
      #expect(table.output.contains("spread"))
    }
  }

  @Test("bricks of a network whose weights exceed the last cache find their weights in memory")
  func coldWeights() async throws {
    try await Tool.withFolder { folder in
      // So many products of one size that no cache of today holds their weights: a brick is a product.
      let bytes = try RecordCoding.decodeMachine(
        Array(try await Tool.run(["machine", "--format", "json"]).output.utf8)
      ).machine.lastLevelCacheBytes
      let layers = bytes / (4 * 1024 * 1024) + 1
      let wide = folder.appending(path: "wide.xml")
      try """
      <topology name="wide" version="1"><input name="x" shape="1x1024" layout="nc"/>
      <repeat count="\(layers)"><layer name="f${i}"><fc units="1024"/></layer></repeat></topology>
      """.write(to: wide, atomically: true, encoding: .utf8)
      let one = folder.appending(path: "one.xml")
      try """
      <topology name="one" version="1"><input name="x" shape="1x1024" layout="nc"/>
      <layer name="f"><fc units="1024"/></layer></topology>
      """.write(to: one, atomically: true, encoding: .utf8)
      let files = [wide, one].map { $0.path(percentEncoded: false) }
      let common =
        ["bricks"] + files + Self.quick + ["--no-save", "--format", "json"]
        + ["--store", folder.appending(path: "store").path(percentEncoded: false)]
      let result = try await Tool.run(common)
      #expect(result.status == 0, "\(result.error)")
      #expect(try SchemaTests.errors(result.output, "bricks") == [])
      let bricks = try Self.decode(result.output)
      // One brick, in two states: each network counts its own.
      #expect(bricks.bricks.map(\.cache) == ["cold-weights", nil])
      #expect(Set(bricks.bricks.map(\.id)).count == 1 && bricks.summary.distinct == 1)
      #expect(bricks.networks.map { Set($0.parts.map(\.cache)) } == [["cold-weights"], [nil]])
      #expect(bricks.bricks.map(\.uses) == [layers, 1])
      #expect(
        bricks.networks[1].parts[0].ns
          == bricks.bricks[1].timing.map { timing in
            timing.ns + (timing.reordersInNs ?? 0) + (timing.reordersOutNs ?? 0)
          })
      // Asked for by name, every brick is in one state.
      let warm = try Self.decode(try await Tool.run(common + ["--cache", "warm"]).output)
      #expect(warm.bricks.map(\.cache) == [nil] && warm.bricks[0].state == .stored)
    }
  }

  @Test("a damaged or foreign file of the store is measured again, with a word")
  func damaged() async throws {
    try await Tool.withFolder { folder in
      let file = try Self.write(folder)[1]
      let store = folder.appending(path: "store")
      let command =
        ["bricks", file, "--store", store.path(percentEncoded: false), "--no-save"]
        + ["--format", "json"] + Self.quick
      #expect(try await Tool.run(command).status == 0)
      let name = try #require(try Tool.contents(store).first)
      let kept = store.appending(path: name)
      let whole = try String(contentsOf: kept, encoding: .utf8)
      for text in [
        "", "{", String(whole.dropLast(40)), "[1, 2]",
        whole.replacing("ntprof.brick/1", with: "ntprof.brick/9"),
        whole.replacing("filters", with: "filter5"), whole.replacing("\"ns\": ", with: "\"ns\": -"),
        whole.replacing("\"ns\": ", with: "\"ns\": 1e999, \"was\": "),
      ] {
        try text.write(to: kept, atomically: true, encoding: .utf8)
        let result = try await Tool.run(command)
        #expect(result.status == 0 && result.error.contains("measured again"), "\(result.error)")
        #expect(try Self.decode(result.output).bricks[0].state == .measured)
        #expect(try await Self.decode(Tool.run(command).output).bricks[0].state == .stored)
      }
    }
  }

  @Test(
    "moving data is a layer's own work where it begins or ends with that, and not at its border")
  func movers() async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "moving.xml")
      try """
      <topology name="moving" version="1"><input name="x" shape="2x64x30x20"/>
      <layer name="turn"><transpose perm="0,2,3,1"/></layer>
      <layer name="view"><reshape shape="2x600x64"/></layer>
      <layer name="copy"><inlay kind="copy"/></layer></topology>
      """.write(to: file, atomically: true, encoding: .utf8)
      let result = try await Tool.run(
        ["bricks", file.path(percentEncoded: false), "--no-save", "--format", "json"]
          + ["--store", folder.appending(path: "store").path(percentEncoded: false)] + Self.quick)
      #expect(result.status == 0, "\(result.error)")
      for brick in try Self.decode(result.output).bricks {
        let timing = try #require(brick.timing)
        let moves = brick.kinds != ["reshape"]
        #expect((timing.ns > 0) == moves && (timing.nothingRuns == true) == !moves, "\(brick)")
      }
    }
  }

  @Test("a sweep says what stored bricks predict for its points")
  func sweep() async throws {
    try await Tool.withFolder { folder in
      let file = try Self.write(folder)[1]
      let environment = [
        "XDG_CACHE_HOME": folder.appending(path: "cache").path(percentEncoded: false)
      ]
      let made = try await Tool.run(
        ["bricks", file, "--no-save", "--format", "json"] + Self.quick, environment: environment)
      #expect(made.status == 0, "\(made.error)")
      let sum = try #require(try Self.decode(made.output).networks[0].sequentialNs)
      let swept = try await Tool.run(
        ["sweep", file, "--threads", "1", "--batch", "1,2", "--rounds", "1", "--iterations", "6"]
          + ["--warmup", "1", "--tuning", "fast", "--no-save", "--format", "json"],
        environment: environment)
      #expect(swept.status == 0, "\(swept.error)")
      #expect(try SchemaTests.errors(swept.output, "sweep") == [])
      let points = try RecordCoding.decodeSweep(Array(swept.output.utf8)).points
      // The batch of 2 is other bricks, of which the store has none.
      #expect(points.map(\.predictedNs) == [sum, nil])
      let known = try await Tool.run(
        ["sweep", file, "--threads", "1", "--rounds", "1", "--iterations", "6", "--warmup", "1"]
          + ["--tuning", "fast", "--no-save", "--format", "table"], environment: environment)
      #expect(known.error.contains("by bricks a pass takes"), "\(known.error)")
      #expect(known.output.contains("by bricks"))
    }
  }

  @Test("two runs at once share a store")
  func twoRuns() async throws {
    try await Tool.withFolder { folder in
      let files = try Self.write(folder)
      let store = folder.appending(path: "store").path(percentEncoded: false)
      let command =
        ["bricks"] + files + ["--store", store, "--no-save", "--format", "json"] + Self.quick
      async let one = Tool.run(command)
      async let two = Tool.run(command)
      for result in try await [one, two] {
        #expect(result.status == 0, "\(result.error)")
        #expect(try Self.decode(result.output).networks.allSatisfy { $0.sequentialNs != nil })
      }
      let third = try await Tool.run(command)
      #expect(third.error.contains("measured again") == false)
      #expect(try Self.decode(third.output).bricks.allSatisfy { $0.state == .stored })
    }
  }

  @Test("a suite tells nothing of the networks, and other commands run it")
  func suite() async throws {
    try await Tool.withFolder { folder in
      let files = try Self.write(folder)
      let suite = folder.appending(path: "suite")
      let result = try await Tool.run(
        ["bricks"] + files + ["--suite", suite.path(percentEncoded: false), "--threads", "1"])
      #expect(result.status == 0, "\(result.error)")
      let paths = result.output.split(separator: "\n").map(String.init)
      #expect(paths.count == (try Tool.contents(suite)).count && paths == paths.sorted())
      for path in paths {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for word in ["secret", "other", "hidden-input", "two", "last"] {
          #expect(!text.contains("\"\(word)"), "\(text)")
        }
      }
      #expect(try await Tool.run(["check"] + paths).status == 0)
      let profile = try await Tool.run(
        ["profile", paths[0], "--no-save", "--format", "json", "--counters", "none"] + Self.quick)
      #expect(profile.status == 0, "\(profile.error)")
      // Bricks of bricks are the same bricks, and so are their keys; but for what a network adds in
      // place to a value of its own, which nobody may do to an input.
      let store = folder.appending(path: "store").path(percentEncoded: false)
      let more = ["--store", store, "--no-save", "--format", "json"] + Self.quick
      #expect(try await Tool.run(["bricks"] + paths + more).status == 0)
      let network = try Self.decode(try await Tool.run(["bricks"] + files + more).output)
      let known = network.bricks.filter { !$0.kinds.contains("add") }
      #expect(known.count == network.bricks.count - 1)
      #expect(known.allSatisfy { $0.state == .stored }, "\(network.bricks)")
    }
  }

  @Test("bricks beyond --memory-limit fail by themselves; the others stand")
  func memoryLimit() async throws {
    try await Tool.withFolder { folder in
      let file = folder.appending(path: "large.xml")
      try """
      <topology name="large" version="1"><input name="x" shape="1x64" layout="nc"/>
      <layer name="a"><fc units="8"/></layer><layer name="b"><fc units="60000"/></layer>
      <layer name="c"><fc units="60000"/></layer></topology>
      """.write(to: file, atomically: true, encoding: .utf8)
      let command = ["bricks", file.path(percentEncoded: false), "--no-save", "--format", "json"]
      let store = ["--store", folder.appending(path: "s").path(percentEncoded: false)]
      let result = try await Tool.run(command + store + Self.quick + ["--memory-limit", "2GB"])
      #expect(result.status == 0, "\(result.error)")
      let bricks = try Self.decode(result.output)
      #expect(try SchemaTests.errors(result.output, "bricks") == [])
      #expect(bricks.bricks.map(\.state) == [.measured, .measured, .failed])
      #expect(bricks.bricks[2].reason?.contains("--memory-limit allows") == true)
      #expect(bricks.networks[0].sequentialNs == nil && bricks.summary.saving == nil)
      let none = try await Tool.run(command + store + Self.quick + ["--memory-limit", "1kB"])
      #expect(none.status == 0, "what the store knows needs no memory: \(none.error)")
      let fresh = try await Tool.run(
        command + store + Self.quick + ["--again", "--memory-limit", "1kB"])
      #expect(fresh.status == 70 && fresh.error.contains("no brick could be measured"))
    }
  }

  @Test("Ctrl-C keeps what is measured, and the same command goes on")
  func interrupted() async throws {
    try await Tool.withFolder { folder in
      let store = folder.appending(path: "store")
      let place = store.path(percentEncoded: false)
      let more = ["--threads", "1", "--processes", "1", "--store", place, "--no-save"]
      let command = ["bricks", Tool.topology("squeezenet-1.1")] + more
      let run = try await Running.start(command + ["--iterations", "6"])
      try await run.says("1 of ")
      run.signal(SIGINT)
      #expect(run.end() == 130)
      try await run.says("the same command goes on")
      let kept = try Tool.contents(store).count
      #expect(kept > 0)
      let rest = try await Tool.run(
        command + ["--iterations", "1", "--warmup", "0", "--format", "json"])
      #expect(rest.status == 0, "\(rest.error)")
      let bricks = try Self.decode(rest.output)
      #expect(bricks.bricks.count { $0.state == .stored } == kept)
      #expect(bricks.networks[0].sequentialNs != nil)
    }
  }

  @Test("wrong usage and bad files are said before anything is measured")
  func usage() async throws {
    try await Tool.withFolder { folder in
      let file = try Self.write(folder)[0]
      let plain = folder.appending(path: "plain")
      try "x".write(to: plain, atomically: true, encoding: .utf8)
      let taken = plain.path(percentEncoded: false)
      for (arguments, status, words) in [
        ([], 64, "file"), ([file, "--granularity", "0"], 64, "--granularity 0 is outside"),
        ([file, "--format", "trace"], 64, "shows no bricks"),
        ([file, "--suite", "s", "--measure"], 64, "--suite measures nothing"),
        ([file, "--isa", "none"], 64, "--isa none"), ([file, "--cache", "hot"], 64, "neither"),
        (["/nowhere.xml"], 66, "nowhere"), ([file, taken], 65, taken),
        ([file + ":width=3"], 64, "width"), ([file, "--store", taken + "/s"], 73, "--store"),
        ([file, "--suite", taken + "/s"], 73, "--suite"),
      ] as [([String], Int32, String)] {
        let result = try await Tool.run(["bricks"] + arguments)
        #expect(result.status == status, "\(arguments): \(result.error)")
        #expect(result.error.contains(words), "\(arguments): \(result.error)")
      }
    }
  }
}
