import Testing

@testable import Topology
@testable import TopologyXML

/// The complete examples and fragments of the guide.
@Suite struct GuideExampleTests: GuideSuite {
  @Test func everyExampleIsValid() throws {
    #expect(Guide.examples.count >= 7)
    for example in Guide.examples { _ = try read(example).program() }
  }

  @Test func examplesGiveWhatTheTextSays() throws {
    var graphs: [String: Graph] = [:]
    for example in Guide.examples {
      let graph = try read(example)
      #expect(graphs.updateValue(graph, forKey: graph.name) == nil, "two are named \(graph.name)")
    }
    let digits = try #require(graphs["digits"])
    #expect(digits.cost.parameters == 159_010)
    #expect(digits.cost.macs == 158_800)
    let deep = try #require(graphs["deep"])
    #expect(deep.layers.map(\.name) == (1...8).map { "fc\($0)" } + ["out"])
    let vgg = try #require(graphs["small-vgg"])
    #expect(
      vgg.layers.map(\.name) == [
        "stage1/conv1", "stage1/conv2", "stage1/pool", "stage2/conv1", "stage2/conv2",
        "stage2/conv3", "stage2/pool", "classes",
      ])
    #expect(vgg.layers.last?.inputTypes.first?.dims == [1, 64, 8, 8])
    let marked = try #require(graphs["marked"])
    #expect(marked.segments.map(\.name) == ["features", "classifier"])
    #expect(marked.segments.map(\.layers) == [[0, 1], [2, 3]])
    #expect(try #require(graphs["branches"]).layers.last?.outputType.dims == [1, 32, 28, 28])
    let residual = try #require(graphs["residual"])
    #expect(residual.layers.map(\.name).prefix(4) == ["stem", "a/first", "a/second", "b/shortcut"])
    #expect(residual.layers[2].inputs == [.layer(1), .layer(0)])
    #expect(residual.layers[4].inputs == [.layer(2)])
  }

  @Test func fragmentsWorkInContext() throws {
    let graph = try read(
      """
      <topology name="t" version="1"><input name="in" shape="1x64"/>
        <block name="merge"><arg name="width"/>
          <layer name="sum" inputs="@input @input2"><add/></layer>
          <layer name="fc"><fc units="${width}"/></layer>
        </block>
        <layer name="left"><fc units="64"/></layer>
        <layer name="right" inputs="in"><fc units="64"/></layer>
        <layer name="gate" inputs="left right"><add/><activation kind="sigmoid"/>
          <mul with="@input2"/></layer>
        <use block="merge" prefix="merge1" inputs="left right" width="64"/>
        <layer name="next" inputs="merge1"><fc units="10"/></layer>
      </topology>
      """)
    #expect(graph.layers[2].primitives[2].operands == [.previous, .layer(1)])
    #expect(graph.layers[3].inputs == [.layer(0), .layer(1)])
    #expect(graph.layers[5].inputs == [.layer(4)])
    #expect(graph.outputs == [.layer(2), .layer(5)])
  }
}
