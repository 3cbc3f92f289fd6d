import Foundation
import TestSupport
import Testing
import Topology
import TopologyXML

/// A graph, written and read again, is the same graph.
@Suite struct WriterTests {
  static let bundled =
    ((try? RepositoryFiles.names(in: "topologies")) ?? []).filter { $0.hasSuffix(".xml") }

  /// Writes a graph and reads it again; the document with it.
  private func again(_ graph: Graph, _ writer: TopologyWriter = TopologyWriter()) throws -> (
    graph: Graph, text: String
  ) {
    let text = try writer.write(graph)
    let document = try TopologyReader().read(bytes: Array(text.utf8), file: "written.xml")
    return (document.graph, text)
  }

  private func graph(_ body: String) throws -> Graph {
    let text = "<topology name=\"n\" version=\"1\">\(body)</topology>"
    return try TopologyReader().read(bytes: Array(text.utf8), file: "n.xml").graph
  }

  @Test("every bundled topology gives an equal graph", arguments: bundled)
  func roundTrip(name: String) throws {
    let bytes = try RepositoryFiles.bytes(of: "topologies/\(name)")
    let graph = try TopologyReader().read(bytes: bytes, file: name).graph
    let (read, text) = try again(graph)
    #expect(GraphDifference.first(graph, read) == nil)
    // As a person would: no longer than the graph has layers, by far where it repeats.
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 140 || !$0.contains("/><") })
  }

  @Test func whatRepeatsIsFolded() throws {
    let bytes = try RepositoryFiles.bytes(of: "topologies/resnet152.xml")
    let graph = try TopologyReader().read(bytes: bytes, file: "resnet152.xml").graph
    let text = try TopologyWriter().write(graph)
    #expect(graph.layers.count > 150)
    #expect(text.split(separator: "\n").count < 64)
    #expect(text.contains("<repeat count=\"35\"><use block=\"conv2-2\" prefix=\"conv4/${i + 2}\""))
    #expect(text.contains("<arg name=\"filters\"/>"))
    #expect(text.contains("${4 * filters}"))
  }

  @Test func onlyAttributesThatSaySomethingAreWritten() throws {
    let (_, text) = try again(
      graph(
        """
        <input name="x" shape="1x4x8x8"/>
        <layer name="c">
          <conv filters="4" kernel="3" stride="1" dilation="1" groups="1" bias="true" padding="same"/>
          <activation kind="leaky-relu" alpha="0.01"/>
        </layer>
        <layer name="p"><pool kind="max" kernel="2" stride="2" ceil="false"/></layer>
        """))
    #expect(text.contains("<conv filters=\"4\" kernel=\"3\" padding=\"same\"/>"))
    #expect(text.contains("<activation kind=\"leaky-relu\"/>"))
    #expect(text.contains("<layer name=\"p\"><pool kernel=\"2\"/></layer>"))
    #expect(!text.contains("inputs="))
  }

  @Test func fractionsStayExact() throws {
    let source = try graph(
      """
      <param name="d" value="3"/><input name="x" shape="2x4"/>
      <layer name="l"><activation kind="linear" alpha="${1 / d}"/></layer>
      """)
    let (read, text) = try again(source)
    #expect(GraphDifference.first(source, read) == nil)
    #expect(text.contains("alpha=\"0.333"))
  }

  @Test func operandsOutputsSegmentsAndConstantsSurvive() throws {
    let source = try TopologyReader().read(
      bytes: Array(
        """
        <topology name="n" version="1" outputs="s.h b">
          <input name="x" shape="4x2x8"/><input name="y" shape="4x2x8"/>
          <constant name="m" shape="8" layout="other" kind="range" value="1" step="0.5"/>
          <constant name="k" shape="8" layout="other" learned="true"/>
          <marker action="start" name="a&amp;b" counters="software" events="page_faults"/>
          <layer name="s" inputs="x"><lstm hidden="8"/></layer>
          <marker action="start" name="inner"/>
          <layer name="a" inputs="y"><add with="s m"/><mul with="@input"/><add with="k"/></layer>
          <marker action="stop" name="inner"/><marker action="stop" name="a&amp;b"/>
          <layer name="b" inputs="a" weights="s"><lstm hidden="8"/></layer>
        </topology>
        """.utf8), file: "n.xml"
    ).graph
    let (read, text) = try again(source)
    #expect(GraphDifference.first(source, read) == nil)
    #expect(text.contains("outputs=\"s.h b\""))
    #expect(text.contains("a&amp;b"))
  }

  @Test func marksCoverTheWholeNetwork() throws {
    let layers = (0..<4).map {
      "<layer name=\"b\($0)/a\"><fc units=\"8\"/></layer><layer name=\"b\($0)/b\"><softmax/></layer>"
    }
    let source = try graph(
      "<input name=\"x\" shape=\"1x8\"/><layer name=\"first\"><fc units=\"8\"/></layer>"
        + layers.joined() + "<layer name=\"last\"><fc units=\"2\"/></layer>")
    let (read, text) = try again(source, TopologyWriter(marksRepeats: true))
    #expect(read.segments.map(\.name) == ["first", "b", "last"])
    #expect(read.segments.flatMap(\.layers) == Array(source.layers.indices))
    #expect(text.contains("<repeat count=\"4\">"))
    #expect(try again(source).graph.segments.isEmpty)
  }

  @Test func namesThatCannotBeWrittenAreRefused() throws {
    var builder = GraphBuilder(name: "n")
    try builder.addInput(name: "x", type: TensorType(dims: [1, 2], .nc))
    try builder.addLayer(name: "a${b}", primitives: [.init("softmax")])
    let graph = try builder.build()
    #expect(throws: GraphError.self) { try TopologyWriter().write(graph) }
  }
}
