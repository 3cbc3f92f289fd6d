import Testing

@testable import Topology
@testable import TopologyXML

/// What the guide says of documents: encodings, refusals, limits.
@Suite struct GuideDocumentTests: GuideSuite {
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
}
