internal import Profiling

/// The table of a record: headline, layers, segments, overhead, warnings, what to look at first.
struct RecordTable {
  let record: RunRecord
  let options: ReportOptions
  private let style: Style
  private let columns: LayerColumns
  private let headline: Headline

  init(_ record: RunRecord, options: ReportOptions) {
    self.record = record
    self.options = options
    style = Style(color: options.color)
    columns = LayerColumns(record)
    headline = Headline(record)
  }

  /// All parts, an empty line between them.
  func text() -> String {
    let parts = [
      title(), latency(), layers(), counters(), segments(), primitives(), notes(), hindrances(),
      findings(),
      headline.aside.map { fit($0) } ?? "",
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func title() -> String {
    let name = record.topology.name
    let parameters = headline.parameters.map { " · \($0)" } ?? ""
    var text = fit("\(name)\(parameters) · \(headline.options)", painting: name, .title)
    text += fit(headline.machine)
    if record.interrupted {
      text += style.paint("interrupted: what was measured until then stands", .warning) + "\n"
    }
    return text
  }

  private func latency() -> String {
    guard let whole = record.endToEnd else { return "" }
    let median = "\(TimeUnit.precise(whole.time.median)) median"
    var second = "throughput  \(headline.throughput ?? "")"
    if let first = whole.firstInferenceNs { second += "; the first took \(TimeUnit.text(first))" }
    if let memory = record.peakMemoryBytes {
      second += "; peak memory \(Figures.bytes(Double(memory)))"
    }
    let spread = headline.spread ?? ""
    let scenario = ScenarioText(record).map { fit("scenario    \($0.line)") } ?? ""
    return fit("latency     \(median)  (\(spread))", painting: median, .title) + fit(second)
      + scenario
  }

  private func layers() -> String {
    let shown = columns.table()
    var table = rows(shown)
    if record.unattributed != nil {
      table.rows.append(.cells(footer(shown, name: columns.restName, value: \.unattributed)))
    }
    table.rows.append(.cells(footer(shown, name: "total", value: \.total)))
    insertBars(into: &table, shown: shown)
    return table.render(width: options.width, style: style)
  }

  /// Events beyond cycles, which do not fit beside the times.
  private func counters() -> String {
    guard columns.hasCounterTable else { return "" }
    let shown = columns.counterTable()
    var table = rows(shown)
    table.rows.append(.cells(footer(shown, name: "total", value: \.total)))
    return table.render(width: options.width, style: style)
  }

  private func rows(_ shown: [LayerColumn]) -> TextTable {
    let rows = record.layers.map { layer in
      TextTable.Row.cells(shown.map { cell($0, of: layer) })
    }
    return TextTable(columns: shown.map(\.textColumn), rows: rows + [.rule])
  }

  private func cell(_ column: LayerColumn, of layer: LayerRecord) -> TextTable.Cell {
    guard let cell = column.cell(layer) else { return TextTable.Cell("–", .secondary) }
    let role: Style.Role? =
      layer.time == nil && ["bound", "time_median_ns"].contains(column.key)
      ? .secondary : column.key == "bound" ? layer.bound.map { .bound($0.class) } : nil
    return TextTable.Cell(cell.text, role)
  }

  private func footer(
    _ shown: [LayerColumn], name: String, value: KeyPath<LayerColumn, String?>
  ) -> [TextTable.Cell] {
    shown.map { column in
      column.key == "name"
        ? TextTable.Cell(name) : TextTable.Cell(column[keyPath: value] ?? "")
    }
  }

  /// A bar beside the share, which the numbers alone do not show at a glance.
  private func insertBars(into table: inout TextTable, shown: [LayerColumn]) {
    guard let place = shown.firstIndex(where: { $0.key == "share" }) else { return }
    let largest = record.layers.compactMap(\.share).max() ?? 0
    table.columns.insert(
      TextTable.Column(title: "", alignment: .left, gap: 1, expendable: 9), at: place + 1)
    var layer = 0
    for row in table.rows.indices {
      guard case .cells(var cells) = table.rows[row] else { continue }
      let share = layer < record.layers.count ? record.layers[layer].share ?? 0 : 0
      layer += 1
      let role = layer <= record.layers.count ? record.layers[layer - 1].bound?.class : nil
      cells.insert(
        TextTable.Cell(Bar.text(share, of: largest, columns: 5), role.map { .bound($0) }),
        at: place + 1)
      table.rows[row] = .cells(cells)
    }
  }

  private func segments() -> String {
    let timed = record.segments.filter { $0.time != nil }
    guard !timed.isEmpty else { return "" }
    let unit = TimeUnit(largest: timed.compactMap { $0.time?.median }.max() ?? 0)
    var table = TextTable(
      columns: [
        .init(title: "segment", alignment: .left, narrowest: 12),
        .init(title: "layers", alignment: .left, narrowest: 10),
        .init(title: "median", unit: unit.rawValue), .init(title: "share", unit: "%"),
        .init(title: "GFLOP/s", expendable: 2), .init(title: "GB/s", expendable: 3),
        .init(title: "bound", unit: "% of roof", alignment: .left),
      ], rows: [])
    for segment in timed {
      let metrics: [MetricName] = [.gflopsPerSecond, .gigabytesPerSecond]
      let rates = metrics.map {
        TextTable.Cell(segment.metrics[$0].map(Figures.short) ?? "–")
      }
      let bound = segment.bound.map { TextTable.Cell(BoundText.cell($0), .bound($0.class)) }
      let head = [
        TextTable.Cell(segment.name), TextTable.Cell(SegmentText.layers(segment)),
        TextTable.Cell(segment.time.map { unit.number($0.median) } ?? "–"),
        TextTable.Cell(segment.share.map(Figures.percent) ?? "–"),
      ]
      table.rows.append(.cells(head + rates + [bound ?? TextTable.Cell("–", .secondary)]))
    }
    return table.render(width: options.width, style: style)
  }

  /// What kinds of primitives ran how often and how long, of imported records and when asked.
  private func primitives() -> String {
    guard record.origin != nil || options.verbose else { return "" }
    let rows = PrimitiveDistribution(record).rows
    guard !rows.isEmpty else { return "" }
    let unit = TimeUnit(largest: rows.map(\.medianNs).max() ?? 0)
    let table = TextTable(
      columns: [
        .init(title: "primitive", alignment: .left, narrowest: 12), .init(title: "count"),
        .init(title: "of all", unit: "%"), .init(title: "median", unit: unit.rawValue),
        .init(title: "of time", unit: "%"),
      ],
      rows: rows.map { row in
        .cells(
          [
            row.kind, "\(row.count)", Figures.percent(row.countShare), unit.number(row.medianNs),
            Figures.percent(row.timeShare),
          ].map { TextTable.Cell($0) })
      })
    return table.render(width: options.width, style: style)
  }

  private func notes() -> String {
    var lines: [String] = []
    if let error = record.endToEnd?.outputError {
      lines.append(fit("outputs \(EngineText.outputs(error))"))
    }
    if let tuning = headline.tuning { lines.append(fit(tuning)) }
    if let rounding = headline.rounding { lines.append(fit(rounding)) }
    if let known = headline.known { lines.append(fit(known)) }
    if let overhead = headline.overhead { lines.append(fit("overhead: \(overhead)")) }
    if let nodes = headline.nodes { lines.append(fit(nodes)) }
    for warning in headline.warnings {
      let remedy = warning.remedy.isEmpty ? "" : " → \(warning.remedy)"
      lines.append(fit("! \(warning.message)\(remedy)", painting: "!", .warning))
    }
    return lines.joined()
  }

  /// What holds the slow layers back, when asked.
  private func hindrances() -> String {
    guard options.verbose else { return "" }
    let text = HindranceText(record)
    guard !text.rows.isEmpty else { return "" }
    let blocks = text.rows.map { row in
      let share = row.layer.share.map { ", \(Figures.percent($0)) % of the time" } ?? ""
      let head = fit(
        "\(row.layer.name): \(HindranceText.state(row.layer))\(share)", painting: row.layer.name,
        .title)
      return head + row.reasons.map { fit("  • \($0)") }.joined()
    }
    return style.paint(HindranceText.heading, .title) + "\n" + blocks.joined()
      + (text.next.map { fit($0) } ?? "")
  }

  private func findings() -> String {
    let findings = Findings(record).all()
    guard !findings.isEmpty else { return "" }
    let lines = findings.map { fit("• \($0.sentence)") }
    return style.paint("Look first at", .title) + "\n" + lines.joined()
  }

  /// Wraps a text into the width and ends the line; a part of it may be painted.
  private func fit(
    _ text: String, painting part: String = "", _ role: Style.Role? = nil
  ) -> String {
    let columns = Swift.max(options.width, 40)
    var wrapped = DisplayText.wrap(DisplayText.clean(text), columns: columns, indentation: 2)
    let part = DisplayText.clean(part)
    if !part.isEmpty, let place = wrapped.firstRange(of: part) {
      wrapped.replaceSubrange(place, with: style.paint(part, role))
    }
    return wrapped + "\n"
  }
}
