import Testing

@testable import Topology
@testable import TopologyXML

/// The tables of the guide.
@Suite struct GuideTableTests: GuideSuite {
  @Test func everyElementHasItsAttributes() {
    for kind in LayerKinds.standard.all {
      let names = kind.elements.map { "`\($0.name)`" }.joined(separator: ", ")
      var expected = Set(kind.elements.flatMap { $0.required + $0.optional })
      if kind.elements.contains(where: { $0.further != nil }) { expected.insert("with") }
      let kinds = Set(Inlay.kinds.map { $0.name } + Activation.Function.allCases.map(\.rawValue))
      var found: [String] = []
      for row in Guide.rows(under: "### \(names)") {
        found += Guide.words(row[0]).filter { !kinds.contains($0) }
      }
      #expect(Set(found) == expected, "\(names)")
      for row in Guide.rows(under: "### \(names)") where row.count == 3 {
        let words = Guide.words(row[0])
        let demanded = kind.elements.contains { !Set(words).isDisjoint(with: $0.required) }
        // A reorder demands `to`, which no other inlay takes.
        #expect((row[1] == "required") == (demanded || words == ["to"]), "\(names) \(words)")
      }
    }
  }

  @Test func everyActivationIsListedWithItsNumbers() throws {
    let rows = Guide.rows(under: "### `activation`").filter { $0.count == 5 }
    let functions = Activation.Function.allCases
    #expect(rows.map { Guide.words($0[0])[0] } == functions.map(\.rawValue).sorted())
    for row in rows {
      let function = try #require(Activation.Function(rawValue: Guide.words(row[0])[0]))
      for (name, cell) in zip(["alpha", "beta", "max"], row[2...]) {
        let number = function.numbers.first { $0.name == name }
        #expect((number != nil) == !cell.isEmpty, "\(function) \(name)")
        if let number { #expect(Double(cell) == number.fallback, "\(function) \(name)") }
      }
    }
  }

  @Test func everyInlayIsListed() {
    let rows = Guide.rows(under: "### `inlay`").filter { $0.count == 4 }
    #expect(Set(rows.map { Guide.words($0[0])[0] }) == Set(Inlay.kinds.map { $0.name }))
  }

  @Test func everyShapeInTheTableIsRight() throws {
    let rows = Guide.rows(under: "## Shapes and layouts").filter { $0[0].contains("<") }
    #expect(rows.count >= 10)
    for row in rows {
      let graph = try read(layer(Guide.words(row[0])[0], shape: "1x3x32x32"))
      #expect(graph.layers[0].outputType.shape.description == row[1], "\(row[0])")
    }
  }

  @Test func layoutsHaveTheirDefaultsAndBatch() throws {
    let expected: [(shape: String, layout: Layout, batched: [Int])] = [
      ("5", .other, [9]), ("2x3", .nc, [9, 3]), ("2x3x4", .tnc, [2, 9, 4]),
      ("2x3x4x5", .nchw, [9, 3, 4, 5]), ("1x2x3x4x5", .ncdhw, [9, 2, 3, 4, 5]),
      ("1x2x3x4x5x6", .other, [9, 2, 3, 4, 5, 6]),
    ]
    for (shape, layout, batched) in expected {
      let text = layer("<activation kind=\"relu\"/>", shape: shape)
      #expect(try read(text).inputs[0].type.layout == layout)
      let reader = TopologyReader(options: TopologyReader.Options(batch: 9))
      let document = try reader.read(bytes: Array(text.utf8), file: "t.xml")
      #expect(document.graph.inputs[0].type.dims == batched)
    }
  }
}
