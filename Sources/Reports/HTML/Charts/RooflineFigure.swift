internal import Profiling

/// The roofline plot of a record: every timed layer a point below the machine's measured roofs.
///
/// Williams, Waterman and Patterson, "Roofline", CACM 52 (2009). The x axis is the table's "AI, model":
/// executed FLOP over the traffic of the implementation, re-reads included, so that a layer cannot stand
/// above the roof that holds it.
struct RooflineFigure {
  /// A layer on the plot.
  private struct Point {
    var layer: LayerRecord
    var intensity: Double
    var rate: Double
  }

  private let points: [Point]
  private let roofs: MeasuredRoofs

  /// Nil when there are no roofs, or no layer has a time and FLOP.
  init?(_ record: RunRecord) {
    guard let roofs = MeasuredRoofs(record) else { return nil }
    let points = record.layers.compactMap(Self.point)
    guard !points.isEmpty else { return nil }
    // Large ones first, so that small ones stay in reach.
    self.points = points.sorted {
      ($0.layer.share ?? 0, $1.layer.index) > ($1.layer.share ?? 0, $0.layer.index)
    }
    self.roofs = roofs
  }

  private static func point(_ layer: LayerRecord) -> Point? {
    guard let time = layer.time?.median, time > 0, layer.flops > 0 else { return nil }
    let rate = layer.metrics[.gflopsPerSecond] ?? Double(layer.flops) / time
    guard let intensity = layer.trafficIntensity ?? least(layer) else { return nil }
    guard rate > 1e-9, rate < 1e9, intensity > 1e-9, intensity < 1e9 else { return nil }
    return Point(layer: layer, intensity: intensity, rate: rate)
  }

  private static func least(_ layer: LayerRecord) -> Double? {
    layer.bytes.total > 0 ? Double(layer.flops) / Double(layer.bytes.total) : nil
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "roofline", heading: "Roofline",
      note: "Every layer; its area is its share of the time. A layer on a line uses all of that "
        + "roof: peak and bandwidths are those that the verdicts used, of memory as it was during the "
        + "run. A click leads to its row.",
      height: 460, label: "Roofline plot: GFLOP/s over FLOP per byte, every layer a point",
      chart: chart(), numbers: numbers())
  }

  private func numbers() -> Figure.Numbers {
    Figure.Numbers(
      heads: ["layer", "AI, model (FLOP/byte)", "GFLOP/s", "bound, % of roof"],
      rows: points.sorted { $0.layer.index < $1.layer.index }.map { point in
        [
          point.layer.name, Figures.short(point.intensity), Figures.short(point.rate),
          point.layer.bound.map(BoundText.cell) ?? "–",
        ]
      }
        + roofs.bandwidths.map { ["\($0.name) roof", "", "\(Figures.short($0.gbs)) GB/s", ""] }
        + roofs.peaks.map { ["\($0.name) peak", "", Figures.short($0.gflops), ""] })
  }

  private func chart() -> JSONValue {
    let ridges = roofs.bandwidths.map { (roofs.peaks.first?.gflops ?? 0) / $0.gbs }
    let xs = points.map(\.intensity) + [ridges.max() ?? 1]
    let low = (xs.min() ?? 1) / 2
    let high = (xs.max() ?? 1) * 2
    let rates = points.map(\.rate) + roofs.peaks.map(\.gflops)
    let floor = (rates.min() ?? 1) / 2
    return ChartJSON.chart(
      "scatter", datasets: lines(from: low, to: high, floor: floor) + classes(),
      scales: ChartJSON.object([
        "x": ChartJSON.axis(
          "logarithmic", "AI, model: FLOP per byte of traffic",
          ["min": ChartJSON.number(low), "max": ChartJSON.number(high), "format": "decades".json]),
        "y": ChartJSON.axis(
          "logarithmic", "GFLOP/s",
          [
            "min": ChartJSON.number(floor),
            "max": ChartJSON.number((rates.max() ?? 1) * 2), "format": "decades".json,
          ]),
      ]), legend: true, more: ["names": .bool(true)])
  }

  /// Bandwidth roofs rise to the highest peak; peaks are level from the fastest roof on.
  private func lines(from low: Double, to high: Double, floor: Double) -> [JSONValue] {
    guard let top = roofs.peaks.map(\.gflops).max() else { return [] }
    var lines: [JSONValue] = []
    for (place, roof) in roofs.bandwidths.enumerated() {
      let from = Swift.max(low, floor / roof.gbs)
      let to = Swift.min(high, top / roof.gbs)
      guard from < to else { continue }
      lines.append(
        line(
          "\(roof.name) \(Figures.short(roof.gbs)) GB/s", from, from * roof.gbs, to,
          to * roof.gbs, isMain: place == 0))
    }
    let fastest = roofs.bandwidths.map(\.gbs).max() ?? 1
    for (place, peak) in roofs.peaks.enumerated() {
      let from = Swift.max(low, peak.gflops / fastest)
      lines.append(
        line(
          "\(peak.name) peak \(Figures.prefixed(peak.gflops * 1e9))FLOP/s", from, peak.gflops,
          high, peak.gflops, isMain: place == 0))
    }
    return lines
  }

  private func line(
    _ name: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, isMain: Bool
  ) -> JSONValue {
    ChartJSON.object([
      "roof": ChartJSON.text(name), "showLine": .bool(true), "pointRadius": .number("0"),
      "pointHitRadius": .number("0"), "borderWidth": .number(isMain ? "2" : "1.2"),
      "borderColor": (isMain ? "--ink" : "--quiet").json, "order": .number("2"),
      "data": .array([ChartJSON.point(x1, y1), ChartJSON.point(x2, y2)]),
    ])
  }

  /// One set of points a bound: each has a colour and, for those who do not tell colours apart, a
  /// shape.
  private func classes() -> [JSONValue] {
    let largest = Set(
      points.prefix(12).filter { ($0.layer.share ?? 0) >= 0.005 }.map(\.layer.index))
    return Bound.Class.allCases.compactMap { bound in
      let members = points.filter { ($0.layer.bound?.class ?? .unknown) == bound }
      guard !members.isEmpty else { return nil }
      let data = members.map { point in
        ChartJSON.point(
          point.intensity, point.rate, tooltip: tooltip(point),
          name: largest.contains(point.layer.index)
            ? DisplayText.elide(point.layer.name, to: 24) : "", layer: point.layer.index)
      }
      let opacity = points.count > 80 ? "90" : "c8"
      return ChartJSON.object([
        "label": ChartJSON.text(BoundText.adjective(bound)),
        "pointStyle": BoundText.shape(bound).json, "order": .number("1"),
        "backgroundColor": "\(Markup.color(bound)) \(opacity)".json,
        "borderColor": "--surface".json, "pointBorderWidth": .number("1"),
        "pointRadius": ChartJSON.numbers(members.map(radius)), "data": .array(data),
      ])
    }
  }

  private func radius(_ point: Point) -> Double {
    4 + 14 * Swift.max(0, Swift.min(point.layer.share ?? 0, 1)).squareRoot()
  }

  private func tooltip(_ point: Point) -> String {
    let layer = point.layer
    let bound = layer.bound.map { "\n\(BoundText.phrase($0))" } ?? ""
    let share = layer.share.map { ", \(Figures.percent($0)) % of the time" } ?? ""
    return "\(layer.name) (\(layer.kind))\(share)\n\(Figures.short(point.rate)) GFLOP/s at "
      + "\(Figures.short(point.intensity)) FLOP/B\(bound)"
  }
}
