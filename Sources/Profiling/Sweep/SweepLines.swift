/// The lines of a sweep: points that differ along one numeric axis only.
struct SweepLines {
  let scaling: [SweepAnalysis.Scaling]

  init(_ plan: SweepPlan, points: [SweepPoint]) {
    scaling = plan.axes.indices.flatMap { place -> [SweepAnalysis.Scaling] in
      let axis = plan.axes[place]
      guard axis.kind != .precision, axis.kind != .machine, axis.values.count > 1 else { return [] }
      var groups: [[String]: [(value: Double, point: SweepPoint)]] = [:]
      var order: [[String]] = []
      for point in points {
        guard let value = Double(point.settings[place]) else { continue }
        var rest = point.settings
        rest[place] = ""
        if groups[rest] == nil { order.append(rest) }
        groups[rest, default: []].append((value, point))
      }
      return order.compactMap { rest in
        Self.line(axis, (groups[rest] ?? []).sorted { $0.value < $1.value })
      }
    }
  }

  /// A line of the points whose processes carry it.
  private static func line(
    _ axis: SweepAxis, _ all: [(value: Double, point: SweepPoint)]
  ) -> SweepAnalysis.Scaling? {
    let points = all.filter { $0.point.isSound }
    guard points.count > 1 else { return nil }
    var line = SweepAnalysis.Scaling(axis: axis.name, points: points.map(\.point.index))
    let scales = axis.kind == .batch || axis.kind == .threads
    let curve = points.map { scales ? $0.point.throughputPerSecond : $0.point.latency?.median }
      .map { $0 ?? 0 }
    // Speed-up is over the first value: without that there is none.
    if scales, all[0].point.isSound, curve[0] > 0, points[0].value > 0 {
      let speedup = curve.map { $0 / curve[0] }
      line.speedup = speedup
      line.efficiency = zip(speedup, points).map { $0 / ($1.value / points[0].value) }
    }
    let noise = zip(points, curve).map { entry, value -> Double in
      guard let time = entry.point.latency, time.median > 0,
        let between = BetweenProcesses(medians: time.samples)?.interval
      else { return 0 }
      return (between.upperBound - between.lowerBound) / 2 / time.median * value
    }
    line.knee = Knee.place(x: points.map(\.value), y: curve, noise: noise)
      .map { points[$0].value }
    return line
  }
}

/// Where a curve bends.
///
/// Satopää, Albrecht, Irwin and Raghavan, "Finding a 'Kneedle' in a Haystack", ICDCS Workshops
/// 2011: scaled to the unit square, the point farthest from the chord between the ends.
enum Knee {
  /// A bend must be that far from the chord, or noise makes knees.
  static let threshold = 0.1

  /// Index of the knee of a curve of ascending `x`; nil with fewer than 3 points or no bend that
  /// stands out of the `noise` of each `y`, half the width of its 95 % interval.
  static func place(x: [Double], y: [Double], noise: [Double]) -> Int? {
    guard x.count >= 3, x.count == y.count, let first = x.first, let last = x.last,
      let low = y.min(), let high = y.max(), last > first, high > low
    else { return nil }
    let (start, end) = ((y[0] - low) / (high - low), (y[y.count - 1] - low) / (high - low))
    var best: (distance: Double, place: Int) = (threshold, 0)
    for place in 1..<(x.count - 1) {
      let position = (x[place] - first) / (last - first)
      let chord = start + (end - start) * position
      let distance = ((y[place] - low) / (high - low) - chord).magnitude
      if distance > best.distance, distance * (high - low) > noise[place] {
        best = (distance, place)
      }
    }
    return best.place > 0 ? best.place : nil
  }
}
