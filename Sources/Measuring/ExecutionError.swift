public import Machine

/// Why a program cannot be planned or run: where, and what failed.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What failed.
  public enum Reason: Hashable, Sendable {
    /// A call into the library of an engine, or one of its kind.
    case library(LibraryFault)
    /// The planner itself.
    case plan(PlanError)
    /// The OpenMP runtime.
    case threads(ThreadTeamError)
  }

  /// Index of the layer at fault, if one is.
  public let layer: Int?
  /// What failed.
  public let reason: Reason

  /// Makes an error.
  public init(layer: Int?, _ reason: Reason) {
    self.layer = layer
    self.reason = reason
  }

  /// The C function that failed, if one did.
  public var call: String? {
    if case .library(let error) = reason { return error.call }
    return nil
  }

  /// What failed, without the layer: `dnnl_…: unimplemented`.
  public var description: String {
    switch reason {
    case .library(let error): error.description
    case .plan(let error): error.description
    case .threads(let error): error.description
    }
  }
}

/// A call into the library of an engine that failed.
public struct LibraryFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The function that failed.
  public let call: String
  /// The library's number for why.
  public let code: UInt32
  /// The library's word for why.
  public let status: String

  /// Describes a call that failed.
  public init(call: String, code: UInt32, status: String) {
    self.call = call
    self.code = code
    self.status = status
  }

  /// The call and its status: `dnnl_…: unimplemented`.
  public var description: String { "\(call): \(status)" }
}
