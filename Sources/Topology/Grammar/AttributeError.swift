/// An attribute that cannot be used: which one, and why.
public struct AttributeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The attribute's name; `nil` when the element as a whole is at fault.
  public let attribute: String?
  /// Why, in one clause.
  public let message: String
  /// The word that is none of ``choices``, if that is the fault.
  public let word: String?
  /// What it may be.
  public let choices: [String]

  /// Makes an error about `attribute`.
  public init(_ attribute: String?, _ message: String) {
    self.attribute = attribute
    self.message = message
    word = nil
    choices = []
  }

  /// Makes the error of a word that is none of those that `attribute` takes.
  public init(_ attribute: String, _ word: String, noneOf choices: [String]) {
    self.attribute = attribute
    message = "'\(word)' is none of \(choices.joined(separator: ", "))"
    self.word = word
    self.choices = choices
  }

  /// The text `attribute 'kernel': …`.
  public var description: String {
    attribute.map { "attribute '\($0)': \(message)" } ?? message
  }
}
