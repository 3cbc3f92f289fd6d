import CPAPI

/// A call into PAPI that failed: which, why, and about what.
public struct PAPIError: Error, Hashable, Sendable, CustomStringConvertible {
  /// PAPI's result codes, by their meaning.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The number in `papi.h`.
    public let rawValue: Int32

    /// Wraps a number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The corresponding C constant is `PAPI_EINVAL`.
    public static let invalid = Code(rawValue: PAPI_EINVAL)
    /// The corresponding C constant is `PAPI_ENOEVNT`.
    public static let noSuchEvent = Code(rawValue: PAPI_ENOEVNT)
    /// The corresponding C constant is `PAPI_ECNFLCT`.
    public static let conflict = Code(rawValue: PAPI_ECNFLCT)
    /// The corresponding C constant is `PAPI_ECOUNT`.
    public static let tooManyEvents = Code(rawValue: PAPI_ECOUNT)
    /// The corresponding C constant is `PAPI_EISRUN`.
    public static let running = Code(rawValue: PAPI_EISRUN)
    /// The corresponding C constant is `PAPI_ENOTRUN`.
    public static let notRunning = Code(rawValue: PAPI_ENOTRUN)
    /// The corresponding C constant is `PAPI_EPERM`.
    public static let notPermitted = Code(rawValue: PAPI_EPERM)
    /// The corresponding C constant is `PAPI_ENOCMP`.
    public static let noComponent = Code(rawValue: PAPI_ENOCMP)
    /// The corresponding C constant is `PAPI_ECMP_DISABLED`.
    public static let componentDisabled = Code(rawValue: PAPI_ECMP_DISABLED)
    /// The corresponding C constant is `PAPI_EMULPASS`.
    public static let needsPasses = Code(rawValue: PAPI_EMULPASS)
  }

  /// The C function.
  public let call: String
  /// What it returned.
  public let code: Code
  /// What the call was about, such as an event's name.
  public let subject: String?

  /// Makes an error.
  public init(call: String, code: Code, subject: String? = nil) {
    self.call = call
    self.code = code
    self.subject = subject
  }

  /// PAPI's own words for the code; `unknown error` before the library is initialised.
  ///
  /// The corresponding C function is `PAPI_strerror`.
  public var reason: String {
    PAPI_strerror(code.rawValue).map { String(cString: $0) } ?? "unknown error"
  }

  /// What failed, with the call, PAPI's words and the code's number.
  public var description: String {
    let about = subject.map { "('\($0)')" } ?? ""
    return "\(call)\(about): \(reason) (\(code.rawValue))"
  }
}

/// Throws when a PAPI function returned anything but `PAPI_OK`.
func check(_ code: Int32, _ call: String, _ subject: String? = nil) throws(PAPIError) {
  if code != PAPI_OK {
    throw PAPIError(call: call, code: PAPIError.Code(rawValue: code), subject: subject)
  }
}
