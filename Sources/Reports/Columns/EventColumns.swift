internal import Profiling

extension LayerColumns {
  /// An event with a column of its own.
  private struct Known {
    var event: String
    var title: String
    /// The metric that relates it to the instructions.
    var metric: String?
  }

  /// Events in the order they are shown; others follow by name.
  private static let known = [
    Known(event: "cycles", title: "cycles"), Known(event: "instructions", title: "instructions"),
    Known(event: "l1d_misses", title: "L1D misses", metric: "l1_mpki"),
    Known(event: "l2_misses", title: "L2 misses", metric: "l2_mpki"),
    Known(event: "llc_misses", title: "LLC misses", metric: "llc_mpki"),
  ]

  /// Names of the events that some layer has.
  private var present: Set<String> {
    Set(record.layers.flatMap { $0.counters?.events.keys.map { $0 } ?? [] })
  }

  /// Whether there is more to show than cycles, which then get a table of their own.
  var hasCounterTable: Bool { isMeasured && !present.subtracting(["cycles"]).isEmpty }

  /// Columns of the table of events: what the layers have, with index and name before it.
  func counterTable() -> [LayerColumn] {
    let identity = table().filter { ["index", "name"].contains($0.key) }
    let columns = events().filter { column in
      record.layers.contains { column.cell($0) != nil }
    }
    return identity + columns
  }

  /// The event columns, `ipc` and misses per thousand instructions among them.
  func events() -> [LayerColumn] {
    let others = present.subtracting(Self.known.map(\.event)).sorted()
    var columns: [LayerColumn] = []
    for known in Self.known + others.map({ Known(event: $0, title: $0) }) {
      columns.append(event(known))
      if let metric = known.metric { columns.append(perKiloInstruction(metric)) }
      if known.event == "instructions" { columns.append(ipc()) }
    }
    columns += [imbalance(), countedInflation()]
    if record.simulation != nil { columns.append(simulatedCode()) }
    return columns
  }

  private func imbalance() -> LayerColumn {
    LayerColumn(
      key: "thread_imbalance", title: "imbalance", unit: "%",
      help: "share of the threads' capacity that uneven work leaves unused; waiting threads spin",
      places: .data, expendable: 5
    ) { .number($0.metrics[.threadImbalance], Figures.percent) }
  }

  private func countedInflation() -> LayerColumn {
    LayerColumn(
      key: "counted_inflation", title: "inflation", unit: "%",
      help: "how much longer the layer took while it was counted, the reads left out",
      places: .data, expendable: 10
    ) { .number($0.metrics[.countedInflation], Figures.percent) }
  }

  /// The kernel's clocks are events in nanoseconds.
  private static func text(_ event: String) -> (Double) -> String {
    ["task-clock", "cpu-clock"].contains(event)
      ? { TimeUnit.text($0) } : { Figures.prefixed($0) }
  }

  private func event(_ known: Known) -> LayerColumn {
    let alone = known.event == "cycles" && !hasCounterTable
    return LayerColumn(
      key: known.event, title: known.title, unit: sources(of: known.event),
      help: "\(known.event) of one pass, all threads together",
      places: alone ? [.measured, .data] : .data,
      expendable: expendability(of: known.event), total: sum(of: known.event)
    ) { .number($0.counters?.events[known.event]?.value, Self.text(known.event)) }
  }

  /// Counts of the other state of the caches and writes go first when the table is too wide, asked-for events before the
  /// standard ones.
  private func expendability(of event: String) -> Int {
    if event.hasSuffix("_cold") || event.hasSuffix("_warm") { return 12 }
    if event.hasSuffix("_write_misses") { return 11 }
    return Self.known.contains { $0.event == event } ? 3 : 4
  }

  private func perKiloInstruction(_ metric: String) -> LayerColumn {
    LayerColumn(
      key: metric, title: "MPKI", help: "misses per thousand instructions", places: .data,
      expendable: 8
    ) { .number($0.metrics[MetricName(metric)], Figures.short) }
  }

  private func ipc() -> LayerColumn {
    LayerColumn(key: "ipc", title: "IPC", help: "instructions over cycles", places: .data) {
      .number($0.metrics[.ipc], Figures.short)
    }
  }

  /// What the simulation ran for a layer, marked where that is not what was timed.
  private func simulatedCode() -> LayerColumn {
    LayerColumn(
      key: "simulated_implementation", title: "simulated code",
      help: "the oneDNN implementations that were simulated; ≠: others than those that were timed",
      alignment: .left, places: .data, narrowest: 16, expendable: 2
    ) { layer in
      guard let counters = layer.counters, let names = counters.simulatedImplementations else {
        return nil
      }
      let text = names.joined(separator: " + ")
      return LayerColumn.Cell(
        raw: text, text: counters.implementationMatches == false ? "≠ \(text)" : text)
    }
  }

  /// Where an event's values come from: `est.`, `papi`, or both.
  private func sources(of name: String) -> String {
    let sources = record.layers.compactMap { layer -> String? in
      layer.counters?.events[name] == nil ? nil : layer.counters?.source.rawValue
    }
    let short = Set(sources).sorted().map { Self.abbreviations[$0] ?? $0 }
    return short.joined(separator: "/")
  }

  private static let abbreviations = ["estimated": "est.", "simulated": "sim."]

  /// The sum over the layers, where every timed layer has the event.
  private func sum(of name: String) -> String? {
    let values = record.layers.filter { $0.time != nil }.map { $0.counters?.events[name]?.value }
    let known = values.compactMap { $0 }
    guard !known.isEmpty, known.count == values.count else { return nil }
    return Self.text(name)(known.reduce(0, +))
  }
}
