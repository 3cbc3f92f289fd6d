internal import Profiling

/// The share of the time that each kind of layer takes.
struct KindsFigure {
  /// A kind with all its layers.
  private struct Row {
    var kind: String
    var count: Int
    var share: Double
    var flops: Double
  }

  private let rows: [Row]

  /// Nil when nothing was timed.
  init?(_ record: RunRecord) {
    let timed = record.layers.filter { $0.share != nil }
    guard !timed.isEmpty else { return nil }
    let total = Swift.max(Double(record.totals.flops), 1)
    rows = Dictionary(grouping: timed, by: \.kind).map { kind, layers in
      Row(
        kind: kind, count: layers.count, share: layers.compactMap(\.share).reduce(0, +),
        flops: layers.reduce(0) { $0 + Double($1.flops) } / total)
    }.sorted { ($0.share, $1.kind) > ($1.share, $0.kind) }
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "kinds", heading: "Share by kind",
      note: "Of the timed pass, and of the FLOP: a kind whose time outweighs its FLOP uses the "
        + "machine badly.",
      height: 90 + rows.count * 38, label: "Share of the time and of the FLOP by kind of layer",
      chart: chart(), numbers: numbers())
  }

  private func numbers() -> Figure.Numbers {
    Figure.Numbers(
      heads: ["kind", "layers", "time, %", "FLOP, %"],
      rows: rows.map {
        [$0.kind, String($0.count), Figures.percent($0.share), Figures.percent($0.flops)]
      })
  }

  private func chart() -> JSONValue {
    func bars(_ name: String, _ color: String, _ value: (Row) -> Double) -> JSONValue {
      ChartJSON.object([
        "label": name.json, "backgroundColor": color.json, "maxBarThickness": .number("16"),
        "data": ChartJSON.numbers(rows.map { value($0) * 100 }),
      ])
    }
    return ChartJSON.chart(
      "bar",
      datasets: [
        bars("time", "--accent", \.share), bars("FLOP", "--unknown 80", \.flops),
      ],
      labels: rows.map { "\($0.kind) ×\($0.count)" },
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", "%", ["beginAtZero": .bool(true)]),
        "y": ChartJSON.axis("category", ""),
      ]), legend: true, more: ["horizontal": .bool(true)])
  }
}
