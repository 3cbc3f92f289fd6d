import TestSupport
import Testing
import Topology
import TopologyXML

/// Networks taken apart into bricks.
@Suite("Bricks") struct BrickTests {
  /// The bricks of a body, and where they stand.
  private func taken(
    _ body: String, fused: [Int: Int] = [:], granularity: Int = 1
  ) throws -> (bricks: [Brick], uses: [BrickUse]) {
    var decomposition = BrickDecomposition(granularity: granularity)
    let uses = try decomposition.add(try graph(topology(body)), fusedInto: fused)
    return (decomposition.bricks, uses)
  }

  @Test func equalLayersAreOneBrickWhateverTheyAreCalled() throws {
    let (bricks, uses) = try taken(
      """
      <layer name="stem"><conv filters="8" kernel="3" padding="same"/></layer>
      <layer name="first"><conv filters="8" kernel="3" padding="same"/><activation kind="relu"/></layer>
      <layer name="other"><conv filters="8" kernel="3x3" padding="same" bias="true"/><activation kind="relu"/></layer>
      """)
    #expect(bricks.count == 2)
    #expect(uses.map(\.brick) == [0, 1, 1])
    #expect(uses.map(\.inputs) == [[], [0], [1]])
    #expect(uses.map(\.readsInput) == [true, false, false])
    #expect(uses.map(\.givesOutput) == [false, false, true])
    #expect(!bricks.contains { $0.text.contains("stem") || $0.text.contains("first") })
  }

  @Test(arguments: [
    #"<layer name="b"><conv filters="8" kernel="5" padding="same"/></layer>"#,
    #"<layer name="b"><conv filters="8" kernel="3" padding="same" bias="false"/></layer>"#,
    #"<layer name="b"><conv filters="8" kernel="3" padding="same" groups="2"/></layer>"#,
    #"<layer name="b"><conv filters="8" kernel="3" padding="same"/><activation kind="relu"/></layer>"#,
    #"<layer name="b"><conv filters="16" kernel="3" padding="same"/></layer>"#,
  ])
  func whatDiffersInAttributesIsAnotherBrick(layer: String) throws {
    let first = #"<layer name="z"><conv filters="8" kernel="1"/></layer>"#
    let (bricks, uses) = try taken(
      first + #"<layer name="a"><conv filters="8" kernel="3" padding="same"/></layer>"# + layer)
    #expect(bricks.count == 3 && uses.map(\.brick) == [0, 1, 2])
  }

  @Test func shapesAndBatchTellBricksApart() throws {
    let text = topology(#"<layer name="a"><conv filters="8" kernel="3"/></layer>"#)
    var decomposition = BrickDecomposition()
    for batch in [1, 4, 1] {
      _ = try decomposition.add(try graph(text, options: .init(batch: batch)))
    }
    #expect(decomposition.bricks.count == 2)
  }

  @Test func bricksAreSharedByNetworks() throws {
    var decomposition = BrickDecomposition()
    func layer(_ name: String) -> String { "<layer name=\"\(name)\"><fc units=\"8\"/></layer>" }
    let a = try decomposition.add(try graph(topology(layer("a"))))
    let b = try decomposition.add(try graph(topology(layer("b"))))
    #expect(a == b && decomposition.bricks.count == 1)
  }

  @Test func fusedLayersAreOneBrickAlsoWhereOthersStandBetween() throws {
    let (bricks, uses) = try taken(
      """
      <layer name="a"><conv filters="8" kernel="3" padding="same"/></layer>
      <layer name="b"><conv filters="8" kernel="3" padding="same"/></layer>
      <layer name="side" inputs="a"><pool kind="max" kernel="2"/></layer>
      <layer name="sum" inputs="b a"><add/></layer>
      """, fused: [3: 1])
    #expect(uses.map(\.layers) == [[0], [1, 3], [2]])
    #expect(uses.map(\.inputs) == [[], [0], [0]])
    #expect(bricks[1].graph.layers.map(\.kind) == ["conv", "add"])
    #expect(bricks[1].graph.inputs.count == 1 && bricks[1].graph.outputs.count == 1)
  }

  @Test func chainsGoOnWhileNobodyElseReads() throws {
    let body = """
      <layer name="a"><conv filters="8" kernel="3" padding="same"/></layer>
      <layer name="b"><activation kind="relu"/></layer>
      <layer name="c"><conv filters="8" kernel="3" padding="same"/></layer>
      <layer name="d"><activation kind="tanh"/></layer>
      <layer name="e" inputs="d b"><add/></layer>
      """
    #expect(try taken(body, granularity: 2).uses.map(\.layers) == [[0, 1], [2, 3], [4]])
    #expect(try taken(body, granularity: 9).uses.map(\.layers) == [[0, 1], [2, 3, 4]])
    #expect(try taken(body, granularity: 1).uses.map(\.layers) == [[0], [1], [2], [3], [4]])
    // What is fused counts as one.
    #expect(
      try taken(body, fused: [1: 0, 3: 2], granularity: 2).uses.map(\.layers)
        == [[0, 1], [2, 3, 4]])
  }

  @Test func whatReadsConstantsAloneGoesWithItsReader() throws {
    let (bricks, uses) = try taken(
      """
      <constant name="table" shape="1x3x8x8" learned="true"/>
      <layer name="scaled" inputs="table"><activation kind="tanh"/></layer>
      <layer name="plus" inputs="x scaled"><add/></layer>
      """)
    #expect(uses.map(\.layers) == [[0, 1]])
    #expect(bricks[0].graph.constants.count == 1 && bricks[0].graph.inputs.count == 1)
  }

  @Test func statesAndSharedWeightsCrossBorders() throws {
    let text = """
      <topology name="t" version="1"><input name="x" shape="5x1x8"/>
      <layer name="a"><lstm hidden="8"/></layer>
      <layer name="b" weights="a"><lstm hidden="8"/></layer>
      <layer name="c" inputs="a.h b"><concat axis="0"/></layer></topology>
      """
    var decomposition = BrickDecomposition()
    let uses = try decomposition.add(try graph(text))
    // A layer whose state is read gives more than one whose state is not.
    #expect(uses.map(\.brick) == [0, 1, 2])
    #expect(decomposition.bricks[0].graph.outputs.count == 2)
    #expect(!decomposition.bricks[1].text.contains("weights="))
    #expect(uses[2].inputs == [0, 1])
  }

  @Test(
    "bricks of bundled networks are topologies that are their own bricks",
    arguments: [
      "squeezenet-1.1.xml", "resnet18.xml", "mobilenet-v2.xml", "deepspeech.xml", "bert-base.xml",
    ])
  func bundled(name: String) throws {
    let bytes = try RepositoryFiles.bytes(of: "topologies/\(name)")
    let whole = try TopologyReader().read(bytes: bytes, file: name).graph
    for granularity in [1, 3] {
      var decomposition = BrickDecomposition(granularity: granularity)
      let uses = try decomposition.add(whole)
      #expect(uses.flatMap(\.layers).sorted() == Array(whole.layers.indices))
      for (place, use) in uses.enumerated() { #expect(use.inputs.allSatisfy { $0 < place }) }
      let macs = uses.reduce(0) { $0 + decomposition.bricks[$1.brick].graph.cost.macs }
      #expect(macs == whole.cost.macs)
      for brick in decomposition.bricks {
        let text = try brick.text(named: "brick-1", comment: ["by itself"])
        let read = try graph(text)
        var again = BrickDecomposition(granularity: granularity)
        #expect(try again.add(read).count == 1)
        #expect(again.bricks.map(\.text) == [brick.text])
      }
    }
  }

  @Test func whatTheLanguageCannotWriteIsSaidWithItsLayer() throws {
    var builder = GraphBuilder(name: "g")
    try builder.addInput(name: "x", type: try TensorType(dims: [1, 8], .nc))
    let kind = try #require(LayerKinds.standard["fc"])
    try builder.addLayer(
      name: "unknown",
      primitives: [
        .init(element: "fc", kind: try kind.init(Attributes(element: "fc", ["units": "4"])))
      ])
    let graph = try builder.build()
    var decomposition = BrickDecomposition()
    let error = #expect(throws: GraphError.self) { try decomposition.add(graph) }
    #expect(error?.layer == "unknown" && error?.message.contains("attributes") == true)
  }
}
