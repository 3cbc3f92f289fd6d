import Profiling

/// The table for an issue, a pull request or a wiki page.
public struct MarkdownFormat: ReportFormat {
  /// `markdown`.
  public let name = "markdown"
  /// Text.
  public let isText = true
  /// `md`.
  public let fileExtension = "md"

  /// Makes the format.
  public init() {}

  /// Headline, layers and findings; who is compared, the whole, and the layers; of many runs facts,
  /// sentences and tables.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): run(record)
    case .diff(let diff): sides(diff)
    case .overview(let shown): Array(shown.overview.markdown().utf8)
    }
  }

  private func run(_ record: RunRecord) -> [UInt8] {
    let headline = Headline(record)
    var text = "## \(Self.escape(record.topology.name))\n\n"
    text += "\(Self.escape(headline.options)) · \(Self.escape(headline.machine))\n\n"
    if let whole = record.endToEnd {
      text += "**\(TimeUnit.precise(whole.time.median))** median (\(headline.spread ?? "")), "
      text += "\(headline.throughput ?? "")\n\n"
      if let scenario = ScenarioText(record) { text += "\(Self.escape(scenario.line))\n\n" }
    }
    let layerColumns = LayerColumns(record)
    let columns = layerColumns.table()
    let heads = columns.map { Self.head($0.textColumn) }
    var rows = record.layers.map { layer in columns.map { $0.cell(layer)?.text ?? "–" } }
    if record.unattributed != nil {
      rows.append(columns.map { $0.key == "name" ? layerColumns.restName : $0.unattributed ?? "" })
    }
    rows.append(columns.map { $0.key == "name" ? "total" : $0.total ?? "" })
    text += Self.table(heads, columns.map(\.alignment), rows)
    let notes =
      Findings(record).all().map(\.sentence)
      + [headline.tuning, headline.rounding, headline.nodes].compactMap(\.self)
      + headline.warnings.map { "\($0.message) → \($0.remedy)" }
      + [headline.aside].compactMap(\.self)
    if !notes.isEmpty { text += "\n" + notes.map { "- \(Self.escape($0))\n" }.joined() }
    let hindrances = HindranceText(record)
    let slow = hindrances.rows.map { row in
      "- **\(Self.escape(row.layer.name))** (\(Self.escape(HindranceText.state(row.layer)))): "
        + Self.escape(row.reasons.joined(separator: "; ")) + "\n"
    }
    if !slow.isEmpty { text += "\n**\(HindranceText.heading)**\n\n" + slow.joined() }
    if let next = hindrances.next { text += "\n\(Self.escape(next))\n" }
    return Array(text.utf8)
  }

  private func sides(_ diff: Diff) -> [UInt8] {
    let names = [diff.baseline, diff.candidate].map { Self.escape($0.topology.name) }
    var text = "## \(names[0]) → \(names[1])\n\n"
    if diff.comparable.verdict != .comparable {
      let reasons = diff.comparable.reasons.map(Self.escape).joined(separator: "; ")
      text += "_\(DiffText.comparability(diff.comparable.verdict)): \(reasons)_\n\n"
    }
    if let whole = diff.endToEnd {
      text += "**\(DiffText.headline(whole))** end to end\n\n"
      if let method = DiffText.method(diff) { text += "\(Self.escape(method))\n\n" }
    }
    if let gate = diff.gate { text += "**\(Self.escape(DiffText.gate(gate)))**\n\n" }
    let columns = DiffColumns(diff).all()
    text += Self.table(
      columns.map { Self.head($0.column) },
      columns.map(\.column.alignment),
      diff.layers.map { row in columns.map { Self.cell($0, of: row) } })
    let notes = DiffText.explanations(diff).map { "- \(Self.escape($0))\n" }
    if !notes.isEmpty { text += "\n" + notes.joined() }
    return Array(text.utf8)
  }

  /// A cell; a change that counts carries a mark, since Markdown has no colours.
  private static func cell(_ column: DiffColumns.Column, of row: LayerDifference) -> String {
    let text = column.text(row) ?? "–"
    guard column.key == "percent" else { return text }
    switch row.difference.verdict {
    case .faster: return "▼ \(text)"
    case .slower: return "▲ \(text)"
    default: return text
    }
  }

  /// Title and unit in one cell.
  private static func head(_ column: TextTable.Column) -> String {
    column.unit.isEmpty ? column.title : "\(column.title), \(column.unit)"
  }

  private static func table(
    _ heads: [String], _ alignments: [TextTable.Alignment], _ rows: [[String]]
  ) -> String {
    let rule = alignments.map { $0 == .right ? "---:" : ":---" }
    let lines = [heads.map(escape), rule] + rows.map { $0.map(escape) }
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  /// Keeps what Markdown or HTML would read as markup from being read so.
  static func escape(_ text: String) -> String {
    var result = ""
    for character in DisplayText.clean(text) {
      switch character {
      case "|", "\\", "*", "_", "`", "[", "]": result += "\\\(character)"
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      default: result.append(character)
      }
    }
    return result
  }
}
