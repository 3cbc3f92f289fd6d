import CLibXML2

/// Brings a document to UTF-8 before it is parsed, so that all offsets are those of one buffer.
///
/// Encodings are those of libxml2: detected from the first bytes, else declared, else UTF-8.
enum Transcoding {
  /// The document in UTF-8 without a byte order mark.
  static func utf8(_ bytes: [UInt8]) throws(XMLDiagnostic) -> [UInt8] {
    if bytes.starts(with: [0x1F, 0x8B]) {
      throw XMLDiagnostic(
        .compressed, XMLPosition(), "the file is gzip data, not XML", hint: "decompress it first")
    }
    let text = try decode(bytes)
    if text.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
      throw XMLDiagnostic(.malformed, XMLPosition(), "the document is empty")
    }
    // libxml2 takes NUL for the end of the document and would not see what follows.
    if let nul = text.firstIndex(of: 0) {
      throw XMLDiagnostic(
        .malformed, PositionCursor.position(of: nul, in: text),
        "the character U+0000 is not allowed in XML")
    }
    return text
  }

  private static func decode(_ bytes: [UInt8]) throws(XMLDiagnostic) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
    if let (name, markLength) = wideEncoding(bytes) {
      return try convert(
        Array(bytes.dropFirst(markLength)), from: name, declaredAt: XMLPosition())
    }
    guard let declared = declaredEncoding(bytes) else { return bytes }
    switch declared.name.uppercased() {
    case "UTF-8", "UTF8": return bytes
    case let name where name.hasPrefix("UTF-16") || name.hasPrefix("UTF-32"):
      throw XMLDiagnostic(
        .encoding, declared.position, "the document is declared \(declared.name) but is not")
    default:
      return try convert(bytes, from: declared.name, declaredAt: declared.position)
    }
  }

  /// The encoding that the first bytes give away, unless it is one that begins like ASCII, and the
  /// length of the byte order mark.
  ///
  /// The corresponding C function is `xmlDetectCharEncoding`; its name of both UTF-16 variants is
  /// the same, and it takes the mark of UTF-32 for that of UTF-16.
  private static func wideEncoding(_ bytes: [UInt8]) -> (name: String, markLength: Int)? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return ("UTF-32LE", 4) }
    if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return ("UTF-32BE", 4) }
    let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    let encoding = xmlDetectCharEncoding(bytes, CInt(min(bytes.count, 4)))
    switch encoding {
    case XML_CHAR_ENCODING_NONE, XML_CHAR_ENCODING_UTF8: return nil
    case XML_CHAR_ENCODING_UTF16LE: return ("UTF-16LE", isMarked ? 2 : 0)
    case XML_CHAR_ENCODING_UTF16BE: return ("UTF-16BE", isMarked ? 2 : 0)
    case XML_CHAR_ENCODING_UCS4LE: return ("UTF-32LE", 0)
    case XML_CHAR_ENCODING_UCS4BE: return ("UTF-32BE", 0)
    default: return (xmlGetCharEncodingName(encoding).map { String(cString: $0) } ?? "unknown", 0)
    }
  }

  /// The `encoding` of the XML declaration of a document in an ASCII-like encoding.
  private static func declaredEncoding(_ bytes: [UInt8]) -> (name: String, position: XMLPosition)? {
    guard bytes.starts(with: "<?xml".utf8),
      let end = bytes.prefix(1024).firstIndex(of: UInt8(ascii: ">"))
    else { return nil }
    let key = Array("encoding".utf8)
    let starts = 5...max(5, end - key.count)
    guard let start = starts.first(where: { bytes[$0...].starts(with: key) }) else { return nil }
    let isQuote = { (byte: UInt8) in byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
    guard let open = bytes[start..<end].firstIndex(where: isQuote),
      let close = bytes[(open + 1)..<end].firstIndex(of: bytes[open])
    else { return nil }
    let name = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
    return (name, PositionCursor.position(of: open + 1, in: bytes))
  }

  /// Converts with libxml2's handler of that encoding.
  ///
  /// The corresponding C function is `xmlCharEncInFunc`.
  private static func convert(
    _ bytes: [UInt8], from name: String, declaredAt position: XMLPosition
  ) throws(XMLDiagnostic) -> [UInt8] {
    guard let handler = xmlFindCharEncodingHandler(name) else {
      throw XMLDiagnostic(.encoding, position, "the encoding '\(name)' is not supported")
    }
    defer { xmlCharEncCloseFunc(handler) }
    guard let source = xmlBufferCreateSize(bytes.count + 1), let target = xmlBufferCreate() else {
      throw XMLDiagnostic(.outOfMemory, XMLPosition(), "out of memory")
    }
    defer {
      xmlBufferFree(source)
      xmlBufferFree(target)
    }
    guard bytes.isEmpty || xmlBufferAdd(source, bytes, CInt(bytes.count)) == 0 else {
      throw XMLDiagnostic(.outOfMemory, XMLPosition(), "out of memory")
    }
    while xmlBufferLength(source) > 0 {
      let before = xmlBufferLength(source)
      let status = clibxml_convert_quietly(handler, target, source)
      guard status >= 0, xmlBufferLength(source) < before else {
        let good = contents(of: target)
        throw XMLDiagnostic(
          .encoding, PositionCursor.position(of: good.count, in: good),
          "these bytes are no \(name) text")
      }
    }
    return contents(of: target)
  }

  private static func contents(of buffer: xmlBufferPtr) -> [UInt8] {
    Array(
      UnsafeBufferPointer(start: xmlBufferContent(buffer), count: Int(xmlBufferLength(buffer))))
  }
}
