/// Judges a saved record again: after a formula or a threshold has changed, or from counters that
/// were edited by hand in a test.
public enum Reclassification {
  /// The record with the metrics and bounds of its layers and segments made anew.
  ///
  /// From the events, median times, analytic numbers and roofs of the record alone. What only the
  /// run knew is taken from the record: bytes read again (`traffic_bytes`), the memory bandwidth
  /// next to the run (in the evidence of the roofline verdict, and in the machine's roofs),
  /// `algorithm_flops`, `executed_flops`, `counter_drift`, `counted_inflation` and `below_counter_floor`. A layer without a time stays as it is. Applying it twice changes
  /// nothing more.
  ///
  /// - Parameter record: Any record of this schema; one without
  ///   ``MachineInfo/microarchitecture`` is judged by its roofs alone.
  /// - Returns: The same record, judged by this version.
  public static func apply(to record: RunRecord) -> RunRecord {
    var result = record
    for index in record.layers.indices {
      let layer = record.layers[index]
      guard let time = layer.time else { continue }
      let fused = record.layers.filter { $0.fusedInto == layer.name }
      let row = Row(layer, of: [layer] + fused, steps: max(1, layer.primitives.count))
      result.layers[index].take(judge(row, time: time, record: record))
    }
    for index in record.segments.indices {
      let segment = record.segments[index]
      guard let time = segment.time else { continue }
      let members = record.layers.filter { segment.layers.contains($0.name) }
      let row = Row(
        segment, of: members, steps: max(1, members.reduce(0) { $0 + $1.primitives.count }))
      result.segments[index].take(judge(row, time: time, record: record))
    }
    return result.statingHindrances()
  }

  /// What is judged: some layers and what the record says of them together.
  private struct Row {
    var layers: [LayerRecord]
    var metrics: MetricValues
    var counters: CounterRecord?
    var steps: Int

    init(_ row: some MeasuredRow, of layers: [LayerRecord], steps: Int) {
      self.layers = layers
      self.steps = steps
      metrics = row.metrics
      counters = row.counters
      roofs = row.roofs
    }

    /// Operations that were executed, where these are not the analytic ones.
    var executed: Double? { metrics[.executedFlops] ?? metrics[.algorithmFlops] }
    var written: Double { layers.reduce(0) { $0 + Double($1.bytes.output) } }
    var flops: Double { layers.reduce(0) { $0 + Double($1.flops) } }
    var bytes: Double { layers.reduce(0) { $0 + Double($1.bytes.total) } }
    var weights: Double { layers.reduce(0) { $0 + Double($1.bytes.weights) } }
    var traffic: Double { metrics[.trafficBytes] ?? bytes }

    /// Evidence of an earlier roofline verdict, wherever it was kept.
    var roofs: Evidence?
  }

  private static func judge(_ row: Row, time: TimeSummary, record: RunRecord) -> Judgement {
    let peak = peak(of: row, record)
    let roofline =
      row.roofs.map {
        Roofline.bound(evidence: $0, timeNs: time.median, undisturbedNs: time.undisturbed)
      }
      ?? Roofline.bound(rooflineInput(row, time: time, peak: peak, record: record))
    var verdict = Judgement(
      JudgementInput(
        flops: row.flops, trafficBytes: row.traffic, timeNs: time.median,
        peakFlopsPerSecond: peak, roofline: roofline, counters: row.counters,
        cpu: EventCatalogue.entry(id: record.machine.microarchitecture),
        drift: row.metrics[.counterDrift],
        instructionFloor: row.metrics[.belowCounterFloor] == 1 ? .infinity : nil,
        algorithmFlops: row.metrics[.algorithmFlops], executedFlops: row.executed))
    // Metrics of others, which this does not know how to compute, stay.
    let ours = Set(Metrics.all.map(\.name))
      .union([MetricName.counterDrift.name, MetricName.belowCounterFloor.name])
    for (name, value) in row.metrics.others where !ours.contains(name) {
      verdict.metrics[MetricName(name)] = value
    }
    return verdict
  }

  private static func peak(of row: Row, _ record: RunRecord) -> Double? {
    guard let peaks = record.machine.rooflines?.peakFlops else { return nil }
    return peaks.rate(of: row.layers.map { (Double($0.flops), $0.precision) })
  }

  private static func rooflineInput(
    _ row: Row, time: TimeSummary, peak: Double?, record: RunRecord
  ) -> RooflineInput {
    // Bytes read again without the set that they go round: at most all weights.
    let reread = RooflineInput.Reread(
      bytes: max(0, row.traffic - row.bytes), setBytes: row.weights)
    return RooflineInput(
      flops: row.executed ?? row.flops, peakFlopsPerSecond: peak ?? 0, weightBytes: row.weights,
      rereads: [reread], activationBytes: row.bytes - row.weights, writtenBytes: row.written,
      networkFootprintBytes: record.layers.reduce(0) {
        $0 + Double($1.bytes.weights + $1.bytes.output)
      },
      timeNs: time.median, undisturbedNs: time.undisturbed, steps: row.steps,
      threads: record.options.teamSize ?? 1,
      lastLevelCacheBytes: Double(record.machine.lastLevelCacheBytes),
      bandwidth: record.machine.rooflines?.bandwidth ?? [],
      memory: record.machine.rooflines?.memory(cold: record.options.cache == "cold"),
      cold: record.options.cache == "cold")
  }
}
