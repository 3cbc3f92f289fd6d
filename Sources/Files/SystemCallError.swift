public import SystemPackage

/// A system call that failed.
public struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The call, with its file where that says more.
  public let call: String
  /// Its error number, to be compared with swift-system's names.
  public let code: Errno

  /// Names a failed call.
  public init(_ call: String, _ code: Errno) {
    self.call = call
    self.code = code
  }

  /// Names a failed call by the number that it left.
  public init(_ call: String, errno: Int32) { self.init(call, Errno(rawValue: errno)) }

  /// Its error number.
  public var errno: Int32 { code.rawValue }

  /// The C library's words for the number.
  public var reason: String { code.description }

  /// The call and the reason.
  public var description: String { "\(call): \(reason)" }

  /// Runs a call of swift-system, and names it where it fails.
  static func naming<Result>(
    _ call: String, _ body: () throws -> Result
  ) throws(SystemCallError) -> Result {
    do { return try body() } catch {
      throw SystemCallError(call, error as? Errno ?? .ioError)
    }
  }
}
