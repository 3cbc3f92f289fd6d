internal import Profiling

/// The layer table of a comparison, an interval drawn in every row.
struct DiffTablePage {
  let diff: Diff

  init(_ diff: Diff) { self.diff = diff }

  /// The table.
  func html() -> String {
    let columns = DiffColumns(diff).all().filter { !["p_adjusted", "ci95"].contains($0.key) }
    var html = "<div class=\"scroll\"><table class=\"sortable diff\">\n<thead><tr>"
    for column in columns {
      html += head(column.column.title, unit(column), column.column.alignment)
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in diff.layers {
      html += "<tr>"
      for column in columns {
        html += cell(column, of: row)
      }
      html += "</tr>\n"
    }
    return html + "</tbody>\n</table></div>\n"
  }

  private func unit(_ column: DiffColumns.Column) -> String {
    column.key == "percent" ? "%, 95 % interval" : column.column.unit
  }

  private func head(
    _ title: String, _ unit: String, _ alignment: TextTable.Alignment
  ) -> String {
    let position = alignment == .left ? " class=\"l\"" : ""
    return "<th scope=\"col\"\(position)>\(Markup.escape(title))<small>\(Markup.escape(unit))"
      + "</small></th>"
  }

  private func cell(_ column: DiffColumns.Column, of row: LayerDifference) -> String {
    let text = Markup.escape(column.text(row) ?? "–")
    let position = column.column.alignment == .left ? " class=\"l\"" : ""
    switch column.key {
    case "layer":
      let reason = row.explanation.map { "<small>\(Markup.escape($0))</small>" } ?? ""
      return "<th scope=\"row\">\(text)\(reason)</th>"
    case "percent":
      let interval = row.difference.interval.map { "<small>\(DiffText.interval($0))</small>" }
      let order = row.difference.percent.map { Markup.coordinate($0, decimals: 6) } ?? ""
      let color = "change v-\(row.difference.verdict.rawValue) k\(row.strength)"
      return "<td class=\"\(color)\" data-v=\"\(order)\">\(text)\(interval ?? "")</td>"
    case "verdict":
      let p = row.difference.pAdjusted.map { " title=\"p adjusted \(Self.probability($0))\"" } ?? ""
      return "<td class=\"l\"><span class=\"chip v-\(row.difference.verdict.rawValue)\"\(p)>"
        + "\(text)</span></td>"
    default:
      let order = column.order(row).map { " data-v=\"\(Markup.coordinate($0, decimals: 6))\"" }
      return "<td\(position)\(order ?? "")>\(text)</td>"
    }
  }

  private static func probability(_ p: Double) -> String { Markup.escape(Figures.probability(p)) }
}
