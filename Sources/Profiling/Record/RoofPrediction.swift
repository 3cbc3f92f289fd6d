/// What measured roofs allow a layer that has not run: the least time, and which roof sets it.
///
/// Of the layer by itself, without what fusion saves and without what its implementation moves more
/// than once, except the weights that a recurrent layer reads at every step.
public struct RoofPrediction: Codable, Hashable, Sendable {
  /// What holds it back where it reaches its roof: `memory`, `core`, or `balanced` where the two times
  /// are within a factor of ``Roofline/threshold``.
  public var `class`: Bound.Class
  /// The longer one of the two times.
  public var leastNs: Double
  /// Time that its bytes need.
  public var memoryNs: Double
  /// Time that its executed FLOP need.
  public var computeNs: Double

  /// Gathers the numbers.
  public init(class: Bound.Class, leastNs: Double, memoryNs: Double, computeNs: Double) {
    self.class = `class`
    self.leastNs = leastNs
    self.memoryNs = memoryNs
    self.computeNs = computeNs
  }
}
