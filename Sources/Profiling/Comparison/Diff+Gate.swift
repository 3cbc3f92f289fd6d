extension Diff {
  /// Whether the candidate is significantly slower end to end by more than `percent`.
  ///
  /// True when the whole 95 % interval of the difference lies above the gate: noise alone does
  /// not fail a build.
  public func exceeds(gatePercent percent: Double) -> Bool {
    guard let difference = endToEnd, difference.verdict == .slower,
      let low = difference.interval?.lowerBound
    else { return false }
    return low > percent
  }
}
