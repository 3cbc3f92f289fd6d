/// A plan that contradicts itself: a fault of an engine's planner or of the program that it was given,
/// and no answer of a library's.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was found to be impossible, in one clause.
  public let message: String

  /// Makes an error.
  public init(_ message: String) { self.message = message }

  /// What was found to be impossible, and whose fault it is.
  public var description: String { "the plan contradicts itself: \(message)" }
}
