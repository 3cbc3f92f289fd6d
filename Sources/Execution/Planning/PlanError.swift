import DNNL

/// A plan that contradicts itself: a fault of the planner or of the program that it was given, and no
/// answer of oneDNN's.
///
/// The planner's functions throw oneDNN's errors, and take some of them for "oneDNN has no such
/// primitive", to try the next best. This one passes through all of these: it has a status of its own,
/// which oneDNN never returns.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was found to be impossible, in one clause.
  public let message: String

  /// Makes an error.
  init(_ message: String) { self.message = message }

  /// The error that came up through functions that throw oneDNN's; `nil` for one of oneDNN's own.
  init?(_ error: DNNLError) {
    guard error.status == .contradiction else { return nil }
    message = error.call
  }

  /// The error as functions throw it that throw oneDNN's.
  var thrown: DNNLError { DNNLError(call: message, status: .contradiction) }

  /// What was found to be impossible, and whose fault it is.
  public var description: String { "the plan contradicts itself: \(message)" }
}
