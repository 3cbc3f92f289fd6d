import Testing
import Topology
import TopologyXML

/// Faults that the XSD sees: every one of a document at once, in clear words.
@Suite struct SchemaErrorTests {
  @Test func unknownElementsAreAllReportedWithSuggestions() {
    let found = diagnostics(
      topology(
        """
        <layer name="a"><cnov filters="1" kernel="1"/><fc units="1"/><softmx/></layer>
        <layr name="b"/>
        """))
    #expect(found.count == 3)
    #expect(
      found[0].hasPrefix(
        "t.xml:3:17: unknown element <cnov> in <layer> (did you mean <conv>? allowed here: fc, conv, "
      ))
    #expect(
      found[1].hasPrefix(
        "t.xml:3:62: unknown element <softmx> in <layer> (did you mean <softmax>? "))
    #expect(
      found[2]
        == "t.xml:4:1: unknown element <layr> in <topology> (did you mean <layer>? allowed here: "
        + "param, block, input, constant, layer, repeat, use, marker)")
  }

  @Test func unknownAttributesAreAllReportedWithSuggestions() {
    let found = diagnostics(
      topology(
        """
        <layer name="a">
          <fc
            units="1"
            bais="true" zzzzzz=""/>
        </layer>
        """))
    #expect(
      found == [
        "t.xml:6:5: unknown attribute 'bais' of <fc> (did you mean 'bias'? allowed here: units, axes, bias, if)",
        "t.xml:6:17: unknown attribute 'zzzzzz' of <fc> (allowed here: units, axes, bias, if)",
      ])
  }

  @Test func missingAttributesAreNamed() {
    let found = diagnostics(topology("<layer name=\"a\"><conv/></layer><layer><softmax/></layer>"))
    #expect(
      found == [
        "t.xml:3:17: <conv> needs the attribute 'filters'",
        "t.xml:3:17: <conv> needs the attribute 'kernel'",
        "t.xml:3:32: <layer> needs the attribute 'name'",
      ])
  }

  @Test func misplacedElementsSayWhereTheyStand() {
    let found = diagnostics(
      topology(
        "<conv filters=\"1\" kernel=\"1\"/><layer name=\"a\"><marker action=\"stop\" name=\"m\"/></layer>"
      ))
    #expect(
      found == [
        "t.xml:3:1: <conv> is not allowed in <topology> (it stands in <layer>)",
        "t.xml:3:47: <marker> is not allowed in <layer> (it stands in <block>, <repeat>, <topology>)",
      ])
  }

  @Test func listedValuesAreChecked() {
    let found = diagnostics(
      topology("<layer name=\"a\"><lstm hidden=\"2\" direction=\"bidirectionl\"/></layer>"))
    #expect(
      found == [
        "t.xml:3:34: attribute 'direction' of <lstm>: 'bidirectionl' is none of forward, backward, "
          + "bidirectional, bidirectional-sum (did you mean 'bidirectional'?)"
      ])
  }

  @Test func versionMustBeOne() {
    #expect(
      diagnostics("<topology name=\"t\" version=\"2\"/>") == [
        "t.xml:1:20: attribute 'version' of <topology>: '2' is not 1"
      ])
    #expect(
      diagnostics("<topology name=\"t\"/>") == [
        "t.xml:1:1: <topology> needs the attribute 'version'"
      ])
  }

  @Test func rootMustBeTopology() {
    #expect(
      diagnostics("<!-- c -->\n <net/>") == ["t.xml:2:2: the root element is <net>, not <topology>"]
    )
    #expect(
      diagnostics("<topology xmlns=\"urn:x\" name=\"t\" version=\"1\"/>") == [
        "t.xml:1:1: the root element is <topology> of namespace 'urn:x', not <topology>"
      ])
  }

  @Test func textIsNotAllowed() {
    #expect(
      diagnostics(topology("stray<layer name=\"a\"><softmax>x</softmax></layer>")) == [
        "t.xml:1:1: text is not allowed in <topology>",
        "t.xml:3:22: text is not allowed in <softmax>",
      ])
  }

  @Test func emptyLayerIsIncomplete() {
    let found = diagnostics(topology("<layer name=\"a\"></layer>"))
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("t.xml:3:1: <layer> is incomplete (it holds fc, conv, "))
  }

  /// An editor's hint at the schema is neither an error nor a reason to open that file.
  @Test func schemaLocationIsAllowedOnTheRootOnly() throws {
    let space = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
    let hint = "xsi:noNamespaceSchemaLocation=\"/nowhere/at all.xsd\""
    let body = "<input name=\"x\" shape=\"1x8\"/><layer name=\"a\"><softmax/></layer></topology>"
    #expect(
      try graph("<topology name=\"t\" version=\"1\" \(space) \(hint)>" + body).layers.count == 1)
    #expect(
      diagnostics("<topology name=\"t\" version=\"1\" \(space) xsi:type=\"x\">" + body).first?
        .hasPrefix("t.xml:1:86: unknown attribute 'xsi:type' of <topology>") == true)
    let inner = body.replacing("<layer ", with: "<layer \(space) \(hint) ")
    #expect(
      diagnostics("<topology name=\"t\" version=\"1\">" + inner).first?
        .contains("unknown attribute 'xsi:noNamespaceSchemaLocation' of <layer>") == true)
  }

  @Test func reportsStopAtFifty() {
    let body = (0..<80).map { "<x\($0)/>" }.joined()
    #expect(diagnostics(topology(body)).count == 50)
    #expect(throws: TopologyReadError.self) {
      do {
        _ = try TopologyReader().read(bytes: Array(topology(body).utf8), file: "t.xml")
      } catch {
        #expect("\(error)".hasSuffix("\n(stopped after 50 errors)"))
        throw error
      }
    }
  }

  @Test func diagnosticsPrintLikeACompilers() {
    let diagnostic = TopologyDiagnostic(
      location: .init(file: "a.xml", line: 2, column: 3), message: "wrong", hint: "right")
    #expect("\(diagnostic)" == "a.xml:2:3: error: wrong\n  hint: right")
  }
}
