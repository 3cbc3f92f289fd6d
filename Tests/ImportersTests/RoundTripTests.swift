import Execution
import Exporters
import Foundation
import Importers
import Measuring
import Model
import Testing
import Topology
import TopologyXML

/// What ntprof exports it reads again as it was.
@Suite("Own exports")
struct RoundTripTests {
  /// Networks and params that make them small; together they have nearly every kind of layer.
  static let networks: [(String, [String: Int])] = [
    ("squeezenet-1.1", [:]), ("shufflenet-v1", [:]), ("deepspeech", ["hidden": 32]),
    ("gnmt", ["hidden": 16]), ("ptb-lstm", ["hidden": 16]), ("mobilenet-v1", ["alpha": 1]),
    ("mobilenet-v3-large", [:]), ("seq2seq-gru", [:]), ("conformer-s", [:]), ("unet-256", [:]),
  ]

  @Test("parameters, multiply-adds and outputs are the same", arguments: networks.indices)
  func again(index: Int) throws {
    let (name, wanted) = Self.networks[index]
    let path = Files.root.appending(path: "topologies/\(name).xml").path(percentEncoded: false)
    let known = try TopologyReader().read(file: path).parameters
    let parameters = wanted.filter { known[$0.key] != nil }
    let graph = try TopologyReader(options: .init(parameters: parameters)).read(file: path).graph
    let weights = SeededWeights(seed: 3)
    let imported = try Self.exported(graph, weights)
    let again = imported.model.graph
    #expect(again.cost.parameters == graph.cost.parameters)
    #expect(again.cost.macs == graph.cost.macs)
    #expect(imported.outputs.map(\.graphName) == graph.outputs.map(graph.name))
    let program = try graph.program()
    let plan = try Plan(program, options: PlanOptions(seed: 3))
    try plan.run()
    let inputs = graph.inputs.indices.map { weights.input($0, of: program) }
    let outputs = try Runner.run(imported, inputs)
    for (given, wanted) in zip(outputs, plan.outputs()) {
      #expect(Runner.error(given, wanted) < 1e-5, "\(name)")
    }
  }

  @Test("a chain of layers comes back by name, primitive by primitive")
  func names() throws {
    let path = Files.root.appending(path: "topologies/resnet18.xml").path(percentEncoded: false)
    let graph = try TopologyReader().read(file: path).graph
    let again = try Self.exported(graph, SeededWeights(seed: 1)).model.graph
    #expect(again.layers.map(\.name) == graph.layers.map(\.name))
    #expect(
      again.layers.map { $0.primitives.map(\.element) }
        == graph.layers.map { $0.primitives.map(\.element) })
  }

  private static func exported(_ graph: Graph, _ weights: SeededWeights) throws -> ImportedModel {
    let export = try ONNXExport(graph, weights: weights, producer: ("ntprof", "test"))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(export.byteCount)
    export.write { (part) throws(Never) in part.withUnsafeBytes { bytes += $0 } }
    return try Files.withFile(bytes) { file in try ModelImport.onnx(file) }
  }
}
