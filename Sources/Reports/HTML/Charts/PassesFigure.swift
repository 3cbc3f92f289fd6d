internal import Profiling

/// Every measured pass in order, with the median and its interval: drift and outliers show here.
struct PassesFigure {
  /// The most samples that are drawn; of more, evenly spaced ones are.
  private static let limit = 1000

  private let time: TimeSummary
  private let processes: Int

  /// Nil with fewer than three samples.
  init?(_ record: RunRecord) {
    guard let time = record.endToEnd?.time, time.samples.count >= 3 else { return nil }
    self.time = time
    processes = record.options.processes ?? 1
  }

  /// The figure.
  func figure() -> Figure {
    Figure(
      id: "passes", heading: "Passes",
      note: processes > 1
        ? "The median of every process in order, the median of those and its 95 % interval."
        : "Every pass of the bare network in order, the median and its 95 % interval within this "
          + "process: the next process may lie elsewhere.",
      height: 460, label: "Time of every pass, in order", chart: chart(), numbers: numbers())
  }

  private func numbers() -> Figure.Numbers {
    var facts: [(String, Double)] = [
      ("fastest", time.min), ("median", time.median), ("mean", time.mean),
    ]
    if time.carries(percentile: 0.9) { facts.append(("p90", time.p90)) }
    if time.carries(percentile: 0.99) { facts.append(("p99", time.p99)) }
    facts.append(("standard deviation", time.stddev))
    let interval = time.interval.map {
      [["95 % interval of the median", TimeUnit.range($0.lowerBound, $0.upperBound)]]
    }
    return Figure.Numbers(
      heads: ["\(time.count) \(processes > 1 ? "processes" : "passes")", "time"],
      rows: facts.map { [$0.0, TimeUnit.precise($0.1)] } + (interval ?? []))
  }

  private func chart() -> JSONValue {
    let samples = time.samples
    let step = (samples.count + Self.limit - 1) / Self.limit
    let unit = TimeUnit(largest: samples.max() ?? 0)
    let scale = unit.scale
    let points = stride(from: 0, to: samples.count, by: step).map { pass in
      ChartJSON.point(
        Double(pass + 1), samples[pass] / scale,
        tooltip: "pass \(pass + 1): \(TimeUnit.precise(samples[pass]))")
    }
    let ends = (1.0, Double(samples.count))
    func level(_ value: Double, _ more: KeyValuePairs<String, JSONValue>) -> JSONValue {
      let common: KeyValuePairs<String, JSONValue> = [
        "showLine": .bool(true), "pointRadius": .number("0"),
        "pointHitRadius": .number("0"),
        "data": .array([
          ChartJSON.point(ends.0, value / scale), ChartJSON.point(ends.1, value / scale),
        ]),
      ]
      return .object(
        (Array(common) + Array(more)).map { JSONValue.Member(key: $0.key, value: $0.value) })
    }
    var sets = [
      ChartJSON.object([
        "label": "a pass".json, "backgroundColor": "--accent c8".json,
        "pointRadius": .number(samples.count > 200 ? "2" : "3.5"), "clip": .bool(false),
        "data": .array(points),
      ]),
      level(
        time.median,
        [
          "label": "median".json, "pointStyle": "line".json, "borderColor": "--ink".json,
          "borderWidth": .number("1.5"),
        ]),
    ]
    if let interval = time.interval {
      sets.append(
        level(
          interval.upperBound,
          [
            "label": "95 % interval".json, "pointStyle": "rect".json,
            "borderColor": "--accent 40".json,
            "backgroundColor": "--accent 30".json, "borderWidth": .number("1"),
            "fill": "+1".json,
          ]))
      sets.append(
        level(
          interval.lowerBound, ["borderColor": "--accent 40".json, "borderWidth": .number("1")]))
    }
    return ChartJSON.chart(
      "scatter", datasets: sets,
      scales: ChartJSON.object([
        "x": ChartJSON.axis(
          "linear", "pass", ["min": .number("1"), "max": ChartJSON.number(ends.1)]),
        "y": ChartJSON.axis("linear", unit.rawValue, ["grace": "8%".json]),
      ]), legend: true)
  }
}
