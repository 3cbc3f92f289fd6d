/// Something wrong with a document: what, where, and what may help.
public struct XMLDiagnostic: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of fault it is.
  public enum Kind: Hashable, Sendable {
    /// The document is not well-formed XML.
    case malformed
    /// The document has a DOCTYPE, which is refused.
    case doctype
    /// The bytes are compressed, which is refused.
    case compressed
    /// The bytes are not in the encoding they claim, or the encoding is unknown.
    case encoding
    /// The document is nested too deep or has too many elements.
    case limit
    /// The document does not follow its schema.
    case schema
    /// The machine gave libxml2 no memory.
    case outOfMemory
  }

  /// What sort of fault it is.
  public let kind: Kind
  /// Where it stands.
  public let position: XMLPosition
  /// What is wrong, in one clause.
  public let message: String
  /// What may help, if anything.
  public let hint: String?

  /// Makes a diagnostic.
  public init(_ kind: Kind, _ position: XMLPosition, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.position = position
    self.message = message
    self.hint = hint
  }

  /// The text `line:column: message (hint)`.
  public var description: String { "\(position): \(message)" + (hint.map { " (\($0))" } ?? "") }
}
