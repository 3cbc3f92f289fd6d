import Measuring
import Testing
import Topology

@Suite("Layer selection")
struct LayerSelectionTests {
  /// Layers a, b, block/x, block/y, c; segments @head (a, b) and @tail (c).
  static func graph(markers: Bool = true) throws -> Graph {
    var builder = GraphBuilder(name: "g")
    try builder.addInput(name: "in", type: TensorType(dims: [2, 4], .nc))
    let relu = GraphBuilder.PrimitiveSpec(
      element: "activation",
      kind: try #require(LayerKinds.standard["activation"]).init(
        Attributes(element: "activation", ["kind": "relu"])))
    if markers { try builder.startSegment(name: "head") }
    try builder.addLayer(name: "a", primitives: [relu])
    try builder.addLayer(name: "b", primitives: [relu])
    if markers { try builder.stopSegment(name: "head") }
    try builder.addLayer(name: "block/x", primitives: [relu])
    try builder.addLayer(name: "block/y", primitives: [relu])
    if markers { try builder.startSegment(name: "tail") }
    try builder.addLayer(name: "c", primitives: [relu])
    if markers { try builder.stopSegment(name: "tail") }
    return try builder.build()
  }

  @Test(
    "every form of the option",
    arguments: [
      ("all", [true, true, true, true, true]),
      ("marked", [true, true, false, false, true]),
      ("b", [false, true, false, false, false]),
      ("c,a", [true, false, false, false, true]),
      ("b..block/y", [false, true, true, true, false]),
      ("block", [false, false, true, true, false]),
      ("@tail", [false, false, false, false, true]),
      ("@tail,a..b", [true, true, false, false, true]),
    ])
  func forms(text: String, expected: [Bool]) throws {
    let graph = try Self.graph()
    #expect(try LayerSelection(parsing: text).resolve(in: graph) == expected)
  }

  @Test("the default is marked where there are markers, else all")
  func standard() throws {
    let marked = try Self.graph()
    let plain = try Self.graph(markers: false)
    #expect(try LayerSelection.standard.resolve(in: marked) == [true, true, false, false, true])
    #expect(LayerSelection.standard.description(for: marked) == "marked")
    #expect(try LayerSelection.standard.resolve(in: plain) == [true, true, true, true, true])
    #expect(LayerSelection.standard.description(for: plain) == "all")
  }

  @Test(
    "what does not exist is an error that names what does",
    arguments: [
      ("z", "no layer 'z'; there are: a, b, block/x, block/y, c, @head, @tail"),
      ("@z", "no segment '@z'; there are: @head, @tail, a, b, block/x, block/y, c"),
      ("c..a", "'a' stands before 'c'"),
      ("a..", "'a..' is no range FIRST..LAST"),
      ("a,,b", "a layer's name is empty"),
    ])
  func errors(text: String, message: String) throws {
    let graph = try Self.graph()
    let error = #expect(throws: SelectionError.self) {
      try LayerSelection(parsing: text).resolve(in: graph)
    }
    #expect(error?.description == message)
    #expect(error?.name == (["z", "@z"].contains(text) ? text : nil))
  }

  @Test("marked without markers is an error")
  func unmarked() throws {
    let graph = try Self.graph(markers: false)
    #expect(throws: SelectionError.self) {
      try LayerSelection(parsing: "marked").resolve(in: graph)
    }
  }
}
