internal import Profiling

extension Overview {
  /// The report for a terminal.
  func text(_ options: ReportOptions) -> String {
    let style = Style(color: options.color)
    func wrapped(_ text: String) -> String {
      DisplayText.wrap(DisplayText.clean(text), columns: options.width, indentation: 2)
    }
    var parts = [
      style.paint(wrapped(title), .title) + "\n" + lead.map { wrapped($0) + "\n" }.joined()
    ]
    for note in notes { parts.append(Self.note(note, style, wrapped)) }
    for table in tables where !table.rows.isEmpty {
      let heading = table.heading.isEmpty ? "" : style.paint(wrapped(table.heading), .title) + "\n"
      parts.append(heading + table.trimmed.text(width: options.width, style: style))
    }
    for note in findings { parts.append(Self.note(note, style, wrapped)) }
    return parts.joined(separator: "\n")
  }

  private static func note(
    _ note: Note, _ style: Style, _ wrapped: (String) -> String
  ) -> String {
    let role: Style.Role = note.tone == "stop" ? .bad : note.tone == "warn" ? .warning : .title
    return style.paint(wrapped(note.heading), role) + "\n"
      + note.sentences.map { wrapped("• \($0)") + "\n" }.joined()
  }

  /// The report for an issue or a wiki.
  func markdown() -> String {
    var text = "## \(MarkdownFormat.escape(title))\n\n"
    text += lead.map { MarkdownFormat.escape($0) + "  \n" }.joined()
    for note in notes { text += Self.list(note) }
    for table in tables where !table.rows.isEmpty {
      text += table.heading.isEmpty ? "\n" : "\n### \(MarkdownFormat.escape(table.heading))\n\n"
      text += table.trimmed.markdown()
    }
    for note in findings { text += Self.list(note) }
    return text
  }

  private static func list(_ note: Note) -> String {
    "\n**\(MarkdownFormat.escape(note.heading))**\n\n"
      + note.sentences.map { "- \(MarkdownFormat.escape($0))\n" }.joined()
  }

  /// The page; without a library for charts their numbers stand in tables.
  func html(_ assets: (any PageAssets)?) -> String {
    var content = ""
    if !cards.isEmpty {
      let list = cards.map { Markup.card($0.title, $0.figure, $0.note, tone: $0.tone) }
      content += "<div class=\"cards\">\n\(list.joined())</div>\n"
    }
    for note in notes + findings {
      content += Markup.callout(note.heading, note.sentences, tone: note.tone)
    }
    if !figures.isEmpty { content += Markup.missingCharts(assets) }
    for figure in figures { content += figure.html(hasLibrary: assets?.chartLibrary != nil) }
    for table in tables where !table.rows.isEmpty {
      content += Markup.section(
        table.heading.isEmpty ? "Table" : table.heading, table.trimmed.html(), note: table.remark)
    }
    content += "<footer><p>\(Markup.escape(footer))</p></footer>\n"
    return Page.document(
      title: title, eyebrow: eyebrow, lead: lead, content: content,
      charts: figures.map { ($0.id, $0.chart) }, library: assets?.chartLibrary)
  }
}

extension OverviewTable {
  /// The shades of a heat-map where there is no colour to rely on, best first.
  private static let shades = [" ", "░", "▒", "▓", "█"]

  fileprivate func text(width: Int, style: Style) -> String {
    let shaded = rows.joined().contains { $0.shade != nil }
    var table = TextTable(columns: columns.map(\.head), rows: [])
    for row in rows {
      table.rows.append(
        .cells(
          row.map { cell in
            let mark = cell.shade.map { Self.shades[Swift.min(Int($0 * 5), 4)] }
            let role = cell.role
            return TextTable.Cell(shaded ? "\(cell.text) \(mark ?? " ")" : cell.text, role)
          }))
    }
    return table.render(width: width, style: style)
  }

  fileprivate func markdown() -> String {
    let heads = columns.map { column in
      column.head.unit.isEmpty ? column.head.title : "\(column.head.title), \(column.head.unit)"
    }
    let rule = columns.map { $0.head.alignment == .right ? "---:" : ":---" }
    let lines =
      [heads.map(MarkdownFormat.escape), rule]
      + rows.map { row in row.map { MarkdownFormat.escape($0.text) } }
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  fileprivate func html() -> String {
    var html = "<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr>"
    for column in columns {
      let position = column.head.alignment == .left ? " class=\"l\"" : ""
      html +=
        "<th scope=\"col\"\(position)>\(Markup.escape(column.head.title))"
        + "<small>\(Markup.escape(column.head.unit))</small></th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in rows {
      html += "<tr>" + zip(columns, row).enumerated().map(Self.cell).joined() + "</tr>\n"
    }
    return html + "</tbody>\n</table></div>\n"
  }

  private static func cell(place: Int, pair: (Column, Cell)) -> String {
    let (column, cell) = pair
    let text = Markup.escape(cell.text)
    if place == 0, cell.order == nil { return "<th scope=\"row\">\(text)</th>" }
    var attributes = column.head.alignment == .left ? " class=\"l\"" : ""
    if let order = cell.order {
      attributes += " data-v=\"\(Markup.coordinate(order, decimals: 6))\""
    }
    if let shade = cell.shade {
      // From green over nothing to red; the text stays readable in light and dark.
      let tone = shade < 0.5 ? "good" : "bad"
      let strength = Markup.coordinate((shade - 0.5).magnitude * 80, decimals: 0)
      attributes +=
        " style=\"background:color-mix(in srgb,var(--\(tone)) \(strength)%,transparent)\""
    }
    guard let role = cell.role else { return "<td\(attributes)>\(text)</td>" }
    return "<td\(attributes)><span class=\"\(cssClass(role))\">\(text)</span></td>"
  }

  private static func cssClass(_ role: Style.Role) -> String {
    switch role {
    case .good: "good"
    case .bad: "bad"
    default: "quiet"
    }
  }

  /// RFC 4180 with line feeds, as ``CSVFormat`` writes.
  func csv() -> [UInt8] {
    CSVFormat.lines(
      [columns.map(\.key)] + rows.map { row in row.map { $0.raw ?? $0.text } })
  }
}
