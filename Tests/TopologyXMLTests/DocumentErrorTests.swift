import Foundation
import Testing
import Topology
import TopologyXML

/// Faults of the document as XML, and documents made to harm.
@Suite struct DocumentErrorTests {
  @Test(arguments: [
    ("", "t.xml:1:1: the document is empty"),
    (" \n\t\n", "t.xml:1:1: the document is empty"),
    ("not xml", "t.xml:1:1: start tag expected, '<' not found"),
    (
      "<topology name=\"t\" version=\"1\">\n<layer name=\"a\">\n</topology>",
      "t.xml:3:1: </topology> closes <layer> of line 2"
    ),
    ("<topology>\n<layer>", "t.xml:2:8: the document ends inside <layer>"),
    ("<topology a=\"1\" a=\"2\"/>", "t.xml:1:22: attribute a redefined"),
    ("<topology\n  name=1/>", "t.xml:2:8: attValue: \" or ' expected"),
    ("<topology/>\n<topology/>", "t.xml:2:1: extra content at the end of the document"),
    ("<topology>&nothing;</topology>", "t.xml:1:20: entity 'nothing' not defined"),
    ("<x:topology/>", "t.xml:1:12: namespace prefix x on topology is not defined"),
    ("<topology>\u{0}</topology>", "t.xml:1:11: the character U+0000 is not allowed in XML"),
  ]) func malformed(_ text: String, _ expected: String) {
    #expect(diagnostics(text) == [expected])
  }

  @Test func externalEntityIsRefusedUnread() {
    let text = """
      <?xml version="1.0"?>
      <!-- <!DOCTYPE comment> -->
      <!DOCTYPE topology [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
      <topology name="&secret;" version="1"/>
      """
    #expect(
      diagnostics(text) == [
        "t.xml:3:1: a DOCTYPE is not allowed (remove it; entities are never expanded)"
      ])
  }

  @Test func billionLaughsIsRefusedUnexpanded() {
    let entities = (1..<30).map {
      "<!ENTITY l\($0) \"" + String(repeating: "&l\($0 - 1);", count: 10) + "\">"
    }
    let text =
      "<!DOCTYPE t [<!ENTITY l0 \"ha\">\(entities.joined())]><topology name=\"&l29;\" version=\"1\"/>"
    #expect(
      diagnostics(text) == [
        "t.xml:1:1: a DOCTYPE is not allowed (remove it; entities are never expanded)"
      ])
  }

  @Test func plainDoctypeIsRefusedToo() {
    #expect(
      diagnostics("\n<!DOCTYPE topology SYSTEM \"http://127.0.0.1:9/t.dtd\"><topology/>") == [
        "t.xml:2:1: a DOCTYPE is not allowed (remove it; entities are never expanded)"
      ])
  }

  @Test func nestingIsBounded() {
    let depth = 100_000
    let text =
      String(repeating: "<repeat count=\"1\">", count: depth)
      + String(repeating: "</repeat>", count: depth)
    let found = diagnostics(bare(text))
    #expect(found.count == 1)
    #expect(found[0].hasSuffix(": elements are nested too deep"))
    #expect(found[0].hasPrefix("t.xml:2:"))
  }

  @Test func gzipIsRefused() {
    #expect(
      diagnostics(bytes: [0x1F, 0x8B, 8, 0, 0, 0]) == [
        "t.xml:1:1: the file is gzip data, not XML (decompress it first)"
      ])
  }

  // MARK: Encodings

  static let german = """
    <?xml version="1.0" encoding="ENCODING"?>
    <topology name="größe" version="1"><input name="ü" shape="1x8"/>
    <layer name="ä"><softmax/></layer><layer name="ö"><äh/></layer>
    </topology>
    """

  @Test(arguments: [
    ("UTF-8", String.Encoding.utf8), ("UTF-16", .utf16), ("UTF-16", .utf16LittleEndian),
    ("UTF-16", .utf16BigEndian), ("UTF-32", .utf32), ("UTF-32", .utf32LittleEndian),
    ("ISO-8859-1", .isoLatin1), ("windows-1252", .windowsCP1252),
  ]) func encodingsGiveTheSameDocumentAndPlaces(_ name: String, _ encoding: String.Encoding) throws
  {
    let text = Self.german.replacing("ENCODING", with: name)
    let bytes = Array(try #require(text.data(using: encoding)))
    let found = diagnostics(bytes: bytes)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("t.xml:3:51: unknown element <äh> in <layer>") == true)
    let good = Array(
      try #require(text.replacing("<äh/>", with: "<softmax/>").data(using: encoding)))
    let graph = try TopologyReader().read(bytes: good, file: "t.xml").graph
    #expect(graph.name == "größe")
    #expect(wiring(graph) == ["ä <- ü", "ö <- ä"])
  }

  @Test func byteOrderMarkOfUTF8IsNoCharacter() throws {
    let bytes = [0xEF, 0xBB, 0xBF] + Array("<topology nme=\"t\" name=\"t\" version=\"1\"/>".utf8)
    #expect(
      diagnostics(bytes: bytes).first?.hasPrefix("t.xml:1:11: unknown attribute 'nme'") == true)
  }

  @Test(arguments: [
    (
      "<?xml version=\"1.0\" encoding=\"klingon\"?><topology/>",
      "t.xml:1:31: the encoding 'klingon' is not supported"
    ),
    (
      "<?xml version=\"1.0\" encoding='UTF-16'?><topology/>",
      "t.xml:1:31: the document is declared UTF-16 but is not"
    ),
    (
      "<?xml version=\"1.0\" encoding=\"US-ASCII\"?>\n<topology name=\"ä\"/>",
      "t.xml:2:17: these bytes are no US-ASCII text"
    ),
  ]) func wrongEncodings(_ text: String, _ expected: String) {
    #expect(diagnostics(text) == [expected])
  }

  @Test func brokenUTF8IsAnErrorInItsPlace() {
    let bytes = Array("<topology\n name=\"t".utf8) + [0xFF] + Array("\" version=\"1\"/>".utf8)
    let found = diagnostics(bytes: bytes)
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("t.xml:2:9: input is not proper UTF-8"))
  }

  @Test func oddUTF16IsAnError() {
    let bytes: [UInt8] = [0xFF, 0xFE, 0x3C, 0x00, 0x61]
    #expect(diagnostics(bytes: bytes).count == 1)
  }
}
