internal import Profiling

/// The change of every layer with its interval: estimates left of zero are faster.
struct ChangeFigure {
  private static let limit = 30

  private let rows: [LayerDifference]
  private let isCut: Bool

  /// Nil when no layer was timed on both sides.
  init?(_ diff: Diff) {
    let known = diff.layers.filter { $0.difference.percent != nil }
    guard !known.isEmpty else { return nil }
    let shift: (LayerDifference) -> Double = {
      abs(($0.difference.candidateNs ?? 0) - ($0.difference.baselineNs ?? 0))
    }
    let heaviest = known.enumerated().sorted {
      (shift($0.element), $1.offset) > (shift($1.element), $0.offset)
    }.prefix(Self.limit).sorted { $0.offset < $1.offset }
    rows = heaviest.map(\.element)
    isCut = known.count > rows.count
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "change", heading: "Change of every layer",
      note: (isCut ? "The \(rows.count) layers that move the total most. " : "")
        + "Difference of the medians with its 95 % interval; left of zero is faster.",
      height: 100 + rows.count * 24, label: "Change of every layer in percent, with intervals",
      chart: chart(),
      numbers: Figure.Numbers(
        heads: ["layer", "change, %", "95 % interval", "verdict"],
        rows: rows.map { row in
          [
            DiffText.name(row), row.difference.percent.map(Figures.signed) ?? "–",
            row.difference.interval.map(DiffText.interval) ?? "–",
            DiffText.words(row.difference.verdict),
          ]
        }))
  }

  private func chart() -> JSONValue {
    let groups: [(name: String, color: String, shape: String, verdicts: Set<Verdict>)] = [
      ("faster", "--good", "rectRot", [.faster]), ("slower", "--bad", "triangle", [.slower]),
      ("equivalent or undecided", "--quiet", "circle", [.equivalent, .undecided]),
    ]
    var sets: [JSONValue] = []
    for group in groups {
      let members = rows.enumerated().filter { group.verdicts.contains($1.difference.verdict) }
      guard !members.isEmpty else { continue }
      let points = members.map { place, row in
        ChartJSON.point(
          row.difference.percent ?? 0, Double(place),
          tooltip: "\(DiffText.name(row))\n\(DiffText.headline(row.difference))")
      }
      let intervals = members.flatMap { place, row in
        row.difference.interval.map { interval in
          [
            ChartJSON.point(interval.lowerBound, Double(place)),
            ChartJSON.point(interval.upperBound, Double(place)),
            ChartJSON.object(["x": .null, "y": .null]),
          ]
        } ?? []
      }
      sets.append(
        ChartJSON.object([
          "label": group.name.json, "backgroundColor": group.color.json,
          "pointStyle": group.shape.json, "pointRadius": .number("5"), "data": .array(points),
        ]))
      sets.append(
        ChartJSON.object([
          "showLine": .bool(true), "pointRadius": .number("0"), "pointHitRadius": .number("0"),
          "borderWidth": .number("2.5"), "borderColor": "\(group.color) 90".json,
          "data": .array(intervals),
        ]))
    }
    return ChartJSON.chart(
      "scatter", datasets: sets,
      scales: ChartJSON.object([
        "x": ChartJSON.axis(
          "linear", "change, %",
          ["zero": .bool(true), "beginAtZero": .bool(true), "grace": "4%".json]),
        "y": ChartJSON.rows(rows.map(DiffText.name)),
      ]), legend: true)
  }
}
