import Foundation
import Model
import Profiling
import Testing
import Topology
import TopologyXML

/// `--weights` end to end.
@Suite("Weights", .serialized)
struct WeightsTests {
  private static let text = """
    <topology name="net" version="1">
    <param name="width" value="8"/>
    <input name="x" shape="5x2x6" layout="tnc"/>
    <layer name="rnn"><gru hidden="${width}" direction="bidirectional"/></layer>
    <layer name="self"><attention heads="2"/><layer-norm/></layer>
    <layer name="last"><fc units="4"/></layer>
    </topology>
    """

  private static let quick = [
    "--iterations", "2", "--warmup", "1", "--threads", "1", "--counters", "none", "--pin", "off",
    "--no-save",
  ]

  /// Runs `body` with a topology and its constants of seed 9 in a file.
  private func withNetwork(_ body: (_ topology: String, _ weights: URL) async throws -> Void)
    async throws
  {
    try await Tool.withFolder { folder in
      let topology = folder.appending(path: "net.xml")
      try Self.text.write(to: topology, atomically: true, encoding: .utf8)
      let graph = try TopologyReader().read(bytes: Array(Self.text.utf8), file: "net.xml").graph
      let weights = folder.appending(path: "net.safetensors")
      try Self.write(SafetensorsWriter(graph, weights: SeededWeights(seed: 9)), to: weights)
      try await body(topology.path(percentEncoded: false), weights)
    }
  }

  private static func write(_ writer: SafetensorsWriter, to file: URL) throws {
    var bytes: [UInt8] = []
    writer.write { $0.withUnsafeBytes { bytes += $0 } }
    try Data(bytes).write(to: file)
  }

  private func record(_ arguments: [String]) async throws -> RunRecord {
    let run = try await Tool.run(["profile"] + arguments + Self.quick + ["--format", "json"])
    #expect(run.status == 0, "\(run.error)")
    return try RecordCoding.decode(Array(run.output.utf8))
  }

  @Test("a file of seeded constants gives what the seed gives, in every process")
  func theSameFunction() async throws {
    try await withNetwork { topology, file in
      let path = file.path(percentEncoded: false)
      // Inputs are of the seed, too: they are the same, and the weights are another seed's.
      let own = try await record([topology, "--seed", "9"])
      let read = try await record([topology, "--seed", "9", "--weights", path])
      let random = try await record([topology, "--seed", "9", "--weights", "random"])
      #expect(own.endToEnd?.outputDigest == read.endToEnd?.outputDigest)
      #expect(own.endToEnd?.outputDigest == random.endToEnd?.outputDigest)
      #expect(own.topology.weights?.kind == .random)
      #expect(own.topology.weights?.source == nil)
      #expect(read.topology.weights?.kind == .file)
      #expect(read.topology.weights?.source == path)
      #expect(read.topology.weights?.constants == 16)
      let other = try await record([topology, "--seed", "3"])
      let mixed = try await record([topology, "--seed", "3", "--weights", path])
      #expect(mixed.endToEnd?.outputDigest != other.endToEnd?.outputDigest)
      let processes = try await record(
        [topology, "--seed", "3", "--weights", path, "--processes", "2"])
      #expect(processes.endToEnd?.outputDigest == mixed.endToEnd?.outputDigest)
      let searched = try await record(
        [topology, "--seed", "3", "--weights", path, "--tuning", "search"])
      #expect(searched.topology.weights?.kind == .file)
    }
  }

  @Test("export and show take the weights, too")
  func exported() async throws {
    try await withNetwork { topology, file in
      let folder = file.deletingLastPathComponent()
      var models: [Data] = []
      for options in [["--seed", "9"], ["--weights", file.path(percentEncoded: false)], []] {
        let model = folder.appending(path: "net.onnx")
        let run = try await Tool.run(
          ["export", topology, "-o", model.path(percentEncoded: false)] + options)
        #expect(run.status == 0, "\(run.error)")
        // What stands in front tells where the weights came from.
        models.append(try Data(contentsOf: model).suffix(2000))
      }
      #expect(models[0] == models[1])
      #expect(models[0] != models[2])
      let shown = try await Tool.run(
        ["show", topology, "--weights", file.path(percentEncoded: false), "--format", "json"])
      #expect(shown.status == 0)
      #expect(try RecordCoding.decode(Array(shown.output.utf8)).topology.weights?.kind == .file)
    }
  }

  @Test("everything that does not fit is said at once, with status 65")
  func misfits() async throws {
    try await withNetwork { topology, file in
      let source = try SafetensorsFile(file.path(percentEncoded: false))
      var tensors = source.keys.map {
        (name: $0, tensor: source.tensor($0) ?? .filled(0, dims: []))
      }
      tensors.removeAll { $0.name == "self.1.bias" }
      tensors.append((name: "self.bias", tensor: .filled(0, dims: [16])))
      let place = try #require(tensors.firstIndex { $0.name == "last.weight" })
      tensors[place].tensor = .filled(.nan, dims: [4, 16])
      let bad = file.deletingLastPathComponent().appending(path: "bad.safetensors")
      try Self.write(SafetensorsWriter(tensors), to: bad)
      for command in ["profile", "show", "export"] {
        let run = try await Tool.run(
          [command, topology, "--set", "width=7", "--weights", bad.path(percentEncoded: false)])
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        for line in [
          "these weights do not fit 'net':", "self.1.bias (14) is missing",
          "rnn.weight_ih_l0 is 24x6 where the network has 21x6",
          "self.bias is left over: the network has no such constant",
        ] {
          #expect(run.error.contains(line), "\(command): \(run.error)")
        }
      }
      let run = try await Tool.run(["show", topology, "--weights", bad.path(percentEncoded: false)])
      #expect(run.error.contains("last.weight holds NaN at [0, 0]"))
    }
  }

  @Test("files that are none, and weights that nobody has")
  func noFile() async throws {
    try await withNetwork { topology, file in
      let none = try await Tool.run(["show", topology, "--weights", "none.safetensors"])
      #expect(none.status == 66)
      #expect(none.error.contains("none.safetensors: no such file"))
      let model = try await Tool.run(["show", topology, "--weights", "model"])
      #expect(model.status == 65)
      #expect(model.error.contains("has no weights of its own"))
      let text = try await Tool.run(["show", topology, "--weights", topology])
      #expect(text.status == 65)
      #expect(text.error.contains("is it a safetensors file?"))
      let cut = file.deletingLastPathComponent().appending(path: "cut.safetensors")
      try Data(contentsOf: file).dropLast(4).write(to: cut)
      let short = try await Tool.run([
        "show", topology, "--weights", cut.path(percentEncoded: false),
      ])
      #expect(short.status == 65)
      #expect(short.error.contains("of the data, which has"))
    }
  }

  @Test("a sweep's points that the weights do not fit fail, the others are measured")
  func sweeps() async throws {
    try await withNetwork { topology, file in
      let run = try await Tool.run([
        "sweep", topology, "--set", "width=8,7", "--weights", file.path(percentEncoded: false),
        "--rounds", "1", "--iterations", "2", "--warmup", "1", "--threads", "1", "--no-save",
        "--format", "json",
      ])
      #expect(run.status == 0, "\(run.error)")
      let sweep = try RecordCoding.decodeSweep(Array(run.output.utf8))
      #expect(sweep.points.map(\.state) == [.measured, .failed])
      #expect(sweep.points[1].reason?.contains("these weights do not fit 'net'") == true)
    }
  }
}
