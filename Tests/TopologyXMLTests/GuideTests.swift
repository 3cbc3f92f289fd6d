import Foundation
import Testing

@testable import Topology
@testable import TopologyXML

/// Holds `docs/topology-language.md` to what the reader does.
@Suite struct GuideTests {
  private static let page: String = {
    var root = URL(filePath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let path = root.appending(path: "docs/topology-language.md").path
    return (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }()

  // MARK: - Examples

  /// The complete examples: blocks fenced as `xml` that begin with `<?xml` or `<topology`.
  private static let examples: [String] = {
    var examples: [String] = []
    var block: [Substring]?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        let text = block?.joined(separator: "\n") ?? ""
        if text.hasPrefix("<?xml") || text.hasPrefix("<topology") { examples.append(text) }
        block = block == nil && line == "```xml" ? [] : nil
      } else {
        block?.append(line)
      }
    }
    return examples
  }()

  @Test func everyExampleIsValid() throws {
    #expect(GuideTests.examples.count >= 7)
    for example in GuideTests.examples { _ = try read(example).program() }
  }

  @Test func examplesGiveWhatTheTextSays() throws {
    var graphs: [String: Graph] = [:]
    for example in GuideTests.examples {
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
    #expect(graph.outputs == [2, 5])
  }

  // MARK: - Tables

  /// Rows of the tables between a heading that begins with `heading` and the next heading.
  private static func rows(under heading: String) -> [[String]] {
    var rows: [[String]] = []
    var isInside = false
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") { isInside = line.hasPrefix(heading) }
      guard isInside, line.hasPrefix("| `") else { continue }
      let cells = line.replacing("\\|", with: "¦").split(
        separator: "|", omittingEmptySubsequences: false)
      rows.append(cells.dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) })
    }
    return rows
  }

  /// The words of a cell between back quotes.
  private static func words(_ cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  @Test func everyElementHasItsAttributes() {
    for kind in LayerKinds.all {
      let names = kind.elements.map { "`\($0.name)`" }.joined(separator: ", ")
      var expected = Set(kind.elements.flatMap { $0.required + $0.optional })
      if ["`concat`", "`add`", "`matmul`", "`gather`"].contains(where: names.hasPrefix) {
        expected.insert("with")
      }
      let kinds = Set(Inlay.kinds.map { $0.name } + Activation.Function.allCases.map(\.rawValue))
      var found: [String] = []
      for row in GuideTests.rows(under: "### \(names)") {
        found += GuideTests.words(row[0]).filter { !kinds.contains($0) }
      }
      #expect(Set(found) == expected, "\(names)")
      for row in GuideTests.rows(under: "### \(names)") where row.count == 3 {
        let words = GuideTests.words(row[0])
        let demanded = kind.elements.contains { !Set(words).isDisjoint(with: $0.required) }
        // A reorder demands `to`, which no other inlay takes.
        #expect((row[1] == "required") == (demanded || words == ["to"]), "\(names) \(words)")
      }
    }
  }

  @Test func everyActivationIsListedWithItsNumbers() throws {
    let rows = GuideTests.rows(under: "### `activation`").filter { $0.count == 5 }
    let functions = Activation.Function.allCases
    #expect(rows.map { GuideTests.words($0[0])[0] } == functions.map(\.rawValue).sorted())
    for row in rows {
      let function = try #require(Activation.Function(rawValue: GuideTests.words(row[0])[0]))
      for (name, cell) in zip(["alpha", "beta", "max"], row[2...]) {
        let number = function.numbers.first { $0.name == name }
        #expect((number != nil) == !cell.isEmpty, "\(function) \(name)")
        if let number { #expect(Double(cell) == number.fallback, "\(function) \(name)") }
      }
    }
  }

  @Test func everyInlayIsListed() {
    let rows = GuideTests.rows(under: "### `inlay`").filter { $0.count == 4 }
    #expect(Set(rows.map { GuideTests.words($0[0])[0] }) == Set(Inlay.kinds.map { $0.name }))
  }

  @Test func everyShapeInTheTableIsRight() throws {
    let rows = GuideTests.rows(under: "## Shapes and layouts").filter { $0[0].contains("<") }
    #expect(rows.count >= 10)
    for row in rows {
      let graph = try read(layer(GuideTests.words(row[0])[0], shape: "1x3x32x32"))
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

  // MARK: - Documents

  @Test func encodingsAreThoseOfLibxml2() throws {
    let body = layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"é\"")
    let latin = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + body
    let big = body.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    let documents: [[UInt8]] = [
      [0xFE, 0xFF] + big,
      Array(body.utf8), [0xEF, 0xBB, 0xBF] + Array(body.utf8),
      [0xFF, 0xFE] + body.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
      latin.unicodeScalars.map { UInt8($0.value) },
    ]
    for bytes in documents {
      let document = try TopologyReader().read(bytes: bytes, file: "t.xml")
      #expect(document.graph.layers[0].name == "é")
    }
  }

  @Test func documentsAreRefusedAsThePageSays() throws {
    let plain = layer("<fc units=\"1\"/>")
    expectError("<!DOCTYPE topology>" + plain, "DOCTYPE")
    expectError("<!DOCTYPE topology [<!ENTITY a \"b\">]>" + plain, "DOCTYPE")
    expectError(plain.replacing("</layer>", with: "x</layer>"), "text is not allowed")
    expectError(plain.replacing("units=\"1\"", with: "units=\"1\" nits=\"1\""), "unknown attribute")
    expectError(layer("<fcc units=\"1\"/>"), "unknown element")
    expectError(plain.replacing("version=\"1\"", with: "version=\"2\""), "version")
    expectError(plain.replacing("<topology", with: "<topology xmlns=\"urn:x\""), "namespace")
    expectError(plain.replacing("name=\"t\"", with: "name=\"\""), "empty")
    expectError(plain.replacing("name=\"t\"", with: "name=\"a/b\""), "'/'")
    #expect(throws: TopologyReadError.self) {
      try TopologyReader().read(bytes: [0x1F, 0x8B, 8, 0], file: "t.xml")
    }
    let schema =
      "<topology xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      + "xsi:noNamespaceSchemaLocation=\"https://example.org/none.xsd\""
    _ = try read(plain.replacing("<topology", with: schema))
    _ = try read("<!-- a --><?note b?>" + plain.replacing("</layer>", with: "<!-- c --></layer>"))
    let escaped = try read(plain.replacing("name=\"l\"", with: "name=\"a&amp;&#98;\""))
    #expect(escaped.layers[0].name == "a&b")
  }

  @Test func limitsAreThoseOfThePage() throws {
    #expect(TopologyReader.maximumBytes == 64 << 20)
    #expect(TopologyReader.Options().maximumLayers == 100_000)
    #expect(AttributeEvaluator.maximumText == 64 << 20)
    #expect(BlockContext.maximumDepth == 100)
    #expect(Expression.maximumDepth == 64)
    #expect(DiagnosticLog.limit == 50)
    #expect(Shape.maximumElementCount == 1 << 40)
    // The root is the first level; the layer and its primitive are the last two.
    func nested(_ levels: Int) -> String {
      topology(
        String(repeating: "<repeat count=\"1\">", count: levels - 3)
          + "<layer name=\"l\"><fc units=\"1\"/></layer>"
          + String(repeating: "</repeat>", count: levels - 3))
    }
    _ = try read(nested(256))
    expectError(nested(257), "nested too deep")
    func attributes(_ count: Int) -> String {
      let names = (2..<count).map { "a\($0)" }
      return topology(
        "<block name=\"b\">" + names.map { "<arg name=\"\($0)\"/>" }.joined()
          + "<layer name=\"l\"><fc units=\"1\"/></layer></block><use block=\"b\" prefix=\"u\""
          + names.map { " \($0)=\"1\"" }.joined() + "/>")
    }
    _ = try read(attributes(256))
    expectError(attributes(257), "more than 256 attributes")
    func blocks(_ count: Int) -> String {
      let inner = (1..<count).map {
        "<block name=\"b\($0)\"><use block=\"b\($0 + 1)\" prefix=\"u\"/></block>"
      }
      let last = "<block name=\"b\(count)\"><layer name=\"l\"><fc units=\"1\"/></layer></block>"
      return topology(inner.joined() + last + "<use block=\"b1\" prefix=\"u\"/>")
    }
    _ = try read(blocks(100))
    expectError(blocks(101), "nest deeper than 100")
    func parentheses(_ count: Int) -> String {
      let text = String(repeating: "(", count: count) + "1" + String(repeating: ")", count: count)
      return layer("<fc units=\"${\(text)}\"/>")
    }
    _ = try read(parentheses(63))
    expectError(parentheses(64), "nests deeper than 64")
    expectError(layer("<fc units=\"2147483648\"/>"), "outside")
    expectError(layer("<fc units=\"1\"/>", shape: "1x2147483647x1024"), "2^40")
    expectError(layer("<fc units=\"2147483647\"/>", shape: "1x1024"), "2^40")
    _ = try read(layer("<activation kind=\"relu\"/>", shape: "1x1x1x1x1x1x1x1x1x1x1x1"))
    expectError(layer("<activation kind=\"relu\"/>", shape: "1x1x1x1x1x1x1x1x1x1x1x1x1"), "12")
  }

  // MARK: - Names and arithmetic

  @Test func namesFollowTheRules() throws {
    for name in ["a b", "a,b", "a..b", "@a", ""] {
      expectError(
        layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"\(name)\""), "name")
    }
    for name in ["a.b", "a/b", "Ä:1", "a@b", "1"] {
      _ = try read(layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"\(name)\""))
    }
    expectError(
      layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"in\""), "duplicate")
    expectError(
      topology(
        "<block name=\"b\"><layer name=\"x\"><fc units=\"1\"/></layer></block>"
          + "<layer name=\"u\"><fc units=\"1\"/></layer><use block=\"b\" prefix=\"u\"/>"),
      "duplicate")
    // Markers have a space of their own.
    _ = try read(
      topology(
        "<marker action=\"start\" name=\"l\"/><layer name=\"l\"><fc units=\"1\"/></layer>"
          + "<marker action=\"stop\" name=\"l\"/>"))
    expectError(topology("<param name=\"a-b\" value=\"1\"/>"), "no name for use in ${}")
    expectError(topology("<param name=\"1a\" value=\"1\"/>"), "no name for use in ${}")
  }

  @Test func arithmeticFollowsTheRules() throws {
    let values = [
      "7 / 2": 3, "-7 / 2": -3, "2 + 3 * 4": 14, "(2 + 3) * 4": 20, "8 - 4 - 2": 2,
      "100 / 10 / 5": 2, "-(3)": -3, "- -3": 3, "9223372036854775807": Int.max,
      "-9223372036854775808": Int.min, "p * 2": 10,
    ]
    for (expression, value) in values {
      let parameters =
        "<param name=\"p\" value=\"5\"/><param name=\"x\" value=\"${\(expression)}\"/>"
      let text = topology(parameters + "<layer name=\"l\"><fc units=\"1\"/></layer>")
      let document = try TopologyReader().read(bytes: Array(text.utf8), file: "t.xml")
      #expect(document.parameters["x"] == value, "\(expression)")
    }
    for (expression, message) in [
      ("1 / 0", "division by zero"), ("9223372036854775807 + 1", "64 bits"),
      ("y", "unknown name"), ("1 % 2", "wanted"), ("", "wanted"), ("+1", "wanted"),
    ] {
      expectError(topology("<param name=\"x\" value=\"${\(expression)}\"/>"), message)
    }
    expectError(topology("<param name=\"x\" value=\"${1\"/>"), "without its '}'")
    expectError(
      topology("<param name=\"x\" value=\"${y}\"/><param name=\"y\" value=\"1\"/>"), "unknown name")
    _ = try read(layer("<batch-norm epsilon=\"1e-${2 + 3}\"/>"))
    #expect(
      try read(layer("<fc units=\"1\"/>").replacing("name=\"l\"", with: "name=\"$l\""))
        .layers[0].name == "$l")
  }

  @Test func overridesReachTheParamsBelow() throws {
    let text = topology(
      "<param name=\"p\" value=\"5\"/><param name=\"q\" value=\"${p * 2}\"/>"
        + "<layer name=\"l\"><fc units=\"${q}\"/></layer>")
    let reader = TopologyReader(options: TopologyReader.Options(parameters: ["p": 7]))
    let document = try reader.read(bytes: Array(text.utf8), file: "t.xml")
    #expect(document.parameters == ["p": 7, "q": 14])
    let wrong = TopologyReader(options: TopologyReader.Options(parameters: ["r": 7]))
    #expect(throws: TopologyReadError.unknownParameter(name: "r", known: ["p", "q"])) {
      try wrong.read(bytes: Array(text.utf8), file: "t.xml")
    }
  }

  @Test func arithmeticStandsWhereThePageSays() throws {
    // Not expanded, or refused, where the page says so.
    #expect(
      try read(layer("<fc units=\"1\"/>").replacing("\"t\"", with: "\"${1}\"")).name == "${1}")
    expectError(layer("<fc units=\"1\" bias=\"${1}\"/>"), "bias")
    expectError(layer("<activation kind=\"${1}\"/>"), "kind")
    expectError(topology("<repeat count=\"1\" index=\"${1}\"/>"), "no name for use in ${}")
    let graph = try read(
      topology(
        "<marker action=\"start\" name=\"m${1}\" counters=\"none\" events=\"${1}, b c\"/>"
          + "<layer name=\"a\"><fc units=\"4\"/></layer>"
          + "<layer name=\"b\" inputs=\"in a\"><add/></layer>"
          + "<marker action=\"stop\" name=\"m${2 - 1}\" events=\"d\"/>", shape: "1x4"))
    #expect(graph.segments[0].name == "m1")
    #expect(graph.segments[0].events == ["${1}", "b", "c"])
    #expect(graph.segments[0].counters == "none")
    let listed = try read(
      topology(
        "<layer name=\"a1\"><fc units=\"4\"/></layer>"
          + "<layer name=\"b\" inputs=\"in a${2 - 1}\"><add/></layer>", shape: "1x4"))
    #expect(listed.layers[1].inputs == [.input(0), .layer(0)])
  }

  // MARK: - Repeats, blocks, markers

  @Test func repeatsFollowTheRules() throws {
    let inner = "<layer name=\"l${i}\"><fc units=\"2\"/></layer>"
    let last = "<layer name=\"z\"><fc units=\"2\"/></layer>"
    let graph = try read(topology("<repeat count=\"3\">\(inner)</repeat>" + last))
    #expect(graph.layers.map(\.inputs) == [[.input(0)], [.layer(0)], [.layer(1)], [.layer(2)]])
    #expect(try read(topology("<repeat count=\"0\">\(inner)</repeat>" + last)).layers.count == 1)
    expectError(topology("<repeat count=\"-1\">\(inner)</repeat>" + last), "negative")
    expectError(
      topology("<repeat count=\"2\"><layer name=\"l\"><fc units=\"2\"/></layer></repeat>"),
      "duplicate name")
    // An index hides a param.
    let hidden = "<param name=\"i\" value=\"7\"/><repeat count=\"1\">\(inner)</repeat>"
    #expect(try read(topology(hidden)).layers[0].name == "l0")
  }

  @Test func blocksFollowTheRules() throws {
    let block =
      "<block name=\"b\"><arg name=\"n\"/><arg name=\"m\" default=\"${n + p}\"/>"
      + "<layer name=\"x\"><fc units=\"${n}\"/></layer>"
      + "<layer name=\"y\"><fc units=\"${m}\"/></layer>"
      + "</block>"
    let before =
      "<layer name=\"x\"><fc units=\"3\"/></layer><param name=\"p\" value=\"5\"/>"
    let use = "<use block=\"b\" prefix=\"u\" n=\"2\"/>"
    // Above or below its uses; a default sees params above the use and earlier arguments.
    for text in [block + before + use, before + use + block] {
      let graph = try read(
        topology(
          text + "<layer name=\"z\" inputs=\"u\"><fc units=\"1\"/></layer>"
            + "<layer name=\"w\" inputs=\"u/x\"><fc units=\"1\"/></layer>"))
      #expect(graph.layers.map(\.name) == ["x", "u/x", "u/y", "z", "w"])
      #expect(graph.layers[2].outputType.dims == [1, 7])
      #expect(graph.layers[1].inputs == [.layer(0)])
      #expect(graph.layers[3].inputs == [.layer(2)])
      #expect(graph.layers[4].inputs == [.layer(1)])
    }
    expectError(topology(block + before + "<use block=\"b\" prefix=\"u\"/>"), "needs the argument")
    expectError(
      topology(block + before + "<use block=\"b\" prefix=\"u\" n=\"1\" k=\"1\"/>"), "no argument")
    expectError(topology("<block name=\"b\"><arg name=\"prefix\"/></block>"), "no argument can be")
    expectError(
      topology(
        "<block name=\"b\"><use block=\"b\" prefix=\"u\"/></block><use block=\"b\" prefix=\"u\"/>"),
      "cannot use itself")
    expectError(
      topology("<block name=\"b\"/><use block=\"b\" prefix=\"u\"/>"), "gives no layer")
    // What surrounds the use is not seen.
    expectError(
      topology(
        "<block name=\"b\"><layer name=\"x${i}\"><fc units=\"1\"/></layer></block>"
          + "<repeat count=\"1\"><use block=\"b\" prefix=\"u${i}\"/></repeat>"),
      "unknown name 'i'")
  }

  @Test func namesInBlocksMeanTheInnermost() throws {
    let graph = try read(
      topology(
        "<block name=\"inner\"><layer name=\"c\" inputs=\"x y in\"><add/></layer>"
          + "<layer name=\"d\"><fc units=\"4\"/><add with=\"@input2\"/></layer></block>"
          + "<block name=\"outer\"><layer name=\"x\"><fc units=\"4\"/></layer>"
          + "<use block=\"inner\" prefix=\"i\" inputs=\"x in\"/></block>"
          + "<layer name=\"x\"><fc units=\"4\"/></layer><layer name=\"y\"><fc units=\"4\"/></layer>"
          + "<use block=\"outer\" prefix=\"o\"/>", shape: "1x4"))
    #expect(graph.layers.map(\.name) == ["x", "y", "o/x", "o/i/c", "o/i/d"])
    #expect(graph.layers[3].inputs == [.layer(2), .layer(1), .input(0)])
    #expect(graph.layers[4].inputs == [.layer(3), .input(0)])
  }

  @Test func layersFollowTheRules() throws {
    let second = "<input name=\"in2\" shape=\"1x4\"/>"
    expectError(topology(second + "<layer name=\"l\"><fc units=\"1\"/></layer>"), "several inputs")
    expectError(
      topology(
        "<layer name=\"a\" inputs=\"b\"><fc units=\"1\"/></layer>"
          + "<layer name=\"b\"><fc units=\"1\"/></layer>"
      ),
      "stands below")
    expectError(layer("<fc units=\"1\"/><add/>"), "at least 2 operand")
    expectError(layer("<fc units=\"1\" with=\"in\"/>"), "unknown attribute 'with'")
    expectError(
      topology("<layer name=\"a\" inputs=\"@input\"><fc units=\"1\"/></layer>"), "@input")
    let residual = try read(layer("<fc units=\"4\"/><add with=\"@input\"/>", shape: "1x4"))
    #expect(residual.layers[0].primitives[1].operands == [.previous, .input(0)])
    #expect(residual.layers[0].kind == "fc")
    let branches = try read(
      topology(
        "<layer name=\"a\"><fc units=\"1\"/></layer>"
          + "<layer name=\"b\" inputs=\"in\"><fc units=\"1\"/></layer>"
      ))
    #expect(branches.outputs == [0, 1])
  }

  @Test func markersFollowTheRules() throws {
    let layers = ["a", "b", "c"].map { "<layer name=\"\($0)\"><fc units=\"1\"/></layer>" }
    func marker(_ action: String, _ name: String) -> String {
      "<marker action=\"\(action)\" name=\"\(name)\"/>"
    }
    let (start, stop) = (marker("start", "m"), marker("stop", "m"))
    let overlapping = try read(
      topology(
        start + layers[0] + marker("start", "n") + layers[1] + stop + layers[2]
          + marker("stop", "n")))
    #expect(overlapping.segments.map(\.layers) == [[0, 1], [1, 2]])
    expectError(topology(start + layers[0]), "never stops")
    expectError(topology(layers[0] + stop), "was not started")
    expectError(topology(start + stop + layers[0]), "encloses no layer")
    expectError(topology(start + layers[0] + stop + start + layers[1] + stop), "duplicate marker")
    expectError(topology(start + layers[0] + stop + stop), "stopped already")
    let inBlock = try read(
      topology(
        "<block name=\"b\">\(start)\(layers[0])\(stop)</block><use block=\"b\" prefix=\"u\"/>"))
    #expect(inBlock.segments[0].name == "u/m")
    // Inside a repeat, a segment may outlive its pass.
    let across = try read(
      topology(
        "<repeat count=\"2\"><marker action=\"start\" name=\"m${i}\"/>"
          + "<layer name=\"l${i}\"><fc units=\"1\"/></layer></repeat>"
          + marker("stop", "m0") + marker("stop", "m1")))
    #expect(across.segments.map(\.layers) == [[0, 1], [1]])
  }

  // MARK: - Elements

  @Test func elementsBehaveAsThePageSays() throws {
    func output(_ primitive: String, _ shape: String, _ layout: String? = nil) throws -> String {
      try read(layer(primitive, shape: shape, layout: layout)).layers[0].outputType.description
    }
    #expect(try output("<fc units=\"8\"/>", "5x2x4") == "5x2x8 tnc")
    #expect(try output("<fc units=\"8\"/>", "5x2x4", "other") == "5x8 nc")
    #expect(try output("<lstm hidden=\"8\" direction=\"bidirectional\"/>", "5x2x4") == "5x2x16 tnc")
    #expect(
      try output("<gru hidden=\"8\" direction=\"bidirectional-sum\"/>", "5x2x4") == "5x2x8 tnc")
    #expect(try output("<global-pool/>", "2x3x9", "ncw") == "2x3x1 ncw")
    #expect(try output("<flatten/>", "2x3x4x5") == "2x60 nc")
    #expect(try output("<flatten axis=\"-1\"/>", "2x3x4x5") == "24x5")
    #expect(try output("<reshape shape=\"2x0x20\"/>", "2x3x4x5") == "2x3x20")
    #expect(try output("<reshape shape=\"2x12x5x1\"/>", "2x3x4x5") == "2x12x5x1 nchw")
    #expect(try output("<inlay kind=\"mfcc\"/>", "1x16000") == "49x1x494 tnc")
    #expect(try output("<inlay kind=\"ctc-greedy\"/>", "5x2x4") == "2x5 nc")
    #expect(try output("<inlay kind=\"argmax\"/>", "5x2x4") == "5x2")
    #expect(try output("<inlay kind=\"reorder\" to=\"nhwc\"/>", "1x2x3x4") == "1x2x3x4 nchw")
    #expect(
      try output("<conv filters=\"6\" kernel=\"3\" groups=\"depthwise\"/>", "1x3x9x9")
        == "1x6x7x7 nchw")
    #expect(
      try output(
        "<deconv filters=\"6\" kernel=\"3\" stride=\"2\" output-padding=\"1\"/>", "1x3x4x5")
        == "1x6x10x12 nchw")
    #expect(
      try output("<deconv filters=\"6\" kernel=\"4\" stride=\"2\" padding=\"same\"/>", "1x3x4x5")
        == "1x6x8x10 nchw")
    #expect(try output("<matmul with=\"in\" transpose-b=\"true\"/>", "5x2x4") == "5x2x2 tnc")
    #expect(try output("<attention heads=\"2\"/>", "5x2x4") == "5x2x4 tnc")
    #expect(try output("<embedding rows=\"9\" dim=\"8\"/>", "5x2") == "5x2x8 tnc")
    #expect(try output("<embedding rows=\"9\" dim=\"8\"/>", "5x2x1") == "5x2x8 tnc")
    #expect(try output("<transpose perm=\"0,2,3,1\"/>", "2x3x4x5") == "2x4x5x3 nchw")
    #expect(try output("<transpose/>", "5x2x4") == "4x2x5")
    #expect(try output("<slice starts=\"1\" ends=\"-1\" axes=\"2\"/>", "5x2x4") == "5x2x2 tnc")
    #expect(try output("<split axis=\"-1\" parts=\"3\" index=\"-1\"/>", "5x2x8") == "5x2x2 tnc")
    #expect(try output("<split split=\"2,4\" index=\"1\"/>", "6x3") == "4x3 nc")
    #expect(try output("<quantize scale=\"0.5\" type=\"s8\"/>", "6x3") == "6x3 nc")
    #expect(try output("<dequantize scale=\"0.5\" zero-point=\"128\"/>", "6x3") == "6x3 nc")
    #expect(try output("<pad pads=\"0,1,0,2\"/>", "2x3") == "2x6 nc")
    #expect(try output("<squeeze axes=\"2\"/>", "2x3x1x5") == "2x3x5 ncw")
    #expect(try output("<squeeze/>", "1x3x1x5") == "3x5 nc")
    #expect(try output("<unsqueeze axes=\"-1,0\"/>", "3x5") == "1x3x5x1 nchw")
    #expect(try output("<reduce kind=\"mean\" axes=\"2,3\"/>", "2x3x4x5") == "2x3x1x1 nchw")
    #expect(
      try output("<reduce kind=\"mean\" axes=\"2,3\" keepdims=\"false\"/>", "2x3x4x5") == "2x3 nc")
    #expect(try output("<gather with=\"in\" axis=\"1\"/>", "2x3") == "2x2x3")
    #expect(try output("<resample scale=\"1.5x2\"/>", "2x3x5x5") == "2x3x7x10 nchw")
    expectError(
      layer("<deconv filters=\"6\" kernel=\"3\" output-padding=\"1\"/>", shape: "1x3x4x5"),
      "smaller than the stride")
    expectError(layer("<matmul with=\"in\"/>", shape: "5x4"), "4 columns")
    expectError(layer("<attention heads=\"3\"/>", shape: "5x2x4"), "do not divide")
    expectError(layer("<group-norm groups=\"2\"/>", shape: "1x3x4x4"), "do not divide")
    expectError(layer("<lrn size=\"4\"/>", shape: "1x3x4x4"), "not odd")
    expectError(layer("<lrn size=\"3\" k=\"1\" epsilon=\"1\"/>", shape: "1x3x4x4"), "another name")
    expectError(layer("<transpose perm=\"0,0\"/>"), "once")
    expectError(layer("<slice starts=\"3\" ends=\"3\" axes=\"1\"/>"), "leaves nothing")
    expectError(layer("<slice starts=\"3,1\" ends=\"3\"/>"), "starts lists 2")
    expectError(layer("<split axis=\"1\" parts=\"3\" index=\"3\"/>"), "no part 3 of")
    expectError(layer("<split axis=\"1\" parts=\"6\"/>"), "does not make 6 parts")
    expectError(layer("<split axis=\"1\" split=\"4,4\"/>"), "sum to 8")
    expectError(layer("<split axis=\"1\"/>"), "either parts or split")
    expectError(layer("<split axis=\"1\" parts=\"3\" split=\"3,3,3\"/>"), "either parts or split")
    expectError(layer("<quantize scale=\"-1\"/>"), "not positive")
    expectError(layer("<quantize scale=\"1\" zero-point=\"-1\"/>"), "outside 0…255")
    expectError(layer("<pad pads=\"0,9,0,0\" mode=\"reflect\"/>"), "mirrored")
    expectError(layer("<pad pads=\"0,1,0,0\" mode=\"edge\" value=\"1\"/>"), "means nothing to")
    expectError(layer("<squeeze axes=\"1\"/>"), "is not 1")
    expectError(layer("<reduce kind=\"sum\" axes=\"1,-1\"/>"), "named twice")
    expectError(layer("<resample scale=\"0.1\"/>", shape: "1x3x5x5"), "not positive")
    expectError(layer("<flatten/>", shape: "5x2x4"), "use reshape")
    expectError(layer("<pool kernel=\"3\" padding=\"3\"/>", shape: "1x3x9x9"), "smaller than")
    expectError(layer("<conv filters=\"6\" kernel=\"3\"/>", shape: "1x3x2x2"), "does not fit")
    expectError(
      layer("<conv filters=\"6\" kernel=\"3\" groups=\"2\"/>", shape: "1x3x9x9"), "groups")
    expectError(layer("<inlay kind=\"copy\" width=\"3\"/>"), "means nothing to")
    expectError(layer("<activation kind=\"relu\" alpha=\"3\"/>"), "means nothing to")
    expectError(layer("<activation kind=\"clip\" alpha=\"3\" beta=\"2\"/>"), "above beta")
    expectError(layer("<inlay kind=\"reorder\"/>"), "required")
    expectError(layer("<inlay kind=\"ctc-greedy\"/>", shape: "5x2x1"), "besides the blank")
    let scale = "<input name=\"scale\" shape=\"1x3x1x1\"/>"
    let image = "1x3x4x4"
    let scaled = try read(
      topology(scale + "<layer name=\"l\" inputs=\"in scale\"><sub/></layer>", shape: image))
    #expect(scaled.layers[0].outputType.dims == [1, 3, 4, 4])
    expectError(
      topology(scale + "<layer name=\"l\" inputs=\"scale in\"><sub/></layer>", shape: image),
      "left operand")
  }

  @Test func costsAreThoseOfTheFormulas() throws {
    func cost(_ primitive: String, _ shape: String) throws -> [Int] {
      let cost = try read(layer(primitive, shape: shape)).cost
      return [cost.parameters, cost.macs, cost.flops]
    }
    // S·O·I with S = T·N on sequences.
    #expect(try cost("<fc units=\"8\"/>", "5x2x4") == [40, 320, 640])
    // G·O/G·C/G·K with C = O = 4, G = 2, K = 9; P = 49.
    #expect(
      try cost("<conv filters=\"4\" kernel=\"3\" groups=\"2\" bias=\"false\"/>", "2x4x9x9")
        == [72, 7056, 14112])
    // D = 2, G = 4, H = 8, I = 4: 2·(4·8·12 + 4·8); E = 9.
    #expect(
      try cost("<lstm hidden=\"8\" direction=\"bidirectional\"/>", "5x2x4")
        == [832, 7680, 16800])
    // B = 4, G = 3; the sum of both directions adds T·N·H.
    #expect(
      try cost(
        "<gru hidden=\"8\" direction=\"bidirectional-sum\" linear-before-reset=\"true\"/>", "5x2x4")
        == [640, 5760, 12880])
    #expect(try cost("<rnn hidden=\"8\" layers=\"2\"/>", "5x2x4") == [240, 2240, 4640])
    #expect(try cost("<pool kernel=\"3\" stride=\"2\"/>", "1x2x9x9") == [0, 0, 288])
    #expect(try cost("<global-pool/>", "1x2x9x9") == [0, 0, 162])
    #expect(try cost("<batch-norm/>", "1x2x9x9") == [4, 0, 162])
    #expect(try cost("<activation kind=\"gelu\"/>", "1x9") == [0, 0, 9])
    #expect(try cost("<softmax/>", "1x9") == [0, 0, 9])
    #expect(try cost("<log-softmax/>", "1x9") == [0, 0, 9])
    #expect(try cost("<quantize scale=\"1\"/>", "1x9") == [0, 0, 9])
    #expect(try cost("<dequantize scale=\"1\"/>", "1x9") == [0, 0, 9])
    // 6·3·9 weights at 2·20 input positions.
    #expect(
      try cost("<deconv filters=\"6\" kernel=\"3\"/>", "2x3x4x5") == [168, 6480, 12960])
    #expect(try cost("<matmul with=\"in\" transpose-b=\"true\"/>", "5x2x4") == [0, 80, 160])
    // C = 4, T = 5, N = 2, H = 2: 4·20; 4·10·16 + 2·2·25·4; + 2·2·2·25.
    #expect(try cost("<attention heads=\"2\"/>", "5x2x4") == [80, 1040, 2280])
    #expect(try cost("<embedding rows=\"9\" dim=\"8\"/>", "5x2") == [72, 0, 0])
    #expect(try cost("<layer-norm/>", "5x2x4") == [8, 0, 40])
    #expect(try cost("<group-norm groups=\"1\"/>", "1x2x9x9") == [4, 0, 162])
    #expect(try cost("<lrn size=\"5\"/>", "1x2x9x9") == [0, 0, 162])
    #expect(try cost("<reduce kind=\"sum\"/>", "1x9") == [0, 0, 9])
    #expect(try cost("<resample scale=\"2\"/>", "1x2x3x3") == [0, 0, 0])
    #expect(try cost("<resample scale=\"2\" kind=\"linear\"/>", "1x2x3x3") == [0, 0, 72])
    #expect(try cost("<add with=\"in in\"/>", "1x9") == [0, 0, 18])
    for primitive in [
      "<concat with=\"in\"/>", "<dropout/>", "<flatten/>", "<reshape shape=\"9x1\"/>",
      "<transpose/>", "<squeeze/>", "<unsqueeze axes=\"0\"/>", "<pad pads=\"1,1,1,1\"/>",
      "<slice starts=\"0\" ends=\"1\"/>", "<gather with=\"in\"/>",
      "<split axis=\"1\" parts=\"3\"/>",
    ] {
      #expect(try cost(primitive, "1x9") == [0, 0, 0])
    }
  }

  // MARK: - Helpers

  private func read(_ text: String) throws -> Graph {
    try TopologyReader().read(bytes: Array(text.utf8), file: "guide.xml").graph
  }

  private func topology(_ body: String, shape: String = "1x9") -> String {
    "<topology name=\"t\" version=\"1\"><input name=\"in\" shape=\"\(shape)\"/>\(body)</topology>"
  }

  /// A topology of one layer on one input.
  private func layer(_ primitives: String, shape: String = "1x9", layout: String? = nil) -> String {
    let text = topology("<layer name=\"l\">\(primitives)</layer>", shape: shape)
    guard let layout else { return text }
    return text.replacing("shape=", with: "layout=\"\(layout)\" shape=")
  }

  private func expectError(
    _ text: String, _ part: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    do {
      _ = try read(text)
      Issue.record("valid, though '\(part)' was expected", sourceLocation: sourceLocation)
    } catch {
      #expect("\(error)".contains(part), sourceLocation: sourceLocation)
    }
  }
}
