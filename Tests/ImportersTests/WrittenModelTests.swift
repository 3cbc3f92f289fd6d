import Execution
import Importers
import Model
import TestSupport
import Testing
import Topology
import TopologyXML

/// A model that was imported, written as a topology and read again, is the same network.
@Suite("Models written as topologies")
struct WrittenModelTests {
  static let models = [
    "onnx-torch/mobilenet_v2.onnx", "onnx-torch/crnn_lstm.onnx", "onnx-light/light_resnet50.onnx",
    "onnx-light/light_bvlc_alexnet.onnx", "ir/light_squeezenet_seed5.xml",
    "ir/deepspeech_uni_h256.xml", "deepspeech/deepspeech_uni_h256.onnx",
  ]

  private func imported(_ name: String) throws -> ImportedModel {
    let file = try ModelFile(SharedData.path(name))
    return name.hasSuffix(".xml")
      ? try ModelImport.openVINO(file) : try ModelImport.onnx(file)
  }

  private func again(_ graph: Graph, marked: Bool) throws -> Graph {
    let text = try TopologyWriter(comment: ["-- a -- b"], marksRepeats: marked).write(graph)
    return try TopologyReader().read(bytes: Array(text.utf8), file: "written.xml").graph
  }

  @Test(
    .enabled(if: SharedData.isThere, "the folder shared/data is not there"), arguments: models)
  func graphsAreEqual(name: String) throws {
    let graph = try imported(name).model.graph
    #expect(GraphDifference.first(graph, try again(graph, marked: false)) == nil)
    let marked = try again(graph, marked: true)
    #expect(marked.cost == graph.cost)
    if !marked.segments.isEmpty {
      #expect(marked.segments.flatMap(\.layers) == Array(graph.layers.indices))
    }
  }

  @Test(
    .enabled(if: SharedData.isThere, "the folder shared/data is not there"),
    arguments: ["onnx-torch/crnn_lstm.onnx", "ir/light_squeezenet_seed5.xml"])
  func outputsAreEqual(name: String) throws {
    let model = try imported(name).model
    let source = try #require(model.weights)
    var outputs: [[[Float]]] = []
    for graph in [model.graph, try again(model.graph, marked: true)] {
      let program = try graph.program()
      let plan = try Plan(
        program, options: PlanOptions(seed: 5), weights: try ModelWeights(graph, source: source))
      for index in graph.inputs.indices {
        plan.writeInput(index, SeededWeights(seed: 5).input(index, of: program))
      }
      try plan.run()
      outputs.append(plan.outputs())
    }
    #expect(outputs[0] == outputs[1])
  }
}
