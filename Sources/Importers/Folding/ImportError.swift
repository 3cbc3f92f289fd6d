/// Why a model could not be read: what, and where in the file.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the caller makes of it.
  public enum Kind: Hashable, Sendable {
    /// Nothing of use is at the path.
    case missing
    /// The system refused to open or read it.
    case unreadable
    /// The content is no valid model, or one that cannot be run.
    case invalid
    /// What was asked for does not fit the model.
    case usage
    /// The model may well be valid, but holds what ntprof does not run.
    case unsupported
  }

  /// What the caller makes of it.
  public let kind: Kind
  /// The file, as the user named it.
  public let file: String
  /// Where in it: `offset 1234`, `node 'conv1' (Conv)`, `12:5`; `nil` where the whole is meant.
  public let place: String?
  /// What is wrong: a clause, or a list that begins with one.
  public let message: String
  /// What may help.
  public let remedy: String?

  /// Makes an error.
  public init(
    _ kind: Kind = .invalid, file: String, place: String? = nil, _ message: String,
    remedy: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.message = message
    self.remedy = remedy
  }

  /// The line `file: place: message`.
  public var description: String {
    file + ": " + (place.map { $0 + ": " } ?? "") + message
  }
}
