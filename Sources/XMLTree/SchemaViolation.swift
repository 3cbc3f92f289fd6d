import CLibXML2

/// One message of libxml2's schema validator.
struct SchemaViolation {
  let code: UInt32
  let message: String
  let line: Int
  /// Index of the element in the document; `nil` when libxml2 names none.
  let element: Int?

  /// The attribute a message such as `Element 'a', attribute 'b': …` is about.
  var attribute: String? {
    let parts = message.split(separator: "'", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[2] == ", attribute " else { return nil }
    return String(parts[3])
  }

  /// What the message says behind the names.
  var detail: String {
    var text = message[...]
    while text.hasPrefix("Element '") || text.hasPrefix("[") {
      guard let colon = text.firstIndex(where: { $0 == ":" || $0 == "]" }) else { break }
      text = text[text.index(after: colon)...].drop { $0 == " " }
    }
    return ParserSession.sentence(String(text))
  }
}

/// Collects what libxml2's schema code reports; bounded, since one fault may repeat forever.
final class SchemaLog {
  static let limit = 1000
  private(set) var violations: [SchemaViolation] = []

  static let onError: clibxml_error_handler = { owner, error in
    guard let owner, let error = error?.pointee, error.level.rawValue >= XML_ERR_ERROR.rawValue
    else { return }
    let log = Unmanaged<SchemaLog>.fromOpaque(owner).takeUnretainedValue()
    guard log.violations.count < SchemaLog.limit else { return }
    log.violations.append(
      SchemaViolation(
        code: UInt32(bitPattern: error.code),
        message: error.message.map { String(cString: $0) } ?? "", line: Int(error.line),
        element: error.node.flatMap(XMLDocument.index)))
  }
}
