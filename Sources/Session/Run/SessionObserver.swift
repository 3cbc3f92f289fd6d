/// Who is told how something long gets on: a terminal, a log, or nobody.
public protocol SessionObserver: Sendable {
  /// How far it is; often called, and `text` need not be made.
  func progress(_ text: @autoclosure () -> String)
  /// That what was told of last is over.
  func progressEnded()
  /// What is worth knowing besides the result.
  func note(_ text: String)
}

/// Nobody is told anything.
public struct SilentObserver: SessionObserver {
  /// An observer that drops what it is told.
  public init() {}

  /// Drops it.
  public func progress(_ text: @autoclosure () -> String) {}
  /// Does nothing.
  public func progressEnded() {}
  /// Drops it.
  public func note(_ text: String) {}
}
