/// A file that cannot be read.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why.
  public enum Reason: Hashable, Sendable {
    /// Nothing is at that path.
    case missing
    /// A folder, FIFO, socket or device is at that path: which.
    case notRegular(kind: String)
    /// It is larger than it may be.
    case tooLarge(bytes: Int, limit: Int)
    /// The system refused.
    case refused(SystemCallError)
  }

  /// The file as it was named.
  public let path: String
  /// Why.
  public let reason: Reason

  /// Says why a file cannot be read.
  public init(_ path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// The reason, without the path.
  public var words: String {
    switch reason {
    case .missing: "no such file"
    case .notRegular(let kind): "is \(kind), not a regular file"
    case .tooLarge(let bytes, let limit):
      "\(bytes) bytes are more than the \(limit >> 20) MiB allowed"
    case .refused(let error): error.reason
    }
  }

  /// Path and reason.
  public var description: String { "\(path): \(words)" }
}
