internal import Profiling

extension Timeline {
  /// Lays out the timed pass whose time is nearest the median (the first of them).
  ///
  /// Layers stand end to end in execution order, each as long as it took in that pass, and its
  /// primitives within it likewise. What no layer accounts for, layers outside the selection
  /// included, is known only as a sum: it is the last slice, `unattributed`.
  init(_ record: RunRecord) {
    name = "\(record.topology.name) on \(record.machine.cpu)"
    facts = SliceDetails.facts(record)
    guard let time = record.timedPass?.time, let pass = Self.nearest(time) else { return }
    let timed = record.layers.indices.filter { record.layers[$0].time != nil }
    let fused = Dictionary(grouping: record.layers.filter { $0.fusedInto != nil }) {
      $0.fusedInto ?? ""
    }
    var clock = SliceClock()
    let layers = timed.map { index in
      let layer = record.layers[index]
      return Self.slice(layer, fused: fused[layer.name] ?? [], pass: pass, clock: &clock)
    }
    let tracks = SegmentTracks(record, timed: timed).tracks
    let spans = tracks.map { runs in SegmentLayout(record, runs: runs, layers: layers) }
    var children = spans.first?.withLayers() ?? layers
    if let rest = Self.rest(record, pass: pass, of: time.samples[pass], clock: &clock) {
      children.append(rest)
    }
    root = Slice(
      level: .network, name: record.topology.name, start: 0, end: clock.now,
      details: SliceDetails.network(record, pass: pass), children: children)
    sideTracks = spans.dropFirst().map { $0.segmentsOnly() }
    counters = CounterTrack.tracks(of: timed.map { record.layers[$0] }, at: layers)
  }

  /// Index of the sample nearest the median; nil when there is none that is a time.
  private static func nearest(_ time: TimeSummary) -> Int? {
    func distance(_ index: Int) -> Double {
      let distance = abs(time.samples[index] - time.median)
      return distance.isFinite ? distance : .greatestFiniteMagnitude
    }
    return time.samples.indices.filter { time.samples[$0] > 0 && time.samples[$0].isFinite }
      .min { distance($0) < distance($1) }
  }

  /// What a time was in one pass; its median where that pass is missing.
  private static func value(_ time: TimeSummary, _ pass: Int) -> Double {
    time.samples.indices.contains(pass) ? time.samples[pass] : time.median
  }

  private static func slice(
    _ layer: LayerRecord, fused: [LayerRecord], pass: Int, clock: inout SliceClock
  ) -> Slice {
    let start = clock.now
    let end = clock.advance(layer.time.map { value($0, pass) } ?? 0)
    var inner = SliceClock(at: start)
    var children: [Slice] = []
    for primitive in layer.primitives {
      guard let time = primitive.time else { continue }
      let from = min(inner.now, end)
      let to = min(inner.advance(value(time, pass)), end)
      children.append(
        Slice(
          level: .primitive, name: SliceDetails.name(primitive), start: from, end: to,
          line: layer.line, details: SliceDetails.primitive(primitive)))
    }
    // The layer is the sum of its primitives, but for a nanosecond of rounding.
    if let last = children.indices.last, end - children[last].end == 1 { children[last].end = end }
    return Slice(
      level: .layer, name: layer.name, start: start, end: end, line: layer.line,
      details: SliceDetails.layer(layer, fused: fused), children: children)
  }

  private static func rest(
    _ record: RunRecord, pass: Int, of total: Double, clock: inout SliceClock
  ) -> Slice? {
    let start = clock.now
    let end = clock.advance(total - Double(start))
    guard end > start else { return nil }
    return Slice(
      level: .rest, name: "unattributed", start: start, end: end,
      details: SliceDetails.rest(record))
  }
}

/// Segments of one track laid over the layers.
struct SegmentLayout {
  private let record: RunRecord
  private let runs: [SegmentTracks.Run]
  private let layers: [Timeline.Slice]

  /// Takes runs that nest, outer before inner.
  init(_ record: RunRecord, runs: [SegmentTracks.Run], layers: [Timeline.Slice]) {
    self.record = record
    self.runs = runs
    self.layers = layers
  }

  /// The track's slices with every layer in the innermost segment around it.
  func withLayers() -> [Timeline.Slice] {
    var next = 0
    return slices(layers.indices, next: &next, keepsLayers: true)
  }

  /// The track's slices without layers.
  func segmentsOnly() -> [Timeline.Slice] {
    var next = 0
    return slices(layers.indices, next: &next, keepsLayers: false)
  }

  private func slices(
    _ range: Range<Int>, next: inout Int, keepsLayers: Bool
  ) -> [Timeline.Slice] {
    var result: [Timeline.Slice] = []
    var place = range.lowerBound
    while place < range.upperBound {
      if next < runs.count, runs[next].layers.lowerBound == place {
        let run = runs[next]
        next += 1
        let segment = record.segments[run.segment]
        let children = slices(run.layers, next: &next, keepsLayers: keepsLayers)
        result.append(
          Timeline.Slice(
            level: .segment, name: segment.name, start: layers[place].start,
            end: layers[run.layers.upperBound - 1].end,
            details: SliceDetails.segment(segment, of: record, part: run.part, parts: run.parts),
            children: children))
        place = run.layers.upperBound
      } else {
        if keepsLayers { result.append(layers[place]) }
        place += 1
      }
    }
    return result
  }
}
