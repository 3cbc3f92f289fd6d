import TestSupport
import Testing
import Topology

/// Names, references, markers and outputs of a graph.
@Suite struct GraphBuilderTests {
  private var builder = GraphBuilder(name: "test")

  init() throws {
    try builder.addInput(name: "in", type: tensorType("1x4 nc"))
  }

  private mutating func add(
    _ name: String, inputs: [String]? = nil, with: [String] = []
  ) throws {
    let element = with.isEmpty ? "fc" : "add"
    try builder.addLayer(
      name: name, inputs: inputs,
      primitives: [
        GraphBuilder.PrimitiveSpec(element, element == "fc" ? ["units": "4"] : [:], with: with)
      ])
  }

  private func message(_ body: () throws -> Void) throws -> String {
    try #require(throws: GraphError.self) { try body() }.description
  }

  @Test func layersChainByDefault() throws {
    var test = self
    try test.add("a")
    try test.add("b")
    let graph = try test.builder.build()
    #expect(graph.layers.map(\.inputs) == [[.input(0)], [.layer(0)]])
    #expect(graph.layers.map(\.index) == [0, 1])
    #expect(graph.outputs == [.layer(1)])
    #expect(graph.layers[0].kind == "fc")
  }

  @Test func kindIsTheCostliestPrimitive() throws {
    func kind(_ elements: String...) throws -> String {
      var builder = GraphBuilder(name: "t")
      try builder.addInput(name: "x", type: tensorType("2x8 nc"))
      let attributes = [
        "fc": ["units": "4"], "activation": ["kind": "relu"], "quantize": ["scale": "1"],
      ]
      try builder.addLayer(
        name: "a",
        primitives: try elements.map { try GraphBuilder.PrimitiveSpec($0, attributes[$0] ?? [:]) })
      return try builder.build().layers[0].kind
    }
    // Multiply-adds before FLOP, wherever they stand.
    #expect(try kind("layer-norm", "fc", "activation") == "fc")
    #expect(try kind("activation", "softmax", "fc") == "fc")
    // FLOP before bytes: two a value against one.
    #expect(try kind("dropout", "activation") == "activation")
    // Of equals the first.
    #expect(try kind("activation", "quantize") == "activation")
    #expect(try kind("dropout") == "dropout")
  }

  @Test func layersNobodyReadsAreOutputs() throws {
    var test = self
    try test.add("a")
    try test.add("b")
    try test.add("c", inputs: ["a"])
    try test.add("d", inputs: ["a"])
    #expect(try test.builder.build().outputs == [.layer(1), .layer(2), .layer(3)])
  }

  @Test(arguments: ["a", "in"])
  func duplicateNames(name: String) throws {
    var test = self
    try test.add("a")
    let text = try message { try test.add(name) }
    #expect(text.contains("duplicate name '\(name)'"))
  }

  @Test(arguments: ["", "@a", "a..b", "a,b", "a b", "a\tb", "a\u{7}"])
  func badNames(name: String) throws {
    var test = self
    #expect(throws: GraphError.self) { try test.add(name) }
    #expect(GraphBuilder.fault(inName: name) != nil)
  }

  @Test(arguments: ["conv1/3x3", "größe", "a.b", "1"])
  func goodNames(name: String) throws {
    var test = self
    try test.add(name)
    #expect(test.builder.contains(name))
  }

  @Test func unknownAndForwardReferences() throws {
    var test = self
    try test.add("a")
    #expect(try message { try test.add("b", inputs: ["c"]) }.contains("'c' stands above"))
    #expect(try message { try test.add("b", with: ["c"]) }.contains("'c' stands above"))
    #expect(try message { try test.add("b", inputs: ["b"]) }.contains("cannot read itself"))
    #expect(try message { try test.add("b", inputs: []) }.contains("names no input"))
    // A failed layer leaves no name behind.
    try test.add("b")
  }

  @Test func severalInputsMustBeNamed() throws {
    var test = self
    try test.builder.addInput(name: "other", type: tensorType("1x4 nc"))
    #expect(try message { try test.add("a") }.contains("say which"))
    try test.add("a", inputs: ["in"], with: ["other"])
    #expect(try test.builder.build().layers[0].inputs == [.input(0), .input(1)])
  }

  @Test func residualBlockIsOneLayer() throws {
    var test = self
    try test.add("a")
    try test.builder.addLayer(
      name: "block",
      primitives: [
        GraphBuilder.PrimitiveSpec("fc", ["units": "4"]),
        GraphBuilder.PrimitiveSpec("add", with: ["@input"]),
        GraphBuilder.PrimitiveSpec("activation", ["kind": "relu"]),
      ])
    let layer = try test.builder.build().layers[1]
    #expect(layer.inputs == [.layer(0)])
    #expect(layer.primitives[1].operands == [.previous, .layer(0)])
    let program = try test.builder.build().program()
    #expect(program.instructions.map(\.inputs) == [[0], [1], [2, 1], [3]])
    #expect(program.instructions.map(\.layer) == [0, 1, 1, 1])
    #expect(program.instructions.map(\.primitive) == [0, 0, 1, 2])
    #expect(program.outputs == [4])
  }

  @Test(arguments: ["@input2", "@input0", "@inputx"])
  func inputsThatAreNotThere(reference: String) throws {
    var test = self
    let text = try message { try test.add("a", with: [reference]) }
    #expect(text.contains("'\(reference)' is no input of this layer"))
  }

  @Test func segmentsNestAndOverlap() throws {
    var test = self
    try test.builder.startSegment(name: "all", counters: "papi", events: ["cycles"])
    try test.add("a")
    try test.builder.startSegment(name: "late")
    try test.add("b")
    try test.builder.stopSegment(name: "all")
    try test.add("c")
    try test.builder.stopSegment(name: "late")
    let segments = try test.builder.build().segments
    #expect(segments.map(\.name) == ["all", "late"])
    #expect(segments.map(\.layers) == [[0, 1], [1, 2]])
    #expect(segments[0].counters == "papi")
    #expect(segments[0].events == ["cycles"])
  }

  @Test func unbalancedMarkers() throws {
    var test = self
    #expect(try message { try test.builder.stopSegment(name: "s") }.contains("was not started"))
    try test.builder.startSegment(name: "s")
    #expect(try message { try test.builder.stopSegment(name: "s") }.contains("encloses no layer"))
    #expect(try message { try test.builder.startSegment(name: "s") }.contains("duplicate marker"))
    try test.add("a")
    #expect(try message { _ = try test.builder.build() }.contains("starts but never stops"))
    try test.builder.stopSegment(name: "s")
    #expect(try message { try test.builder.stopSegment(name: "s") }.contains("was not started"))
  }

  @Test func emptyGraphs() throws {
    #expect(try message { _ = try GraphBuilder(name: "x").build() }.contains("no input"))
    #expect(try message { _ = try builder.build() }.contains("no layer"))
    var test = self
    let text = try message { try test.builder.addLayer(name: "a", primitives: []) }
    #expect(text.contains("holds no primitive"))
  }

  @Test func errorsSayWhere() throws {
    var test = self
    let place = SourceLocation(file: "net.xml", line: 3, column: 7)
    let error = try #require(throws: GraphError.self) {
      try test.builder.addLayer(
        name: "pool", primitives: [GraphBuilder.PrimitiveSpec("pool", ["kernel": "2"])],
        location: place)
    }
    #expect(
      error.description
        == "net.xml:3:7: layer 'pool': <pool>: wants ncw, nchw or ncdhw, not 1x4 nc")
  }
}
