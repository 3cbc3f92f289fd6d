internal import Profiling

extension Timeline.CounterTrack {
  /// Tracks of the layers' rates and events.
  ///
  /// A value holds while its layer runs. Viewers draw steps without gaps, so the track falls to 0
  /// where the next layer has no value and at the end of the last one.
  static func tracks(of layers: [LayerRecord], at slices: [Timeline.Slice]) -> [Self] {
    let rates: [(String, MetricName)] = [
      ("GFLOP/s", .gflopsPerSecond), ("GB/s", .gigabytesPerSecond),
    ]
    let events = Set(layers.flatMap { $0.counters.map { Array($0.events.keys) } ?? [] }).sorted()
    let candidates =
      rates.map { title, metric in
        Self(name: title, points: points(layers.map { $0.metrics[metric] }, at: slices))
      }
      + events.map { event in
        Self(
          name: "\(event) per layer",
          points: points(layers.map { $0.counters?.events[event]?.value }, at: slices))
      }
    return candidates.filter { !$0.points.isEmpty }
  }

  private static func points(_ values: [Double?], at slices: [Timeline.Slice]) -> [Point] {
    var points: [Point] = []
    var end: Int?
    for (value, slice) in zip(values, slices) where slice.end > slice.start {
      if let value, value.isFinite {
        points.append(Point(time: slice.start, value: value))
        end = slice.end
      } else if let last = end {
        points.append(Point(time: last, value: 0))
        end = nil
      }
    }
    if let end { points.append(Point(time: end, value: 0)) }
    return points
  }
}
