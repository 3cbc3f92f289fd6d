internal import Profiling

/// How evenly the threads share a layer's work, where the counters tell threads apart.
struct ThreadsFigure {
  private static let limit = 20

  /// A layer with one value a thread.
  private struct Row {
    var layer: LayerRecord
    var values: [Double]

    var mean: Double { values.reduce(0, +) / Double(values.count) }
    /// The busiest thread over the mean: 1 is even.
    var imbalance: Double { (values.max() ?? 0) / mean }
  }

  private let event: String
  private let rows: [Row]

  /// Nil when no layer has counts of at least two threads.
  init?(_ record: RunRecord) {
    let known = record.layers.flatMap { $0.counters?.threads ?? [] }.flatMap { $0.keys.map { $0 } }
    guard let event = Self.best(Set(known)) else { return nil }
    let rows = record.layers.compactMap { layer -> Row? in
      let values = layer.counters?.threads?.compactMap { $0[event] } ?? []
      let isUsable = values.count >= 2 && values.reduce(0, +) > 0 && values.allSatisfy { $0 >= 0 }
      return isUsable ? Row(layer: layer, values: values) : nil
    }
    guard !rows.isEmpty else { return nil }
    self.event = event
    self.rows = rows.sorted {
      ($0.layer.share ?? 0, $1.layer.index) > ($1.layer.share ?? 0, $0.layer.index)
    }.prefix(Self.limit).sorted { $0.layer.index < $1.layer.index }
  }

  private static func best(_ events: Set<String>) -> String? {
    ["cycles", "busy_ns", "time_ns", "instructions"].first(where: events.contains)
      ?? events.sorted().first
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "threads", heading: "Balance of the threads",
      note:
        "\(event) of every thread against the mean of the layer's threads: on the line the work "
        + "is even.",
      height: 90 + rows.count * 24, label: "\(event) of every thread against the layer's mean",
      chart: chart(), numbers: numbers())
  }

  private func numbers() -> Figure.Numbers {
    Figure.Numbers(
      heads: ["layer", "threads", "least", "mean", "most", "most / mean"],
      rows: rows.map { row in
        [
          row.layer.name, String(row.values.count), Figures.prefixed(row.values.min() ?? 0),
          Figures.prefixed(row.mean), Figures.prefixed(row.values.max() ?? 0),
          Figures.fixed(row.imbalance, 2),
        ]
      })
  }

  private func chart() -> JSONValue {
    let points = rows.enumerated().flatMap { place, row in
      row.values.enumerated().map { thread, value in
        ChartJSON.point(
          (value / row.mean - 1) * 100, Double(place),
          tooltip: "\(row.layer.name), thread \(thread): \(Figures.prefixed(value)) \(event)",
          layer: row.layer.index)
      }
    }
    let dots = ChartJSON.object([
      "label": "a thread".json, "backgroundColor": "--accent a0".json,
      "pointRadius": .number("4.5"), "data": .array(points),
    ])
    return ChartJSON.chart(
      "scatter", datasets: [dots],
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", "% from the mean of the threads", ["zero": .bool(true)]),
        "y": ChartJSON.rows(rows.map(\.layer.name)),
      ]))
  }
}
