/// How the timed pass of another engine parts into the nodes that it executes and what lies between them.
///
/// Means over the samples, as in the sum that closes: ``executedNs`` and ``betweenNs`` are the timed pass. Of
/// several processes medians of theirs.
public struct NodeTimes: Codable, Hashable, Sendable {
  /// The sum of all nodes, of layers or not, ns.
  public var executedNs: Double
  /// The share of ``executedNs`` that belongs to layers, 0 to 1.
  public var attributedShare: Double
  /// The timed pass less all nodes, ns: what the engine does besides, and what its clock cuts off.
  public var betweenNs: Double
  /// The median of the sum of all nodes over the median bare pass; absent without one.
  public var shareOfBare: Double?
  /// About how much of ``betweenNs`` is the nodes' own, ns; absent where the clock of nodes is no coarser than that of
  /// passes.
  ///
  /// Such a clock cuts every time to whole steps, on average half a step each. Nodes are left as they were read: of one
  /// alone nobody knows what was cut.
  public var cutNs: Double?
  /// What of ``betweenNs`` passes from the end of the last layer until the network has returned, ns; only where
  /// that is told apart, as in PyTorch, which frees the values of the pass there.
  public var returnNs: Double?

  /// Describes a pass.
  public init(
    executedNs: Double, attributedShare: Double, betweenNs: Double, shareOfBare: Double? = nil,
    cutNs: Double? = nil, returnNs: Double? = nil
  ) {
    self.executedNs = executedNs
    self.attributedShare = attributedShare
    self.betweenNs = betweenNs
    self.shareOfBare = shareOfBare
    self.cutNs = cutNs
    self.returnNs = returnNs
  }

  /// Medians over processes; nil where one of them has none.
  init?(medians: [NodeTimes?]) {
    let all = medians.compactMap(\.self)
    guard !all.isEmpty, all.count == medians.count else { return nil }
    func middle(_ path: KeyPath<NodeTimes, Double?>) -> Double? {
      let values = all.compactMap { $0[keyPath: path] }
      return values.count == all.count ? Percentiles.median(of: values) : nil
    }
    self.init(
      executedNs: Percentiles.median(of: all.map(\.executedNs)),
      attributedShare: Percentiles.median(of: all.map(\.attributedShare)),
      betweenNs: Percentiles.median(of: all.map(\.betweenNs)),
      shareOfBare: middle(\.shareOfBare), cutNs: middle(\.cutNs), returnNs: middle(\.returnNs))
  }
}
