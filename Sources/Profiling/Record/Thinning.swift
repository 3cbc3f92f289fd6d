/// How the samples of a long run were drawn (``SampleThinning``).
public struct Thinning: Codable, Hashable, Sendable {
  /// Passes of each kind that ran.
  public var passes: Int
  /// Of so many passes in a row one is a sample, drawn at random.
  public var stride: Int

  /// Says how they were drawn.
  public init(passes: Int, stride: Int) {
    self.passes = passes
    self.stride = stride
  }
}
