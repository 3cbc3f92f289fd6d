import CLibXML2
import Synchronization

/// A W3C XML schema without a target namespace, parsed once.
public final class XMLSchema: Sendable {
  /// The names the schema knows.
  public let vocabulary: SchemaVocabulary
  /// What names from elsewhere mean.
  private let synonyms: SchemaSynonyms
  /// libxml2 does not promise that a schema may validate on two threads at once.
  private let handle: Mutex<SchemaHandle>

  /// Parses a schema.
  ///
  /// The corresponding C function is `xmlSchemaParse`.
  ///
  /// `synonyms` say what unknown names may mean; hints quote them.
  ///
  /// - Throws: ``XMLDiagnostic`` for malformed XML or what libxml2 first finds wrong.
  public init(
    _ bytes: [UInt8], synonyms: SchemaSynonyms = SchemaSynonyms()
  ) throws(XMLDiagnostic) {
    self.synonyms = synonyms
    let document = try XMLDocument.parse(bytes)
    vocabulary = SchemaVocabulary(document.root)
    handle = Mutex(SchemaHandle(pointer: try XMLSchema.parse(bytes)))
  }

  /// Everything in which a document departs from the schema, in order of position.
  ///
  /// The corresponding C function is `xmlSchemaValidateDoc`.
  ///
  /// - Complexity: O(nodes of the document).
  public func violations(of document: borrowing XMLDocument) -> [XMLDiagnostic] {
    var walk = SchemaWalk(vocabulary, synonyms: synonyms)
    walk.check(root: document.root)
    let verdict = handle.withLock { $0.validate(document) }
    var findings = walk.findings
    for violation in verdict.violations {
      let finding = explain(violation, in: document)
      let isExplained =
        walk.faulty.contains(finding.place.position)
        || finding.place.children.contains { walk.faulty.contains($0.position) }
      if !isExplained { findings.append(finding.diagnostic) }
    }
    if findings.isEmpty, !verdict.isValid {
      findings.append(
        XMLDiagnostic(.schema, document.root.position, "the document does not follow its schema"))
    }
    var seen: Set<XMLDiagnostic> = []
    return findings.filter { seen.insert($0).inserted }.sorted { $0.position < $1.position }
  }

  private func explain(
    _ violation: SchemaViolation, in document: borrowing XMLDocument
  ) -> (place: XMLElement, diagnostic: XMLDiagnostic) {
    let place = violation.element.map { document.elements[$0] } ?? document.root
    let known = vocabulary.elements[place.name]
    var message: String
    var hint: String?
    var position = place.position
    switch violation.code {
    case XML_SCHEMAV_ELEMENT_CONTENT.rawValue where violation.message.contains("Missing child"):
      message = "<\(place.name)> is incomplete"
      hint = known.map { "it holds " + $0.children.joined(separator: ", ") }
    case XML_SCHEMAV_ELEMENT_CONTENT.rawValue:
      message = "<\(place.name)> is out of place here"
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3.rawValue, XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1.rawValue:
      message = "text is not allowed in <\(place.name)>"
    default:
      message = violation.detail
      if let name = violation.attribute {
        position = place.attribute(name)?.position ?? position
        message = "attribute '\(name)' of <\(place.name)>: \(message)"
      }
    }
    return (place, XMLDiagnostic(.schema, position, message, hint: hint))
  }

  /// libxml2 makes its built-in types when the first schema is parsed, and a second thread then sees
  /// a half-filled table: they are made once, before.
  private static let builtInTypes: Void = {
    xmlInitParser()
    xmlSchemaInitTypes()
  }()

  private static func parse(_ bytes: [UInt8]) throws(XMLDiagnostic) -> xmlSchemaPtr {
    _ = builtInTypes
    let log = SchemaLog()
    let schema = bytes.withUnsafeBytes { raw -> xmlSchemaPtr? in
      let start = raw.bindMemory(to: CChar.self).baseAddress
      guard let parser = xmlSchemaNewMemParserCtxt(start, CInt(raw.count)) else { return nil }
      defer { xmlSchemaFreeParserCtxt(parser) }
      return withExtendedLifetime(log) {
        clibxml_schema_parser_set_error_handler(
          parser, SchemaLog.onError, Unmanaged.passUnretained(log).toOpaque())
        return xmlSchemaParse(parser)
      }
    }
    guard let schema else {
      let first = log.violations.first
      throw XMLDiagnostic(
        .schema, XMLPosition(line: first?.line ?? 1, column: 1),
        first?.message ?? "the schema cannot be used")
    }
    return schema
  }
}

/// Owns libxml2's schema.
private struct SchemaHandle: ~Copyable {
  let pointer: xmlSchemaPtr

  deinit { xmlSchemaFree(pointer) }

  func validate(
    _ document: borrowing XMLDocument
  ) -> (isValid: Bool, violations: [SchemaViolation]) {
    guard let context = xmlSchemaNewValidCtxt(pointer) else { return (false, []) }
    defer { xmlSchemaFreeValidCtxt(context) }
    let log = SchemaLog()
    return withExtendedLifetime(log) {
      clibxml_schema_valid_set_error_handler(
        context, SchemaLog.onError, Unmanaged.passUnretained(log).toOpaque())
      let status = document.withHandle { xmlSchemaValidateDoc(context, $0) }
      return (status == 0, log.violations)
    }
  }
}
