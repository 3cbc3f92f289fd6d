/// Counts of values that distort times.
public struct ActivationScan: Hashable, Sendable {
  /// Values that are no number.
  public var nan = 0
  /// Infinite values.
  public var inf = 0
  /// Values too small for full precision, other than zero.
  public var denormal = 0
  /// The first layer that made any of them.
  public var firstLayer: Int?

  /// Nothing so far.
  public init() {}

  /// Whether there are none.
  public var isClean: Bool { nan + inf + denormal == 0 }
}
