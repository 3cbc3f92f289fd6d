internal import Profiling

/// The layer table of a comparison, an interval drawn in every row.
struct DiffTablePage {
  let diff: Diff
  /// Percent at the ends of the drawn axis.
  private let reach: Double

  init(_ diff: Diff) {
    self.diff = diff
    let ends = diff.layers.compactMap(\.difference.interval)
      .map { Swift.max($0.upperBound.magnitude, $0.lowerBound.magnitude) }
    reach = Swift.min(Swift.max(ends.max() ?? 5, 5), 100)
  }

  /// The table.
  func html() -> String {
    let columns = DiffColumns(diff).all().filter { !["p_adjusted", "ci95"].contains($0.key) }
    let drawn = diff.layers.contains { $0.difference.interval != nil }
    var html = "<div class=\"scroll\"><table class=\"sortable diff\">\n<thead><tr>"
    for column in columns {
      html += head(column.column.title, unit(column), column.column.alignment)
      if column.key == "percent", drawn {
        let label = Figures.fixed(reach, 0)
        html += head("", "−\(label) … +\(label)", .left)
      }
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in diff.layers {
      html += "<tr>"
      for column in columns {
        html += cell(column, of: row)
        if column.key == "percent", drawn { html += "<td class=\"l\">\(forest(row))</td>" }
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
      return "<td data-v=\"\(order)\">\(text)\(interval ?? "")</td>"
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

  /// Estimate and interval on an axis with zero and the ±1 % band.
  private func forest(_ row: LayerDifference) -> String {
    guard let interval = row.difference.interval, let percent = row.difference.percent else {
      return ""
    }
    func x(_ value: Double) -> Double {
      85 + Swift.max(-1, Swift.min(1, value / reach)) * 80
    }
    let band = (x(-Difference.band), x(Difference.band))
    let label = "\(Figures.signedPercent(percent)) [\(DiffText.interval(interval))]"
    var svg = "<svg class=\"forest v-\(row.difference.verdict.rawValue)\" viewBox=\"0 0 170 18\" "
    svg += "role=\"img\" aria-label=\"\(Markup.escape(label))\">"
    svg += "<rect class=\"band\" x=\"\(Markup.coordinate(band.0))\" y=\"0\" "
    svg += "width=\"\(Markup.coordinate(band.1 - band.0))\" height=\"18\"/>"
    svg += "<line class=\"grid\" x1=\"85\" y1=\"0\" x2=\"85\" y2=\"18\"/>"
    svg +=
      "<line class=\"stem\" x1=\"85\" y1=\"9\" x2=\"\(Markup.coordinate(x(percent)))\" y2=\"9\"/>"
    svg += "<line class=\"interval\" x1=\"\(Markup.coordinate(x(interval.lowerBound)))\" y1=\"9\" "
    svg += "x2=\"\(Markup.coordinate(x(interval.upperBound)))\" y2=\"9\"/>"
    return svg + "<circle class=\"estimate\" cx=\"\(Markup.coordinate(x(percent)))\" cy=\"9\" "
      + "r=\"4\"/></svg>"
  }
}
