/// Which steps of two passes run under the simulation, so that a layer finds in the caches what the
/// layers before it leave there.
///
/// A layer's steps are counted in the second pass. Before them everything must run that can still be
/// in the last level: as many steps, back into the first pass, as touch twice its size. Of a network
/// that fits, that is a whole pass; of a large one with few layers selected, a small part.
public struct SimulatedPasses: Hashable, Sendable {
  /// One position of the two passes.
  public struct Position: Hashable, Sendable {
    /// The step.
    public var step: Int
    /// Whether it runs under the simulation; its data are out of the caches when they matter otherwise.
    public var isSimulated: Bool
    /// Whether it is counted.
    public var isCounted: Bool
  }

  /// The positions in order.
  public let positions: [Position]

  /// Plans the passes.
  ///
  /// - Parameters:
  ///   - bytes: What each step touches.
  ///   - selected: Whether each is to be counted.
  ///   - cacheBytes: The last level.
  /// - Complexity: O(steps).
  public init(bytes: [Int], selected: [Bool], cacheBytes: Int) {
    let steps = bytes.count
    var wanted = 0
    var positions: [Position] = []
    for place in stride(from: 2 * steps - 1, through: 0, by: -1) {
      let step = place % steps
      let isCounted = place >= steps && selected[step]
      positions.append(
        Position(step: step, isSimulated: isCounted || wanted > 0, isCounted: isCounted))
      wanted = isCounted ? 2 * cacheBytes : wanted - bytes[step]
    }
    self.positions = positions.reversed()
  }
}
