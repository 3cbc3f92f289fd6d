/// A row of a record that may have been measured: a layer, or a segment.
public protocol MeasuredRow {
  /// Its time in the timed pass.
  var time: TimeSummary? { get set }
  /// Its median time over the sum of the medians of all layers and the unattributed rest.
  var share: Double? { get set }
  /// Its events.
  var counters: CounterRecord? { get set }
  /// Derived numbers.
  var metrics: MetricValues { get set }
  /// What holds it back.
  var bound: Bound? { get set }
}

extension MeasuredRow {
  /// The roofline rule's evidence, wherever the row keeps it; nil where there was nothing to judge by.
  public var roofs: Evidence? {
    if let bound, bound.method == .roofline { return bound.evidence }
    return metrics.roofline[.memoryNs] == nil ? nil : metrics.roofline
  }

  /// A number of that evidence, or of the bound's; nil for one that nothing could be made of.
  func plainEvidence(_ name: EvidenceName) -> Double? {
    let found = bound?.evidence[name] ?? metrics.roofline[name]
    return found.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
  }

  /// Takes over what it was judged to be.
  public mutating func take(_ judgement: Judgement) {
    metrics = judgement.metrics
    bound = judgement.bound
  }
}

extension LayerRecord: MeasuredRow {}
extension SegmentRecord: MeasuredRow {}
