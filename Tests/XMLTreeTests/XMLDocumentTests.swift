import Testing
import XMLTree

@Suite struct XMLDocumentTests {
  /// Every element and attribute of a tree with its place.
  func places(_ text: String) throws -> [String] {
    let root = try XMLDocument.parse(Array(text.utf8)).root
    func list(_ element: XMLElement) -> [String] {
      ["\(element.position) \(element.name)"]
        + element.attributes.map { "\($0.position) \($0.name)=\($0.value)" }
        + element.children.flatMap(list)
    }
    return list(root)
  }

  func fault(_ text: String, limits: XMLDocument.Limits = .init()) -> XMLDiagnostic? {
    do throws(XMLDiagnostic) {
      _ = try XMLDocument.parse(Array(text.utf8), limits: limits)
      return nil
    } catch {
      return error
    }
  }

  @Test func elementsAndAttributesKnowTheirPlaces() throws {
    #expect(
      try places("<a x='1'  y = \"2\">\n\t<b\n   z='3'\n/><c/>\n</a>") == [
        "1:1 a", "1:4 x=1", "1:11 y=2", "2:2 b", "3:4 z=3", "4:3 c",
      ])
  }

  @Test func markupThatLooksLikeTagsIsSkipped() throws {
    let text = """
      <?xml version="1.0"?>
      <!-- <not a="1"> - -> -->
      <a p="x > y/>"><?pi <no/> ?><![CDATA[ <no> ]] ]]> text > <b q='"'/>
      <!----></a>
      <!-- <end/> --><?end <x/>?>
      """
    #expect(try places(text) == ["3:1 a", "3:4 p=x > y/>", "3:58 b", "3:61 q=\""])
  }

  @Test func charactersCountNotBytes() throws {
    #expect(
      try places("<größe ä='日本' b='x'><é/></größe>") == [
        "1:1 größe", "1:8 ä=日本", "1:15 b=x", "1:21 é",
      ])
    // A combining accent is a character of XML of its own.
    #expect(try places("<a b='e\u{301}'><c/></a>") == ["1:1 a", "1:4 b=e\u{301}", "1:11 c"])
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func lineEndsOfEverySystem(_ end: String) throws {
    #expect(try places("<a>\(end)\(end) <b\(end)c='1'/></a>") == ["1:1 a", "3:2 b", "4:1 c=1"])
  }

  @Test func valuesAreResolvedAndKnowWhetherTheyAreVerbatim() throws {
    let root = try XMLDocument.parse(Array("<a v='x&lt;&#65;&amp;y' w='plain' e=''/>".utf8)).root
    #expect(root["v"] == "x<A&y")
    #expect(root["e"] == "")
    #expect(root["none"] == nil)
    #expect(root.attribute("v")?.isVerbatim == false)
    #expect(root.attribute("v")?.position(ofCharacter: 3) == XMLPosition(line: 1, column: 4))
    #expect(root.attribute("w")?.isVerbatim == true)
    #expect(root.attribute("w")?.position(ofCharacter: 3) == XMLPosition(line: 1, column: 31))
  }

  @Test func namespacesAreNoAttributes() throws {
    let text = "<p:a xmlns:p='urn:p' xmlns='urn:d' p:q='1' r='2'><b/></p:a>"
    let root = try XMLDocument.parse(Array(text.utf8)).root
    #expect(root.name == "p:a")
    #expect(root.namespace == "urn:p")
    #expect(root.attributes.map(\.name) == ["p:q", "r"])
    #expect(root.attributes.map(\.namespace) == ["urn:p", nil])
    #expect(root.attributes.map(\.position.column) == [36, 44])
    #expect(root.children[0].namespace == "urn:d")
  }

  @Test func linesBeyondSixteenBits() throws {
    let text = "<a>" + String(repeating: "\n", count: 100_000) + " <b c='1'/></a>"
    #expect(try places(text) == ["1:1 a", "100001:2 b", "100001:5 c=1"])
  }

  @Test func limitsAreKept() {
    let limits = XMLDocument.Limits(elements: 3, attributes: 2, depth: 2)
    #expect(fault("<a><b/><b/></a>", limits: limits) == nil)
    #expect(
      fault("<a><b/><b/><b/></a>", limits: limits)
        == XMLDiagnostic(
          .limit, XMLPosition(line: 1, column: 12), "the document has more than 3 elements"))
    #expect(
      fault("<a><b><b/></b></a>", limits: limits)
        == XMLDiagnostic(.limit, XMLPosition(line: 1, column: 7), "elements are nested too deep"))
    #expect(
      fault("<a x='1' y='1' z='1'/>", limits: limits)
        == XMLDiagnostic(
          .limit, XMLPosition(line: 1, column: 16), "a tag has more than 2 attributes"))
  }

  /// libxml2 compares every attribute of a tag with every other.
  @Test(.timeLimit(.minutes(5))) func aTagOfManyAttributesIsRefusedAtOnce() {
    let text = "<a " + (0..<300_000).map { "a\($0)='' " }.joined() + "/>"
    #expect(fault(text)?.kind == .limit)
  }

  @Test(arguments: [
    ("", XMLDiagnostic.Kind.malformed), ("<a>", .malformed), ("<a", .malformed), ("<", .malformed),
    ("<a b", .malformed), ("<a b=", .malformed), ("<a b='", .malformed), ("<!--", .malformed),
    ("<![CDATA[", .malformed), ("<?x", .malformed), ("</", .malformed),
    ("<!DOCTYPE a><a/>", .doctype),
    ("\u{1F}\u{8B}", .malformed), ("<?xml version='1.0' encoding='none'?><a/>", .encoding),
  ]) func kindsOfFaults(_ text: String, _ kind: XMLDiagnostic.Kind) {
    #expect(fault(text)?.kind == kind)
  }

  @Test func compressedDataIsRefused() {
    #expect(throws: XMLDiagnostic.self) { _ = try XMLDocument.parse([0x1F, 0x8B, 8]) }
  }

  /// Some of libxml2's errors go to standard error unless told otherwise.
  @Test func nothingIsPrinted() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent, \.standardOutputContent]
    ) {
      let documents: [[UInt8]] = [
        Array("<?xml version='1.0' encoding='US-ASCII'?><ä/>".utf8),
        Array("<?xml version='1.0' encoding='EUC-JP'?><a b='".utf8) + [0x96, 0x38, 0x22, 0x3F],
        [0xFF, 0xFE, 0x3C, 0x00, 0x00, 0xD8, 0x3C, 0x00], Array("<a b='\u{FFFF}'/>".utf8),
        Array("<a".utf8) + [0xFF, 0xFE], Array("<p:a/>".utf8), Array("<a>&b;</a>".utf8),
        Array("<a xmlns='relative uri'/>".utf8), Array("<a xmlns:xml='urn:x'/>".utf8),
      ]
      for document in documents { _ = try? XMLDocument.parse(document).root }
      _ = try? XMLSchema(Array("<a/>".utf8))
      let broken = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:x/></xs:schema>"
      _ = try? XMLSchema(Array(broken.utf8))
    }
    #expect(result?.standardErrorContent.isEmpty == true)
    #expect(result?.standardOutputContent.isEmpty == true)
  }
}
