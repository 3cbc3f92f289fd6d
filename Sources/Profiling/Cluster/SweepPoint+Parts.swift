extension SweepPoint {
  /// Becomes what some parts, by ascending place, say of it; `pending` with fewer than `rounds`.
  public mutating func take(_ parts: [MeasuredPart], rounds: Int) {
    state = .pending
    reason = nil
    latency = nil
    disturbed = nil
    nodes = nil
    throughputPerSecond = nil
    firstInferenceNs = nil
    peakMemoryBytes = nil
    for part in parts {
      if let fault = part.fault {
        state = .failed
        reason = fault.message
      }
      guard let record = part.record else { continue }
      if let layer = record.layers.first(where: { $0.untimed == .timedOut }) {
        state = .failed
        reason = "layer '\(layer.name)' ran longer than --layer-timeout"
        continue
      }
      add(record, replacing: part.replaces ?? false, node: part.node ?? "?")
    }
    if state == .pending, (latency?.count ?? 0) >= rounds { state = .measured }
  }
}
