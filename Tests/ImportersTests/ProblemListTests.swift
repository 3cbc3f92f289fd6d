import Importers
import TestSupport
import Testing
import Topology
import TopologyXML

/// benchdnn's lists become topologies of layers that have nothing to do with each other.
@Suite struct ProblemListTests {
  private func graph(_ text: String, batch: Int? = nil) throws -> Graph {
    try ProblemList.graph(text, file: "list", name: "list", batch: batch)
  }

  @Test func problemsBecomeLayers() throws {
    let text = """
      # a comment
      --reset --alg=VANILLA_LSTM
      g2mb4ic96ih27oc256oh27kh5ph2n"net:conv2"   # behind
      mb3ic8ih7oc4oh4kh3sh2ph1n"net:twice*2"
      ic512oc10n"ip"
      l1t30mb1sic512n"enc"
      ic64ih112oh56kh3sh2ph0n"pool"
      15x41:41x19n"product"
      """
    #expect(ProblemList.recognises(text))
    let graph = try graph(text)
    #expect(
      graph.layers.map(\.name) == ["conv2", "twice/0", "twice/1", "ip", "enc", "pool", "product"])
    #expect(graph.layers.map(\.kind) == ["conv", "conv", "conv", "fc", "lstm", "pool", "fc"])
    #expect(graph.layers[0].cost.macs == 4 * 256 * 27 * 27 * 48 * 25)
    #expect(graph.layers[0].outputType.shape.description == "4x256x27x27")
    // benchdnn's own batch size where none is given.
    #expect(graph.layers[3].inputTypes[0].shape.description == "2x512")
    #expect(try self.graph(text, batch: 1).layers[0].inputTypes[0].batch == 1)
    #expect(Set(graph.layers.map(\.name)).count == graph.layers.count)
  }

  @Test func writtenAndReadAgainItIsTheSame() throws {
    let graph = try graph("mb1ic8ih7oc4oh7kh3ph1n\"a*40\"\nmb1ic8ih7oc4oh7kh1ph0n\"b\"")
    let text = try TopologyWriter().write(graph)
    let read = try TopologyReader().read(bytes: Array(text.utf8), file: "x.xml").graph
    #expect(GraphDifference.first(graph, read) == nil)
    #expect(text.contains("<repeat count=\"40\">"))
    #expect(text.split(separator: "\n").count < 10)
  }

  @Test func aListOfMoreLayersThanATopologyHasIsRefused() throws {
    let line = "mb1ic3ih9oc4oh9kh3ph1n\"a*60\"\n"
    func graph(_ text: String) throws -> Graph {
      try ProblemList.graph(text, file: "x", name: "x", maximumLayers: 100)
    }
    #expect(try graph(line).layers.count == 60)
    let error = #expect(throws: ImportError.self) { _ = try graph(line + line) }
    #expect(error?.place == "line 2" && error?.message.contains("more than 100 layers") == true)
  }

  @Test(
    arguments: [
      ("hello", "line 1"), ("# c\n\nmb1ic3ih9oc4oh9kh3ph1\nmb1ic3xx", "line 4"),
      ("mb1ic3ih2oc4oh0kh3ph0", "line 1"), ("mb1ic3ih9oc4kh3ph1dh9223372036854775807", "line 1"),
      ("1x9223372036854775807:9223372036854775807x2", "line 1"), ("# nothing", nil),
    ] as [(String, String?)])
  func badLinesAreNamed(text: String, place: String?) {
    let error = #expect(throws: ImportError.self) { _ = try graph(text) }
    #expect(error?.place == place)
  }

  @Test(
    .enabled(if: SharedData.isThere, "the folder shared/data is not there"),
    arguments: [
      ("conv/shapes_resnet_50", 3.8559), ("conv/shapes_resnet_50_v1_5", 4.0871),
      ("conv/shapes_vgg_19", 19.5084),
    ] as [(String, Double)])
  func publishedShapes(name: String, gigaMACs: Double) throws {
    let text = try SharedData.text("benchdnn/\(name)")
    #expect(ProblemList.recognises(text))
    #expect(abs(Double(try graph(text, batch: 1).cost.macs) / 1e9 - gigaMACs) < 0.00006)
  }

  @Test(.enabled(if: SharedData.isThere, "the folder shared/data is not there"))
  func everyListIsRead() throws {
    let names = [
      "ip/shapes_alexnet", "ip/shapes_bert", "ip/shapes_resnet_50", "ip/shapes_gnmt",
      "conv/shapes_googlenet_v3", "conv/shapes_alexnet", "conv/shapes_googlenet_v1",
      "conv/shapes_mobilenet", "rnn/shapes_rnn_t", "rnn/shapes_deepspeech_2",
      "rnn/shapes_inference",
    ]
    for name in names {
      let graph = try graph(try SharedData.text("benchdnn/\(name)"), batch: 1)
      #expect(graph.cost.macs > 0)
      #expect(graph.layers.allSatisfy { $0.cost.macs > 0 })
    }
  }
}
