/// Layers above their roof as evidence against the roof.
///
/// How many operations a product executes is known, and so is its time: a peak below that is wrong,
/// however it was measured.
public enum RoofRepair {
  /// How much longer than its dispatch a layer must take for its rate to count.
  static let dispatches = 20.0
  /// How far beyond multiply-adds in registers a rate may lie before it is the count that is wrong.
  static let mostOfRegisters = 1.05

  /// The peaks that the layers of a record reached.
  ///
  /// Of layers of one precision with products by the direct algorithm, whose arithmetic is the nearer
  /// roof, at their median time, dispatch included.
  ///
  /// - Returns: The record's peaks, raised; nil where no layer is above them.
  public static func peaks(reachedIn record: RunRecord) -> Rooflines.PeakFlops? {
    guard let roofs = record.machine.rooflines else { return nil }
    var raised = roofs.peakFlops
    for layer in record.layers {
      guard let rate = rate(of: layer, roofs) else { continue }
      switch layer.precision {
      case .bf16: raised.bf16 = raised.bf16.map { max($0, rate) }
      case .int8: raised.int8 = raised.int8.map { max($0, rate) }
      default:
        let most = roofs.registerFlops.map { $0 * mostOfRegisters } ?? .infinity
        if rate <= most { raised.f32 = max(raised.f32, rate) }
      }
    }
    return raised == roofs.peakFlops ? nil : raised
  }

  /// FLOP/s of a layer that can bear witness.
  private static func rate(of layer: LayerRecord, _ roofs: Rooflines) -> Double? {
    guard let time = layer.time?.median, layer.macs > 0, layer.keptInF32 == nil,
      layer.metrics[.algorithmFlops] == nil, let evidence = HindranceInput.roofs(of: layer),
      let compute = evidence[.computeNs], let memory = evidence[.memoryNs], compute >= memory,
      let peak = evidence[.peakGflops],
      // A peak of its own: nothing of another precision is fused into it.
      abs(peak * 1e9 / roofs.peakFlops.rate(of: layer.precision) - 1) < 1e-6,
      time >= dispatches * (evidence[.dispatchNs] ?? 0), compute > time
    else { return nil }
    return compute * peak / time * 1e9
  }
}
