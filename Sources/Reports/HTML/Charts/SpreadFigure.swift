internal import Profiling

/// The samples of the layers that take longest, each layer a strip around its median.
struct SpreadFigure {
  /// Layers and samples a layer that are drawn.
  private static let limits = (layers: 20, samples: 150)

  private let layers: [LayerRecord]

  /// Nil when no layer has three samples.
  init?(_ record: RunRecord) {
    let timed = record.layers.filter { layer in
      (layer.time?.samples.count ?? 0) >= 3 && (layer.time?.median ?? 0) > 0
    }
    guard !timed.isEmpty else { return nil }
    layers = timed.sorted { ($0.time?.median ?? 0, $1.index) > ($1.time?.median ?? 0, $0.index) }
      .prefix(Self.limits.layers).sorted { $0.index < $1.index }
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "spread", heading: "Spread of the samples",
      note: "Samples of the \(layers.count == Self.limits.layers ? "\(layers.count) longest " : "")"
        + "layers against their medians; the bar is the median's 95 % interval. "
        + "Samples beyond the axis stand at its end.",
      height: 90 + layers.count * 24, label: "Samples of each layer around its median",
      chart: chart(), numbers: numbers())
  }

  /// Percent that the axis shows: twice what nine samples of ten need in the middle layer, so that
  /// a stray pass does not flatten all strips.
  private var reach: Double {
    let wide = layers.compactMap { $0.time }.map { time in
      Swift.max(time.p90 / time.median - 1, 1 - time.min / time.median) * 100
    }.sorted()
    return Swift.max(2 * wide[wide.count / 2], 2).rounded(.up)
  }

  private func numbers() -> Figure.Numbers {
    Figure.Numbers(
      heads: ["layer", "fastest", "median", "95 % interval", "p90", "p99", "samples"],
      rows: layers.compactMap { layer in
        guard let time = layer.time else { return nil }
        return [
          layer.name, TimeUnit.text(time.min), TimeUnit.precise(time.median),
          time.interval.map { TimeUnit.range($0.lowerBound, $0.upperBound) } ?? "–",
          time.carries(percentile: 0.9) ? TimeUnit.text(time.p90) : "–",
          time.carries(percentile: 0.99) ? TimeUnit.text(time.p99) : "–", String(time.count),
        ]
      })
  }

  private func chart() -> JSONValue {
    let reach = reach
    var samples: [JSONValue] = []
    var intervals: [JSONValue] = []
    for (row, layer) in layers.enumerated() {
      guard let time = layer.time else { continue }
      func percent(_ value: Double) -> Double {
        Swift.max(-reach, Swift.min((value / time.median - 1) * 100, reach))
      }
      let step = (time.samples.count + Self.limits.samples - 1) / Self.limits.samples
      for place in stride(from: 0, to: time.samples.count, by: step) {
        // Multiples of the golden ratio spread evenly: dots of equal samples lie side by side.
        let jitter = (Double(place) * 0.618).truncatingRemainder(dividingBy: 1) - 0.5
        let value = percent(time.samples[place])
        samples.append(
          ChartJSON.point(
            value, Double(row) + jitter * 0.55,
            tooltip: "\(layer.name): \(TimeUnit.precise(time.samples[place]))"))
      }
      guard let interval = time.interval else { continue }
      intervals += [
        ChartJSON.point(percent(interval.lowerBound), Double(row)),
        ChartJSON.point(percent(interval.upperBound), Double(row)),
        ChartJSON.object(["x": .null, "y": .null]),
      ]
    }
    let dots = ChartJSON.object([
      "label": "a sample".json, "backgroundColor": "--accent 70".json,
      "pointRadius": .number("2.5"), "clip": .bool(false), "data": .array(samples),
      "order": .number("2"),
    ])
    let bars = ChartJSON.object([
      "label": "95 % interval of the median".json, "pointStyle": "line".json,
      "showLine": .bool(true),
      "pointRadius": .number("0"), "pointHitRadius": .number("0"), "borderWidth": .number("4"),
      "borderColor": "--ink".json, "data": .array(intervals), "order": .number("1"),
    ])
    return ChartJSON.chart(
      "scatter", datasets: intervals.isEmpty ? [dots] : [bars, dots],
      scales: ChartJSON.object([
        "x": ChartJSON.axis(
          "linear", "% from the layer's median",
          [
            "zero": .bool(true), "min": ChartJSON.number(-reach), "max": ChartJSON.number(reach),
          ]),
        "y": ChartJSON.rows(layers.map(\.name)),
      ]), legend: true)
  }
}

extension ChartJSON {
  /// An axis with a name a whole number, from the top.
  static func rows(_ names: [String]) -> JSONValue {
    axis(
      "linear", "",
      [
        "reverse": .bool(true), "min": .double(-0.6), "max": .double(Double(names.count) - 0.4),
        "rows": .array(names.map { text(DisplayText.elide($0, to: 22)) }),
      ])
  }
}
