/// Why an engine did not do what it was asked to.
public struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of fault it is; those of a worker have its names.
  public enum Code: String, Codable, Hashable, Sendable, CaseIterable {
    /// The Python that was tried has no such package.
    case missingPackage = "missing-package"
    /// The package is older than what the worker can use.
    case tooOld = "too-old"
    /// The engine refused the network.
    case model
    /// The engine has no such operator.
    case unsupportedOperator = "unsupported-operator"
    /// What was asked for and what the engine then says differ.
    case setting
    /// Memory ran out.
    case memory
    /// Anything else the engine says.
    case engine
    /// A worker that says what it must not: no JSON, half a line, another protocol.
    case `protocol`
    /// A worker that ended before it had answered.
    case ended
    /// A worker from which nothing came for too long.
    case silent
    /// A Python that cannot be started.
    case notStarted = "not-started"
    /// The user asked to stop.
    case cancelled
  }

  /// What kind of fault it is.
  public var code: Code
  /// What happened, in one clause.
  public var message: String
  /// The engine's node at fault, if it named one.
  public var node: String?
  /// What can be done, if the worker knows.
  public var remedy: String?

  /// Makes an error.
  public init(_ code: Code, _ message: String, node: String? = nil, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.node = node
    self.remedy = remedy
  }

  /// The message, with the node where there is one.
  public var description: String { node.map { "\($0): \(message)" } ?? message }

  /// Whether another Python may have what this one lacks; what the machine lacks, it lacks for all.
  public var isOfThisPython: Bool {
    switch code {
    case .missingPackage, .tooOld: true
    case .notStarted: remedy == nil
    default: false
    }
  }
}
