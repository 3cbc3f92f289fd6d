import CLibXML2

/// What libxml2's callbacks learn during one parse.
private final class ParserLog {
  let bytes: [UInt8]
  var fault: XMLDiagnostic?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func of(_ context: UnsafeMutableRawPointer) -> ParserLog? {
    clibxml_parser_owner(context).map {
      Unmanaged<ParserLog>.fromOpaque($0).takeUnretainedValue()
    }
  }

  func offset(_ context: UnsafeMutableRawPointer) -> Int {
    min(max(0, clibxml_parser_offset(context)), bytes.count)
  }

  /// Keeps the first fault: what follows it is mostly noise.
  func record(_ kind: XMLDiagnostic.Kind, at offset: Int, _ message: String, hint: String? = nil) {
    guard fault == nil else { return }
    fault = XMLDiagnostic(kind, PositionCursor.position(of: offset, in: bytes), message, hint: hint)
  }

  /// The last place at or before `offset` where `text` stands.
  func last(_ text: StaticString, before offset: Int) -> Int {
    let length = text.utf8CodeUnitCount
    var start = min(offset, bytes.count - length)
    while start > 0 {
      if (0..<length).allSatisfy({ bytes[start + $0] == text.utf8Start[$0] }) { return start }
      start -= 1
    }
    return 0
  }
}

/// Parses UTF-8 text with libxml2: no network, no entities, no DOCTYPE, libxml2's size limits on.
enum ParserSession {
  /// The document; the caller frees it.
  ///
  /// The corresponding C function is `xmlCtxtReadMemory`.
  static func parse(_ bytes: [UInt8]) throws(XMLDiagnostic) -> xmlDocPtr {
    xmlInitParser()
    guard bytes.count < Int(CInt.max) else {
      throw XMLDiagnostic(.limit, XMLPosition(), "the document exceeds 2 GiB")
    }
    guard let context = xmlNewParserCtxt() else {
      throw XMLDiagnostic(.outOfMemory, XMLPosition(), "out of memory")
    }
    defer { xmlFreeParserCtxt(context) }
    let log = ParserLog(bytes)
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
      | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_COMPACT.rawValue
    clibxml_parser_set_hooks(
      context, Unmanaged.passUnretained(log).toOpaque(), onError, onDoctype)
    let document = withExtendedLifetime(log) {
      bytes.withUnsafeBytes { raw in
        xmlCtxtReadMemory(
          context, raw.bindMemory(to: CChar.self).baseAddress, CInt(raw.count), nil, nil,
          CInt(options))
      }
    }
    if let document, log.fault == nil, context.pointee.wellFormed == 1 { return document }
    if let document { xmlFreeDoc(document) }
    throw log.fault ?? XMLDiagnostic(.malformed, XMLPosition(), "the document is not well-formed")
  }

  private static let onError: clibxml_error_handler = { context, error in
    guard let context, let error = error?.pointee, error.level.rawValue >= XML_ERR_ERROR.rawValue,
      let parser = error.ctxt, let log = ParserLog.of(parser)
    else { return }
    let offset = log.offset(parser)
    let code = UInt32(bitPattern: error.code)
    switch code {
    case XML_ERR_TAG_NAME_MISMATCH.rawValue:
      let closing = error.str2.map { String(cString: $0) } ?? ""
      let open = error.str1.map { String(cString: $0) } ?? ""
      log.record(
        .malformed, at: log.last("</", before: offset),
        "</\(closing)> closes <\(open)> of line \(error.int1)")
    case XML_ERR_TAG_NOT_FINISHED.rawValue:
      let open = error.str1.map { String(cString: $0) } ?? ""
      log.record(.malformed, at: offset, "the document ends inside <\(open)>")
    case XML_ERR_NO_MEMORY.rawValue:
      log.record(.outOfMemory, at: offset, "out of memory")
    default:
      let message = error.message.map { String(cString: $0) } ?? "not well-formed"
      if message.contains("Excessive depth") {
        log.record(.limit, at: offset, "elements are nested too deep")
      } else {
        log.record(.malformed, at: offset, sentence(message))
      }
    }
  }

  private static let onDoctype: internalSubsetSAXFunc = { context, _, _, _ in
    guard let context, let log = ParserLog.of(context) else { return }
    log.record(
      .doctype, at: log.last("<!DOCTYPE", before: log.offset(context)),
      "a DOCTYPE is not allowed", hint: "remove it; entities are never expanded")
    xmlStopParser(context.assumingMemoryBound(to: xmlParserCtxt.self))
  }

  /// libxml2's message as a clause: one line, no capital, no stop.
  static func sentence(_ message: String) -> String {
    var text = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    while text.hasSuffix(".") || text.hasSuffix(" ") { text.removeLast() }
    guard let first = text.first, text.dropFirst().first?.isUppercase != true else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
