internal import Profiling

/// The layers of several networks beside one another, as the paper compares topologies (its Figure 8).
struct SidesFigure {
  /// A network: its letter and the time of each row.
  typealias Side = (name: String, times: [Double?])

  /// More groups of bars than that nobody reads.
  private static let limit = 16
  /// Colours of the sides; more of them repeat.
  static let colors = [
    "--memory", "--core", "--balanced", "--latency", "--frontend", "--bad-speculation", "--unknown",
  ]

  private let names: [String]
  private let sides: [Side]
  private let unit: TimeUnit
  private let isCut: Bool
  private let noun: String

  /// Nil when nothing was timed; `names` are those of the rows, `noun` what the sides are.
  init?(names: [String], sides: [Side], unit: TimeUnit, of noun: String = "networks") {
    func largest(_ row: Int) -> Double { sides.compactMap { $0.times[row] }.max() ?? 0 }
    let timed = names.indices.filter { largest($0) > 0 }
    guard !timed.isEmpty else { return nil }
    let kept = timed.sorted { (largest($0), $1) > (largest($1), $0) }.prefix(Self.limit).sorted()
    self.names = kept.map { names[$0] }
    self.sides = sides.map { side in (side.name, kept.map { side.times[$0] }) }
    self.unit = unit
    self.noun = noun
    isCut = timed.count > kept.count
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "sides", heading: "Layers side by side",
      note: (isCut ? "The \(names.count) longest of them. " : "") + "Median time of each layer.",
      height: 100 + names.count * (12 * sides.count + 14),
      label: "Median time of each layer in \(sides.count) \(noun)", chart: chart(),
      numbers: Figure.Numbers(
        heads: ["layer"] + sides.map { "\($0.name), \(unit.rawValue)" },
        rows: names.indices.map { row in
          [names[row]] + sides.map { $0.times[row].map(unit.number) ?? "–" }
        }))
  }

  private func chart() -> JSONValue {
    let sets = sides.enumerated().map { place, side in
      ChartJSON.object([
        "label": ChartJSON.text(side.name),
        "backgroundColor": Self.colors[place % Self.colors.count].json,
        "maxBarThickness": .number("14"),
        "data": ChartJSON.numbers(side.times.map { $0.map { $0 / unit.scale } }),
      ])
    }
    return ChartJSON.chart(
      "bar", datasets: sets, labels: names,
      scales: ChartJSON.object([
        "x": ChartJSON.axis("linear", unit.rawValue, ["beginAtZero": .bool(true)]),
        "y": ChartJSON.axis("category", ""),
      ]), legend: true, more: ["horizontal": .bool(true)])
  }
}
