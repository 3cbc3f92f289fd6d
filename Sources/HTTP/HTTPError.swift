/// Why there is no answer, or none that is whole.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Kind: Hashable, Sendable {
    /// No connection came about: nothing was sent.
    case unreachable
    /// The server is not who it should be, or cannot be spoken to in secret.
    case notTrusted
    /// A deadline passed.
    case timeout
    /// What answers is not HTTP.
    case notHTTP
    /// The answer is not whole.
    case cut
    /// The answer is longer than any that is wanted.
    case tooLarge
    /// The exchange broke off.
    case broken
  }

  /// The kind.
  public let kind: Kind
  /// The URL that was asked.
  public let url: String
  /// libcurl's words, fit to print.
  public let words: String

  init(_ kind: Kind, _ url: String, _ words: String) {
    self.kind = kind
    self.url = url
    self.words = words
  }

  /// URL and words.
  public var description: String { "\(url): \(words)" }
}
