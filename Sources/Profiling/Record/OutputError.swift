/// How far outputs are from those they should be.
public struct OutputError: Codable, Hashable, Sendable {
  /// The largest difference over the largest magnitude of the same output; the worst output's.
  public var relative: Double
  /// The least cosine of the angle between an output and the same of the other run.
  public var cosine: Double

  /// Makes an error.
  public init(relative: Double, cosine: Double) {
    self.relative = relative
    self.cosine = cosine
  }
}
