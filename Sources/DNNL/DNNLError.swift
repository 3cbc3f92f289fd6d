internal import CDNNL

/// A call into oneDNN that failed: which one, and the status it returned.
public struct DNNLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a oneDNN call returns, in oneDNN's words.
  public struct Status: Hashable, Sendable, CustomStringConvertible {
    /// The value of `dnnl_status_t`.
    public let rawValue: UInt32

    /// Memory could not be had.
    public static let outOfMemory = Status(dnnl_out_of_memory)
    /// An argument makes no sense.
    public static let invalidArguments = Status(dnnl_invalid_arguments)
    /// There is no implementation for it.
    public static let unimplemented = Status(dnnl_unimplemented)
    /// It failed while it ran.
    public static let runtimeError = Status(dnnl_runtime_error)

    /// What a caller found to be impossible before it asked oneDNN, which never returns this.
    public static let contradiction = Status(rawValue: .max)

    /// The status of a number.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    init(_ status: dnnl_status_t) { rawValue = UInt32(status.rawValue) }

    /// oneDNN's name of the status, such as `unimplemented`.
    public var description: String {
      if self == .contradiction { return "contradiction" }
      return String(cString: dnnl_status2str(dnnl_status_t(rawValue: .init(rawValue))))
    }
  }

  /// The C function that failed.
  public let call: String
  /// What it returned.
  public let status: Status

  /// Makes an error of a call's name and status.
  public init(call: String, status: Status) {
    self.call = call
    self.status = status
  }

  /// Whether oneDNN has no implementation for what was asked.
  public var isUnimplemented: Bool { status == .unimplemented }

  /// Whether oneDNN does not do what was asked, so that another way may be tried: it has no
  /// implementation, or refuses the combination.
  public var isRefusal: Bool { isUnimplemented || status == .invalidArguments }

  /// The call and its status: `dnnl_…: unimplemented`.
  public var description: String { "\(call): \(status)" }
}

/// Throws unless a call succeeded.
func check(_ status: dnnl_status_t, _ call: StaticString) throws(DNNLError) {
  if status != dnnl_success { throw DNNLError(call: "\(call)", status: .init(status)) }
}

/// The object a creator made, or the error it returned.
func made(_ handle: OpaquePointer?, _ status: dnnl_status_t, _ call: StaticString)
  throws(DNNLError) -> OpaquePointer
{
  try check(status, call)
  guard let handle else { throw DNNLError(call: "\(call)", status: .outOfMemory) }
  return handle
}
