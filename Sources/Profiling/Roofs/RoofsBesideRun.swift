/// What was measured of the machine between the samples of a run.
public struct RoofsBesideRun: Hashable, Sendable {
  /// Whole curves, in order.
  public var curves: [[Rooflines.Bandwidth]] = []
  /// A curve that was measured again because a layer was faster than these allow.
  public var repeated: [Rooflines.Bandwidth]?
  /// Bandwidth of memory, in order, 10⁹ bytes a second.
  public var memory: [Double] = []
  /// What memory gave to emptied caches, in order.
  public var cold: [Rooflines.Memory] = []
  /// Hand-offs between the team's threads, in order, ns.
  public var handOffs: [Double] = []

  /// Begins with nothing.
  public init() {}

  /// The roofs that held for the run.
  ///
  /// Peaks and clock of the calibration, everything else as it was beside the samples, in the middle. A
  /// repeated curve counts where it is higher.
  public func roofs(calibrated: Rooflines) -> Rooflines {
    var roofs = calibrated
    let curve = [Rooflines.Bandwidth].median(of: curves)
    if !curve.isEmpty { roofs.bandwidth = curve }
    if !memory.isEmpty, let last = roofs.bandwidth.indices.last {
      roofs.memoryGbs = memory
      let (before, now) = (roofs.bandwidth[last].gbs, Percentiles.median(of: memory))
      roofs.bandwidth[last].gbs = now
      // Copies go with what memory gives.
      if before > 0, let copy = roofs.bandwidth[last].copyGbs {
        roofs.bandwidth[last].copyGbs = copy * now / before
      }
    }
    if let repeated { roofs.bandwidth = roofs.bandwidth.better(than: repeated) }
    if !cold.isEmpty {
      let copies = cold.compactMap(\.copyGbs)
      roofs.cold = .init(
        gbs: Percentiles.median(of: cold.map(\.gbs)),
        copyGbs: copies.isEmpty ? nil : Percentiles.median(of: copies))
    }
    if !handOffs.isEmpty { roofs.handOffNs = (calibrated.handOffNs ?? []) + handOffs }
    return roofs
  }
}
