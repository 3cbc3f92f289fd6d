internal import Profiling

/// The share of the time that each kind of layer takes.
struct KindsFigure {
  /// A kind with all its layers.
  private struct Row {
    var kind: String
    var count: Int
    var share: Double
    /// Absent where the costs of some layer are not known.
    var flops: Double?
  }

  private let rows: [Row]

  /// Nil when nothing was timed.
  init?(_ record: RunRecord) {
    let timed = record.layers.filter { $0.share != nil }
    guard !timed.isEmpty else { return nil }
    let total = record.totals.$flops.map { Swift.max(Double($0), 1) }
    rows = Dictionary(grouping: timed, by: \.kind).map { kind, layers in
      Row(
        kind: kind, count: layers.count, share: layers.compactMap(\.share).reduce(0, +),
        flops: total.flatMap { total in
          layers.contains { $0.costsUnknown == true }
            ? nil : layers.reduce(0) { $0 + Double($1.flops) } / total
        })
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
        [
          $0.kind, String($0.count), Figures.percent($0.share),
          $0.flops.map(Figures.percent) ?? "–",
        ]
      })
  }

  private func chart() -> JSONValue {
    func bars(_ name: String, _ color: String, _ value: (Row) -> Double?) -> JSONValue {
      ChartJSON.object([
        "label": name.json, "backgroundColor": color.json, "maxBarThickness": .number("16"),
        "data": ChartJSON.numbers(rows.map { row in value(row).map { $0 * 100 } }),
      ])
    }
    return ChartJSON.chart(
      "bar",
      datasets: [
        bars("time", "--accent") { $0.share }, bars("FLOP", "--unknown 80") { $0.flops },
      ],
      labels: rows.map { "\($0.kind) ×\($0.count)" },
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", "%", ["beginAtZero": .bool(true)]),
        "y": ChartJSON.axis("category", ""),
      ]), legend: true, more: ["horizontal": .bool(true)])
  }
}
