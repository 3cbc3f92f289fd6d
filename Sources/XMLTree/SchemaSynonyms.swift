/// Names that a document's author may bring from elsewhere, and what stands for them here.
///
/// Spelling alone cannot lead from `silu` to `swish`. Names are compared without case, `-` and `_`.
public struct SchemaSynonyms: Sendable {
  /// What is meant by a name from elsewhere.
  public struct Meaning: Sendable {
    /// The name in the schema; `nil` where nothing stands for it.
    public let name: String?
    /// What to do, as a clause.
    public let advice: String

    /// Makes a meaning.
    public init(_ name: String?, _ advice: String) {
      self.name = name
      self.advice = advice
    }
  }

  /// Elements, by the name they have elsewhere.
  public let elements: [String: Meaning]
  /// Attributes by the name they have elsewhere: of these, the first that the element has is meant.
  public let attributes: [String: [Meaning]]
  /// Listed values, by the word they have elsewhere: the first that is in the list is meant.
  public let values: [String: [String]]

  /// Makes a table; its keys are written as ``key(_:)`` gives them.
  public init(
    elements: [String: Meaning] = [:], attributes: [String: [Meaning]] = [:],
    values: [String: [String]] = [:]
  ) {
    self.elements = elements
    self.attributes = attributes
    self.values = values
  }

  /// A name without case, `-` and `_`.
  public static func key(_ name: String) -> String {
    String(name.lowercased().filter { $0 != "-" && $0 != "_" })
  }

  /// What an unknown element means, if that is in the schema.
  func element(_ name: String, among known: some Collection<String>) -> Meaning? {
    elements[Self.key(name)].flatMap { meaning in
      meaning.name.map(known.contains) ?? true ? meaning : nil
    }
  }

  /// What an unknown attribute means for an element that has those of `known`.
  func attribute(_ name: String, among known: [String]) -> Meaning? {
    attributes[Self.key(name)]?.first { meaning in meaning.name.map(known.contains) ?? true }
  }

  /// What a word that is not listed means: a name from elsewhere, else a slip of spelling.
  public func suggestion(for word: String, among known: [String]) -> String? {
    values[Self.key(word)]?.first(where: known.contains)
      ?? Spelling.suggestion(for: word, among: known)
  }
}
