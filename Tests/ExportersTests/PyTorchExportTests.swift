import Exporters
import Foundation
import Testing
import Topology
import TopologyXML

/// Modules of PyTorch: their classes, what they are called with, and the keys of their weights.
@Suite struct PyTorchExportTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func source(_ layers: String, inputs: String = #"<input name="x" shape="2x3x8x8"/>"#)
    throws -> String
  {
    let text = #"<topology name="test" version="1">\#(inputs)\#(layers)</topology>"#
    let graph = try TopologyReader().read(bytes: Array(text.utf8), file: "test.xml").graph
    return try PyTorchExport(graph, weights: SeededWeights(seed: 1), producer: ("test", "1")).source
  }

  @Test("every bundled topology is expressed, or refused for what PyTorch has not")
  func bundled() throws {
    let folder = Self.root.appending(path: "topologies")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix(".xml")
    }.sorted()
    #expect(names.count > 40)
    for name in names {
      let graph = try Exported.read("topologies/\(name)")
      do throws(GraphError) {
        let export = try PyTorchExport(
          graph, weights: SeededWeights(seed: 1), producer: ("test", "1"))
        for layer in graph.layers {
          #expect(!export.source.contains("None("), "\(name): \(layer.name)")
        }
        #expect(export.weightBytes >= 4 * graph.cost.parameters, "\(name)")
      } catch {
        #expect(name == "deepspeech-e2e.xml", "\(name): \(error)")
        #expect(error.message.contains("mfcc"))
      }
    }
  }

  @Test func oneLayerOfAModuleIsThatModule() throws {
    let text = try source(
      #"<layer name="a"><conv filters="4" kernel="3" padding="1"/></layer><layer name="b"><pool kind="max" kernel="2" stride="2"/></layer>"#
    )
    #expect(text.contains("self.a = nn.Conv2d(3, 4, 3, padding=1)"))
    #expect(text.contains("self.b = nn.MaxPool2d(2, stride=2)"))
    #expect(text.contains("a = self.a(x)"))
    #expect(text.contains("b = self.b(a)"))
    #expect(text.contains("return b"))
  }

  @Test func layersOfEqualStructureShareAClassWhoseArgumentsAreTheirNumbers() throws {
    let layer = { (name: String, filters: Int) in
      #"<layer name="\#(name)"><conv filters="\#(filters)" kernel="1" bias="false"/><batch-norm/><activation kind="relu"/></layer>"#
    }
    let text = try source(layer("a", 4) + layer("b", 8))
    #expect(
      text.components(separatedBy: "class ConvBatchNormActivation(nn.Sequential):").count == 2)
    #expect(text.contains("self.a = ConvBatchNormActivation(inputs=3, outputs=4)"))
    #expect(text.contains("self.b = ConvBatchNormActivation(inputs=4, outputs=8)"))
    #expect(text.contains("nn.Conv2d(inputs, outputs, 1, bias=False),"))
    #expect(text.contains("nn.BatchNorm2d(outputs, eps=1e-05),"))
  }

  @Test func aLayerWithOneWeightIsThatModuleWithItsOwnForward() throws {
    let text = try source(
      #"<layer name="a"><fc units="7"/><activation kind="clipped-relu" max="20"/></layer>"#)
    #expect(text.contains("class FcActivation(nn.Linear):"))
    #expect(text.contains("super().__init__(192, 7)"))
    #expect(text.contains("return F.hardtanh(x, 0, 20)"))
  }

  @Test func operandsAreArguments() throws {
    let text = try source(
      #"<layer name="a"><conv filters="3" kernel="1"/></layer><layer name="b"><conv filters="3" kernel="1"/><add with="a"/></layer>"#
    )
    // The operand outlives the convolution, so that its name is not taken.
    #expect(text.contains("h = super().forward(x)"))
    #expect(text.contains("return h + x"))
    #expect(text.contains("b = self.b(a)"))
  }

  @Test func namesThatPythonLacksAreKnownToTheLoader() throws {
    let text = try source(#"<layer name="1/a-b"><fc units="2"/></layer>"#)
    #expect(text.contains(#"    "_1_a_b": "1/a-b","#))
    #expect(text.contains("self._1_a_b = Fc()"))
  }

  @Test func attentionIsPyTorchs() throws {
    let text = try source(
      #"<layer name="a"><attention heads="2" causal="true"/></layer>"#,
      inputs: #"<input name="x" shape="5x2x8" layout="tnc"/>"#)
    #expect(text.contains("in_proj_weight=(24, 8)"))
    #expect(text.contains("F.scaled_dot_product_attention("))
    #expect(text.contains("is_causal=True"))
  }

  @Test func aGRUThatResetsFirstIsRefused() throws {
    let error = try #require(throws: GraphError.self) {
      _ = try source(
        #"<layer name="a"><gru hidden="4"/></layer>"#,
        inputs: #"<input name="x" shape="5x2x8" layout="tnc"/>"#)
    }
    #expect(error.message.contains("linear-before-reset"))
    #expect(error.layer == "a")
  }
}
