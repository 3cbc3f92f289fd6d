public import DNNL
public import Machine

/// Why a program cannot be planned or run: where, and what failed.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What failed.
  public enum Reason: Hashable, Sendable {
    /// A call into oneDNN, or one of its kind.
    case library(DNNLError)
    /// The planner itself.
    case plan(PlanError)
    /// The OpenMP runtime.
    case threads(ThreadTeamError)
  }

  /// Index of the layer at fault, if one is.
  public let layer: Int?
  /// What failed.
  public let reason: Reason

  /// An error that came up through functions that throw oneDNN's.
  init(layer: Int?, _ error: DNNLError) {
    self.init(layer: layer, PlanError(error).map { .plan($0) } ?? .library(error))
  }

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
