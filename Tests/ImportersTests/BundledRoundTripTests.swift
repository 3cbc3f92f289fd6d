import Execution
import Exporters
import Foundation
import Importers
import Measuring
import Model
import TestSupport
import Testing
import Topology
import TopologyXML

/// Every bundled topology, exported as ONNX and imported again, is the same network with the same outputs.
@Suite("Bundled topologies and back")
struct BundledRoundTripTests {
  /// Params that make a network small, by its name; of others those that are called so.
  static let small: [String: [String: Int]] = [
    "bert-base": ["hidden": 32, "heads": 4, "layers": 2, "steps": 5, "words": 40],
    "conformer-s": ["frames": 40, "width": 16, "depth": 2, "heads": 2, "kernel": 7],
    "deepspeech-e2e": ["hidden": 16, "samples": 4000, "beam": 4],
    "densenet-121": ["growth": 4], "densenet-169": ["growth": 4],
    "dlrm": ["tables": 4, "rows": 50],
    "gnmt": ["hidden": 16, "layers": 3, "words": 40, "sourceSteps": 5, "targetSteps": 4],
    "gpt2-prefill": ["tokens": 6, "width": 128, "depth": 2, "words": 60, "positions": 16],
    "inception-resnet-v2": ["resolution": 75], "inception-v3": ["resolution": 75],
    "inception-v4": ["resolution": 75],
    "llama-block": ["tokens": 6, "width": 64, "heads": 4, "groups": 2, "inner": 96],
    "mobilenet-v1": ["alpha": 1], "mobilenet-v2": ["alpha": 1], "pix2pix": ["width": 4],
    "rnn-t": ["frames": 6, "labels": 3, "hidden": 8, "predict": 6, "joint": 7, "classes": 5],
    "seq2seq-gru": ["hidden": 12, "source": 5, "target": 4, "words": 30],
    "shufflenet-v1": ["groups": 2, "channels": 40],
    "ssd-mobilenet-v1": ["alpha": 1, "resolution": 96],
    "ssd-resnet34": ["resolution": 400],
    "transformer-base": [
      "model": 32, "inner": 48, "heads": 4, "layers": 2, "steps": 5, "words": 40,
    ],
    "transformer-big": [
      "model": 32, "inner": 48, "heads": 4, "layers": 2, "steps": 5, "words": 40,
    ],
    "unet-256": ["features": 3, "depth": 2, "resolution": 16],
    "vdsr": ["depth": 4, "filters": 8, "height": 12, "width": 10],
    "vit-b-16": ["depth": 2, "width": 96, "resolution": 64],
    "wavenet": ["samples": 20, "levels": 8, "residual": 4, "skip": 6, "stacks": 2, "layers": 3],
    "wide-resnet50-2": ["factor": 1],
  ]
  static let usual = [
    "resolution": 64, "classes": 10, "hidden": 32, "layers": 2, "steps": 5, "words": 40,
  ]
  /// What else is too large for a test, in the files' words.
  static let words = [("units=\"4096\"", "units=\"24\""), ("x224x224\"", "x64x64\"")]
  /// Its windows divide nothing smaller.
  static let whole: Set<String> = ["swin-t"]
  /// What ONNX has no operators for.
  static let inexpressible: Set<String> = ["deepspeech-e2e"]

  static let names: [String] = {
    let folder = Files.root.appending(path: "topologies").path(percentEncoded: false)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".xml") }.map { String($0.dropLast(4)) }.sorted()
  }()

  private func graph(_ name: String) throws -> Graph {
    let path = Files.root.appending(path: "topologies/\(name).xml").path(percentEncoded: false)
    let known = Set(try TopologyReader().read(file: path).parameters.keys)
    let parameters = Self.usual.merging(Self.small[name] ?? [:]) { $1 }
      .filter { known.contains($0.key) }
    var text = try String(contentsOfFile: path, encoding: .utf8)
    for (long, short) in Self.words where !Self.whole.contains(name) {
      text = text.replacing(long, with: short)
    }
    return try TopologyReader(options: .init(parameters: parameters))
      .read(bytes: Array(text.utf8), file: path).graph
  }

  @Test("all are here but what ONNX cannot say")
  func all() throws {
    #expect(Self.names.count > 40)
    for name in Self.inexpressible {
      let graph = try graph(name)
      #expect(throws: GraphError.self) {
        _ = try ONNXExport(graph, weights: SeededWeights(seed: 3), producer: ("ntprof", "test"))
      }
    }
  }

  static let expressible = names.filter { !inexpressible.contains($0) }

  /// Equal are name, inputs, constants, layers with their names, primitives, attributes, operands, shapes,
  /// costs and shared weights, segments and outputs, and what is written of them; of the outputs each bit.
  @Test(
    "exported and imported again, a network is equal and gives the same", arguments: expressible)
  func again(name: String) throws {
    let graph = try graph(name)
    let weights = SeededWeights(seed: 3)
    let imported = try Self.exported(graph, weights) { file in try ModelImport.onnx(file) }
    #expect(imported.isTopology)
    #expect(GraphDifference.first(graph, imported.model.graph) == nil)
    let (written, again) = try (
      TopologyWriter().write(graph), TopologyWriter().write(imported.model.graph)
    )
    #expect(written == again)
    #expect(imported.inputs.map(\.graphName) == graph.inputs.map(\.name))
    #expect(imported.outputs.map(\.graphName) == graph.outputs.map(graph.name))
    try Self.expectSameOutputs(graph, weights, imported)
  }

  /// Those whose nodes alone give the same layers, but for `dropout` and markers.
  static let equalByNodes: Set<String> = ["densenet-121", "dlrm"]
  static let byNodes = [
    "bert-base", "conformer-s", "deepspeech", "deepspeech-0.9", "deepspeech2", "densenet-121",
    "dlrm", "efficientnet-b0", "gnmt", "googlenet",
  ]

  @Test("the nodes alone give the same, too", arguments: byNodes)
  func nodes(name: String) throws {
    let graph = try graph(name)
    let weights = SeededWeights(seed: 3)
    let imported = try Self.exported(graph, weights) { file in try Self.byNodes(of: file) { _ in } }
    let again = imported.model.graph
    #expect(!imported.isTopology)
    #expect(again.cost.parameters == graph.cost.parameters)
    #expect(again.cost.macs == graph.cost.macs)
    #expect(imported.outputs.map(\.graphName) == graph.outputs.map(graph.name))
    if Self.equalByNodes.contains(name) {
      #expect(
        GraphDifference.first(graph, again, inSegments: false, without: ["dropout"]) == nil)
    }
    try Self.expectSameOutputs(graph, weights, imported)
  }

  @Test("a node that was changed since counts, not the topology beside it")
  func changed() throws {
    let graph = try graph("squeezenet-1.1")
    let relus = graph.layers.flatMap(\.primitives).count { $0.element == "activation" }
    let imported = try Self.exported(graph, SeededWeights(seed: 3)) { file in
      try Self.byNodes(of: file, keepsTopology: true) { operators in
        let place = try #require(operators.nodes.firstIndex { $0.type == "Relu" })
        operators.nodes[place].type = "Tanh"
      }
    }
    let kinds = imported.model.graph.layers.flatMap(\.primitives)
      .compactMap { $0.attributes?.string("kind") }
    #expect(kinds.count { $0 == "tanh" } == 1)
    #expect(kinds.count { $0 == "relu" } == relus - 1)
  }

  @Test("constants are the file's")
  func constants() throws {
    let graph = try graph("dlrm")
    let imported = try Self.exported(graph, SeededWeights(seed: 3)) { file in
      try Self.byNodes(of: file, keepsTopology: true) { operators in
        for (name, tensor) in operators.constants
        where tensor.elementType == .f32 && !tensor.isFixed && tensor.count > 1 {
          operators.constants[name] = ConstantTensor(
            dims: tensor.dims, reals: Array(repeating: 0.5, count: tensor.count))
        }
      }
    }
    #expect(GraphDifference.first(graph, imported.model.graph) == nil)
    let weights = try #require(imported.model.weights)
    // The bias of its one result has one element, which was left as it was.
    let changed = weights.keys.compactMap { weights.tensor($0)?.values() }.filter { $0.count > 1 }
    #expect(changed.count == weights.keys.count - 1)
    #expect(changed.allSatisfy { $0.allSatisfy { $0 == 0.5 } })
  }

  @Test("another batch is that of the topology", arguments: ["deepspeech", "squeezenet-1.1"])
  func batch(name: String) throws {
    let path = Files.root.appending(path: "topologies/\(name).xml").path(percentEncoded: false)
    let parameters = name == "deepspeech" ? ["hidden": 32] : [:]
    func graph(_ batch: Int?) throws -> Graph {
      try TopologyReader(options: .init(batch: batch, parameters: parameters)).read(file: path)
        .graph
    }
    var options = ImportOptions()
    options.batch = 3
    let imported = try Self.exported(try graph(nil), SeededWeights(seed: 3)) { file in
      try ModelImport.onnx(file, options: options)
    }
    #expect(GraphDifference.first(try graph(3), imported.model.graph) == nil)
    _ = try imported.weights()
  }

  // MARK: Helpers

  private static func exported(
    _ graph: Graph, _ weights: SeededWeights, _ body: (ModelFile) throws -> ImportedModel
  ) throws -> ImportedModel {
    let export = try ONNXExport(graph, weights: weights, producer: ("ntprof", "test"))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(export.byteCount)
    export.write { (part) throws(Never) in part.withUnsafeBytes { bytes += $0 } }
    return try Files.withFile(bytes, body)
  }

  /// The network of a file's nodes, which may be changed before.
  private static func byNodes(
    of file: ModelFile, keepsTopology: Bool = false,
    _ change: (inout OperatorGraph) throws -> Void
  ) throws -> ImportedModel {
    var operators = try ONNXReader.read(file)
    if !keepsTopology { operators.topology = nil }
    try change(&operators)
    return try ModelImport.network(
      of: operators, file: file.path, options: ImportOptions(), format: .onnx)
  }

  private static func expectSameOutputs(
    _ graph: Graph, _ weights: SeededWeights, _ imported: ImportedModel
  ) throws {
    let program = try graph.program()
    let plan = try Plan(program, options: PlanOptions(seed: 3))
    try plan.run()
    let inputs = graph.inputs.indices.map { weights.input($0, of: program) }
    let outputs = try Runner.run(imported, inputs)
    // Bit by bit: the digest of a record is that of these numbers.
    #expect(outputs == plan.outputs())
  }
}
