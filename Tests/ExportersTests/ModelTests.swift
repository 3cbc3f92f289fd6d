import Exporters
import Foundation
import ONNX
import SwiftProtobuf
import TestSupport
import Testing
import Topology

/// Whether models are well formed; what they compute is held by `make compare`.
@Suite struct ModelTests {
  /// Topologies that hold every kind of layer between them.
  static let everyKind = ["activations", "images", "sequences", "movement", "attention"]
    .map { "Benchmarks/topologies/\($0).xml" }

  @Test(arguments: everyKind + ["topologies/alexnet.xml", "topologies/resnet18.xml"])
  func everyNameIsMadeOnceAndBeforeItIsRead(_ file: String) throws {
    expectNamesMadeOnce(try Exported(file: file))
  }

  /// What leaves the network has its name, whoever made it: states beside a result, of one layer or of
  /// several, layers that hand on what they read, be it an input.
  @Test(arguments: ["1", "2"])
  func everyOutputHasItsName(layers: String) throws {
    var builder = GraphBuilder(name: "outputs")
    try builder.addInput(name: "steps", type: TensorType(dims: [3, 2, 4], .tnc))
    try builder.addLayer(
      name: "encoder", primitives: [.init("lstm", ["hidden": "5", "layers": layers])])
    for (name, source) in [("handed", "encoder"), ("state", "encoder.h"), ("given", "steps")] {
      try builder.addLayer(
        name: name, inputs: [source], primitives: [.init("expand", ["shape": "1x1x1"])])
    }
    let outputs = ["encoder.c", "handed", "encoder", "given", "encoder.h", "state"]
    let exported = try Exported(builder.build(outputs: outputs))
    expectNamesMadeOnce(exported)
    #expect(exported.model.graph.output.map(\.name) == outputs)
  }

  private func expectNamesMadeOnce(_ exported: Exported) {
    let graph = exported.model.graph
    var known: Set<String> = []
    for name in graph.input.map(\.name) + graph.initializer.map(\.name) {
      #expect(known.insert(name).inserted, "'\(name)' twice")
    }
    for node in graph.node {
      for name in node.input where !name.isEmpty {
        #expect(known.contains(name), "\(node.name) reads '\(name)'")
      }
      #expect(!node.output.isEmpty)
      for name in node.output { #expect(known.insert(name).inserted, "'\(name)' twice") }
    }
    for output in graph.output { #expect(known.contains(output.name)) }
    #expect(Set(graph.node.map(\.name)).count == graph.node.count)
  }

  @Test(arguments: everyKind)
  func inputsOutputsAndConstantsHaveTheirShapes(_ file: String) throws {
    let exported = try Exported(file: file)
    let (graph, model) = (exported.graph, exported.model.graph)
    func dims(_ info: ONNXValueInfo) -> [Int] {
      info.type.tensorType.shape.dim.map { Int($0.dimValue) }
    }
    #expect(model.name == graph.name)
    #expect(model.input.map(\.name) == graph.inputs.map(\.name))
    #expect(model.input.map(dims) == graph.inputs.map(\.type.dims))
    #expect(model.output.map(\.name) == graph.outputs.map(graph.name))
    #expect(model.output.map(dims) == graph.outputs.map { graph.type(of: $0)?.dims })
    let sizes: [Int32: Int64] = [1: 4, 2: 1, 3: 1, 7: 8, 9: 1]
    for tensor in model.initializer {
      #expect(
        Int64(tensor.rawData.count) == tensor.dims.reduce(sizes[tensor.dataType] ?? 0, *),
        "\(tensor.name)")
    }
  }

  /// Rows without space are no instances.
  @Test func groupsOfOneChannelAreNormalisedInThreeDimensions() throws {
    let rows = try Exported(
      Graph.single("group-norm", ["groups": "4"], on: [TensorType(dims: [2, 4], .nc)]))
    #expect(rows.operators == ["Reshape", "InstanceNormalization", "Reshape", "Mul", "Add"])
    let images = try Exported(
      Graph.single("group-norm", ["groups": "4"], on: [TensorType(dims: [2, 4, 3], .ncw)]))
    #expect(images.operators == ["InstanceNormalization"])
  }

  /// ONNX Runtime normalises images alone by their neighbours.
  @Test(arguments: [Layout.nc, .ncw, .nchw, .ncdhw])
  func channelsAreNormalisedInImages(_ layout: Layout) throws {
    let dims = [2, 6, 4, 3, 5].prefix(layout.rank ?? 0)
    let exported = try Exported(
      Graph.single("lrn", ["size": "3"], on: [TensorType(dims: Array(dims), layout)]))
    let image = ["Reshape", "LRN", "Reshape"]
    #expect(exported.operators == (layout == .nchw ? ["LRN"] : image))
  }

  @Test func theFileSaysWhatItIs() throws {
    let exported = try Exported(file: Self.everyKind[0])
    #expect(exported.model.irVersion == 8)
    #expect(exported.model.opsetImport.map(\.version) == [17])
    #expect(exported.model.producerName == "test")
  }

  @Test func everyExecutableElementIsCovered() throws {
    var elements: Set<String> = []
    for file in Self.everyKind {
      for layer in try Exported.read(file).layers {
        elements.formUnion(layer.primitives.map(\.element))
      }
    }
    let all = Set(LayerKinds.standard.elements.map(\.name))
    #expect(elements == all, "add what is missing to Benchmarks/topologies")
  }

  @Test func everyElementwiseFunctionIsCovered() throws {
    var kinds: Set<EltwiseKind> = []
    for file in Self.everyKind {
      for case .eltwise(let eltwise) in try Exported.read(file).program().instructions.map(
        \.operation)
      {
        kinds.insert(eltwise.kind)
      }
    }
    #expect(kinds == Set(EltwiseKind.allCases))
  }

  @Test func anInlayWithoutOperatorNamesItsLayer() throws {
    let error = try #require(throws: GraphError.self) {
      try Exported(file: "topologies/deepspeech-e2e.xml")
    }
    #expect(error.layer == "mfcc")
    #expect(error.description.contains("deepspeech-e2e.xml:17:"))
    #expect(error.message.contains("ONNX has no operator for the inlay 'mfcc'"))
  }

  @Test func aFileOfMoreThanTwoGibibytesIsRefusedBeforeAnythingIsMade() throws {
    let graph = try Graph.single(
      "fc", ["units": "32768"], on: [TensorType(dims: [1, 32768], .nc)])
    let error = try #require(throws: GraphError.self) { try Exported(graph) }
    #expect(error.message.contains("one file holds up to 2147483647"))
  }

  @Test func namesInLayersDoNotCollideWithLayers() throws {
    var builder = GraphBuilder(name: "names")
    try builder.addInput(name: "x", type: TensorType(dims: [2, 4], .nc))
    try builder.addLayer(name: "a/fc", primitives: [.init("fc", ["units": "4"])])
    try builder.addLayer(
      name: "a",
      primitives: [
        .init("fc", ["units": "4"]), .init("fc", ["units": "4"]), .init("softmax"),
      ])
    let exported = try Exported(builder.build())
    #expect(exported.nodes.map(\.name) == ["a/fc", "a/fc_2", "a/fc_3", "a"])
  }

  @Test func aTensorFileReadsAgain() throws {
    let type = try TensorType(dims: [2, 3], .nc)
    let bytes = try TensorFile.encode(name: "x", type: type, [1, 2, 3, 4, 5, -6])
    let tensor = try ONNXTensor(serializedBytes: bytes)
    #expect(tensor.name == "x")
    #expect(tensor.dims == [2, 3])
    #expect(tensor.rawData.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }.last == -6)
  }
}
