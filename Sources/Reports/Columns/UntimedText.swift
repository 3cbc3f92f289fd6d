internal import Profiling

/// Words in the place of a time that a layer does not have.
enum UntimedText {
  /// `fused`, `nothing runs` or `not measured`, where the time would stand.
  static func cell(_ layer: LayerRecord) -> LayerColumn.Cell? {
    layer.whyUntimed.map { LayerColumn.Cell(raw: "", text: words($0)) }
  }

  /// `into conv1`, where the bound would stand.
  static func place(_ layer: LayerRecord) -> LayerColumn.Cell? {
    guard layer.time == nil, let host = layer.fusedInto else { return nil }
    return LayerColumn.Cell(raw: "", text: "into \(host)")
  }

  static func words(_ why: LayerRecord.Untimed) -> String {
    switch why {
    case .fused: "fused"
    case .nothingRuns: "nothing runs"
    case .timedOut: "timed out"
    case .notMeasured: "not measured"
    }
  }
}
