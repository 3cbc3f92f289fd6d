/// What a step computes by another algorithm than the direct one.
public struct AlgorithmWork: Hashable, Sendable {
  /// Operations that the direct algorithm would execute, a multiply-add being two.
  public var direct: Int
  /// Operations of the algorithm that runs, transforms included.
  public var executed: Int

  /// Makes the pair.
  public init(direct: Int, executed: Int) {
    self.direct = direct
    self.executed = executed
  }
}
