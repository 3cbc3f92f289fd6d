/// The least time that the measured roofs allow a layer, from its record.
struct AttainableTime: Hashable, Sendable {
  /// Time of its bytes, ns.
  var memory: Double
  /// Time of the operations that were executed, ns.
  var compute: Double
  /// The operations that were executed.
  var executed: Double?

  /// The nearer roof, ns.
  var ns: Double { Swift.max(memory, compute) }

  /// What a layer's bound says; nil where no roof was held against it.
  ///
  /// Where top-down gave the bound, the roofline's evidence stands in the metrics.
  init?(_ layer: LayerRecord) {
    guard let memory = layer.plainEvidence(.memoryNs),
      let compute = layer.plainEvidence(.computeNs),
      Swift.max(memory, compute) > 0
    else { return nil }
    self.memory = memory
    self.compute = compute
    executed = layer.plainEvidence(.peakGflops).flatMap {
      $0 > 0 && compute > 0 ? $0 * compute : nil
    }
  }

  /// The same for as many operations as `work`, where fewer were executed.
  func holding(_ work: Double?) -> AttainableTime {
    guard let work, let executed, work > executed else { return self }
    var other = self
    other.compute = compute * work / executed
    return other
  }

  /// By how much the roofs say that one machine takes longer than another.
  ///
  /// Both are held against the same operations: an algorithm that executes fewer on one side is no
  /// merit of its chip. What is fused differs by little, and counts as it is.
  static func ratio(
    _ baseline: AttainableTime, _ candidate: AttainableTime, sameAlgorithm: Bool
  ) -> Double? {
    guard !sameAlgorithm else { return Self.quotient(candidate.ns, baseline.ns) }
    return quotient(
      candidate.holding(baseline.executed).ns, baseline.holding(candidate.executed).ns)
  }

  private static func quotient(_ above: Double, _ below: Double) -> Double? {
    let ratio = above / below
    return ratio.isFinite && ratio > 0 ? ratio : nil
  }
}
