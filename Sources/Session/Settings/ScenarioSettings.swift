public import Profiling

/// A load pattern that a network is measured under, besides.
public struct ScenarioSettings: Codable, Hashable, Sendable {
  /// The pattern.
  public var kind: ScenarioRecord.Kind
  /// Of a server: arrivals a second; nil searches for the most that meet ``latencyBound``.
  public var targetQPS: Double?
  /// Of a server: milliseconds that 99 % of the queries must meet.
  public var latencyBound: Double?

  /// Names a pattern.
  public init(_ kind: ScenarioRecord.Kind) { self.kind = kind }
}
