internal import Profiling

/// Latency against parameters: which points of a sweep buy size with the least time.
struct FrontFigure {
  /// A point: what it is called, its parameters and median latency, and whether it is on the front.
  typealias Point = (name: String, parameters: Double, latencyNs: Double, isFront: Bool)

  private let points: [Point]
  private let unit: TimeUnit

  /// Nil unless several sizes were measured.
  init?(_ points: [Point], unit: TimeUnit) {
    guard Set(points.map(\.parameters)).count > 1 else { return nil }
    self.points = points
    self.unit = unit
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "front", heading: "Latency against parameters",
      note: "On the line no other point has as many parameters and is faster.",
      label: "Median latency of each point by its number of parameters", chart: chart(),
      numbers: Figure.Numbers(
        heads: ["point", "parameters", "latency, \(unit.rawValue)", "front"],
        rows: points.map {
          [
            $0.name, Figures.prefixed($0.parameters), unit.number($0.latencyNs),
            $0.isFront ? "yes" : "",
          ]
        }))
  }

  private func chart() -> JSONValue {
    func set(_ label: String, _ color: String, _ members: [Point], isFront: Bool) -> JSONValue {
      ChartJSON.object([
        "label": label.json, "backgroundColor": color.json, "borderColor": color.json,
        "pointStyle": (isFront ? "rectRot" : "circle").json, "borderWidth": .number("1.5"),
        "pointRadius": .array(members.map { _ in .number(isFront ? "6" : "4") }),
        "showLine": .bool(isFront),
        "data": .array(
          members.map {
            ChartJSON.point(
              $0.parameters, $0.latencyNs / unit.scale,
              tooltip: "\($0.name)\n\(Figures.prefixed($0.parameters)) parameters\n"
                + TimeUnit.precise($0.latencyNs),
              name: isFront ? $0.name : "")
          }),
      ])
    }
    let front = points.filter(\.isFront).sorted { $0.parameters < $1.parameters }
    let others = points.filter { !$0.isFront }
    return ChartJSON.chart(
      "scatter",
      datasets: [set("front", "--accent", front, isFront: true)]
        + (others.isEmpty ? [] : [set("other points", "--unknown", others, isFront: false)]),
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", "parameters", ["grace": "6%".json]),
        "y": ChartJSON.axis(
          "linear", "latency, \(unit.rawValue)", ["beginAtZero": .bool(true), "grace": "6%".json]),
      ]), legend: true, more: ["names": .bool(true)])
  }
}
