internal import Profiling

/// What the layers of a candidate take against the first machine, beside what the roofs explain.
struct RatiosFigure {
  /// More groups of bars than that nobody reads.
  private static let limit = 16

  private let letter: String
  private let id: String
  private let rows: [(name: String, ratio: RoofRatio)]
  private let isCut: Bool

  /// Nil when no layer has roofs on both sides.
  init?(_ hardware: HardwareComparison, candidate: Int) {
    letter = Comparison.letter(candidate + 1)
    id = "ratios-\(letter.lowercased())"
    let known = hardware.layers.enumerated().compactMap { place, layer in
      layer.candidates[candidate].times.flatMap { ratio in
        ratio.explained == nil
          ? nil : (place, layer.name, ratio, layer.machines[candidate + 1].timeNs ?? 0)
      }
    }
    guard !known.isEmpty else { return nil }
    let kept = known.sorted { ($0.3, $1.0) > ($1.3, $0.0) }.prefix(Self.limit)
      .sorted { $0.0 < $1.0 }
    rows = kept.map { ($0.1, $0.2) }
    isCut = known.count > kept.count
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: id, heading: "\(letter) against A: measured, and what the roofs explain",
      note: (isCut ? "The \(rows.count) layers that take longest. " : "")
        + "Time on \(letter) over time on A, and the same of the times that the roofs allow.",
      height: 100 + rows.count * 38,
      label: "Ratios of the layers' times on \(letter) and A, measured and by the roofs",
      chart: chart(),
      numbers: Figure.Numbers(
        heads: ["layer", "measured, ×", "roofs, ×", "left, ×"],
        rows: rows.map { name, ratio in
          [name]
            + [ratio.ratio, ratio.explained, ratio.left].map { $0.map(Figures.short) ?? "–" }
        }))
  }

  private func chart() -> JSONValue {
    let sets: [(String, String, (RoofRatio) -> Double?)] = [
      ("measured", "--core", { $0.ratio }), ("roofs", "--balanced", { $0.explained }),
    ]
    return ChartJSON.chart(
      "bar",
      datasets: sets.map { label, color, value in
        ChartJSON.object([
          "label": ChartJSON.text(label), "backgroundColor": color.json,
          "maxBarThickness": .number("14"), "data": ChartJSON.numbers(rows.map { value($0.ratio) }),
        ])
      }, labels: rows.map(\.name),
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", "× A", ["beginAtZero": .bool(true)]),
        "y": ChartJSON.axis("category", ""),
      ]), legend: true, more: ["horizontal": .bool(true)])
  }
}
