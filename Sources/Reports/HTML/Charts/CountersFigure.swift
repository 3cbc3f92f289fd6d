internal import Profiling

/// A layer's time beside what it did to memory: the paper's CPU time against DRAM traffic.
///
/// What the time is set against can be chosen among the events and metrics that the layers have.
struct CountersFigure {
  /// A quantity that layers have.
  private struct Choice {
    var title: String
    var values: [Double?]
  }

  private let layers: [LayerRecord]
  private let choices: [Choice]

  /// Nil when nothing was timed.
  init?(_ record: RunRecord) {
    let layers = record.layers.filter { $0.time != nil }
    guard !layers.isEmpty else { return nil }
    var choices: [Choice] = []
    func add(_ title: String, _ value: (LayerRecord) -> Double?) {
      let values = layers.map(value)
      if values.contains(where: { $0 != nil }) {
        choices.append(Choice(title: title, values: values))
      }
    }
    add("DRAM traffic, MB") { $0.metrics[.dramBytes].map { $0 / 1e6 } }
    add("traffic of the implementation (model), MB") {
      $0.metrics[.trafficBytes].map { $0 / 1e6 }
    }
    add("weights, inputs and outputs once, MB") { layer in
      layer.$bytes.map { Double($0.total) / 1e6 }
    }
    let events = Set(layers.flatMap { $0.counters?.events.keys.map { $0 } ?? [] })
    for name in events.sorted() {
      let sources = Set(
        layers.compactMap { $0.counters?.events[name] == nil ? nil : $0.counters?.source.rawValue })
      add("\(name) (\(sources.sorted().joined(separator: ", "))), millions") {
        $0.counters?.events[name].map { $0.value / 1e6 }
      }
    }
    add("GFLOP/s") { $0.metrics[.gflopsPerSecond] }
    self.layers = layers
    // What is 0 everywhere is not what a reader wants to see first.
    let isFlat = { (choice: Choice) in choice.values.allSatisfy { ($0 ?? 0) == 0 } }
    self.choices = choices.filter { !isFlat($0) } + choices.filter(isFlat)
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "counters", heading: "Time against traffic",
      note:
        "Bars: mean time of a layer, in its bound's colour. Line: what you choose, on the right "
        + "axis.",
      label: "Time of every layer as bars, and traffic or an event as a line", chart: chart(),
      numbers: numbers())
  }

  private func numbers() -> Figure.Numbers {
    Figure.Numbers(
      heads: ["layer", "time"] + choices.map(\.title),
      rows: layers.enumerated().map { place, layer in
        [layer.name, TimeUnit.text(layer.time?.median ?? 0)]
          + choices.map { $0.values[place].map(Figures.short) ?? "–" }
      })
  }

  private func chart() -> JSONValue {
    let unit = TimeUnit(largest: layers.compactMap { $0.time?.median }.max() ?? 0)
    let times = ChartJSON.object([
      "type": "bar".json, "label": ChartJSON.text("time, \(unit.rawValue)"), "order": .number("2"),
      "backgroundColor": .array(
        layers.map { "\(Markup.color($0.bound?.class ?? .unknown)) c8".json }),
      "data": ChartJSON.numbers(layers.map { ($0.time?.median ?? 0) / unit.scale }),
    ])
    let line = ChartJSON.object([
      "type": "line".json, "label": ChartJSON.text(choices.first?.title ?? ""),
      "yAxisID": "y1".json, "order": .number("1"), "borderColor": "--ink".json,
      "backgroundColor": "--ink".json, "borderWidth": .number("1.5"), "pointStyle": "circle".json,
      "pointRadius": .number(layers.count > 60 ? "1.5" : "3.5"),
      "data": ChartJSON.numbers(choices.first?.values ?? []),
    ])
    let offered = choices.map { choice in
      ChartJSON.object([
        "title": ChartJSON.text(choice.title), "values": ChartJSON.numbers(choice.values),
      ])
    }
    return ChartJSON.chart(
      "bar", datasets: [line, times],
      labels: layers.map { DisplayText.elide($0.name, to: 24) },
      scales: ChartJSON.object([
        "x": ChartJSON.axis("category", ""),
        "y": ChartJSON.axis("linear", "time, \(unit.rawValue)", ["beginAtZero": .bool(true)]),
        "y1": ChartJSON.axis(
          "linear", choices.first?.title ?? "",
          [
            "position": "right".json, "beginAtZero": .bool(true),
            "grid": ChartJSON.object(["drawOnChartArea": .bool(false)]),
          ]),
      ]), more: ["choices": .array(offered)])
  }
}
