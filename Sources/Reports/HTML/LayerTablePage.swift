internal import Profiling

/// The tables of a record's page.
struct LayerTablePage {
  let record: RunRecord
  private let columns: LayerColumns
  /// Rows of a long table that are laid out when the page opens; the script shows the others when
  /// somebody scrolls, searches or sorts.
  private static let atOnce = 120

  init(_ record: RunRecord) {
    self.record = record
    columns = LayerColumns(record)
  }

  /// The layers with their times, or with their costs when nothing was timed.
  func layers() -> String { table(columns.table(), hasFooter: true) }

  /// The events, where there are more than cycles.
  func counters() -> String {
    columns.hasCounterTable ? table(columns.counterTable(), hasFooter: true) : ""
  }

  private func table(_ shown: [LayerColumn], hasFooter: Bool) -> String {
    let frame = record.layers.count > 40 ? "scroll long" : "scroll"
    var html = "<div class=\"\(frame)\" tabindex=\"0\"><table class=\"sortable\">\n<thead><tr>"
    let hasUnits = shown.contains { !$0.unit.isEmpty }
    for column in shown {
      let unit = hasUnits ? "<small>\(Markup.escape(column.unit))</small>" : ""
      html += "<th scope=\"col\"\(Self.alignment(column)) title=\"\(Markup.escape(column.help))\">"
      html += "\(Markup.escape(column.title))\(unit)</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    let largest = record.layers.compactMap(\.share).max() ?? 0
    for (place, layer) in record.layers.enumerated() {
      if place == Self.atOnce, record.layers.count > Self.atOnce * 2 {
        html += "</tbody>\n<tbody hidden>\n"
      }
      html +=
        "<tr\(id(layer, isMain: shown.contains { $0.key == "output_shape" }))>"
        + shown.map { cell($0, of: layer, largest: largest) }.joined() + "</tr>\n"
    }
    html += "</tbody>\n<tfoot>\n"
    if record.unattributed != nil, shown.contains(where: { $0.unattributed != nil }) {
      html += footer(shown, name: columns.restName, value: \.unattributed)
    }
    html += footer(shown, name: "total", value: \.total)
    return html + "</tfoot>\n</table></div>\n"
  }

  /// What graph and plots lead to; only one table has it.
  private func id(_ layer: LayerRecord, isMain: Bool) -> String {
    isMain ? " id=\"layer-\(layer.index)\"" : ""
  }

  private static func alignment(_ column: LayerColumn) -> String {
    if column.key == "implementation" { return " class=\"l impl\"" }
    return column.alignment == .left ? " class=\"l\"" : ""
  }

  private func cell(_ column: LayerColumn, of layer: LayerRecord, largest: Double) -> String {
    guard let cell = column.cell(layer) else {
      return "<td\(Self.alignment(column)) data-v=\"\">–</td>"
    }
    let text = Markup.escape(cell.text)
    let order = cell.order.map { " data-v=\"\(Markup.coordinate($0, decimals: 6))\"" } ?? ""
    switch column.key {
    case "name": return "<th scope=\"row\">\(text)</th>"
    case "share":
      let part = largest > 0 ? (layer.share ?? 0) / largest * 100 : 0
      let color = Markup.cssClass(layer.bound?.class)
      return "<td\(order)><span class=\"share \(color)\">\(text)<i aria-hidden=\"true\">"
        + "<b style=\"width:\(Markup.coordinate(part))%\"></b></i></span></td>"
    case "bound" where layer.bound == nil:
      return "<td class=\"l\"><small>\(text)</small></td>"
    case "time_median_ns" where layer.time == nil:
      return "<td\(Self.alignment(column)) data-v=\"\"><small>\(text)</small></td>"
    case "bound":
      let color = Markup.cssClass(layer.bound?.class)
      return "<td class=\"l\"><span class=\"chip \(color)\">\(text)</span></td>"
    case "implementation":
      let details = "<details><summary>\(text)</summary>\(primitives(layer))</details>"
      return "<td class=\"l impl\">\(details)</td>"
    default: return "<td\(Self.alignment(column))\(order)>\(text)</td>"
    }
  }

  private func footer(
    _ shown: [LayerColumn], name: String, value: KeyPath<LayerColumn, String?>
  ) -> String {
    let cells = shown.map { column in
      column.key == "name"
        ? "<th scope=\"row\">\(name)</th>"
        : "<td\(Self.alignment(column))>\(Markup.escape(column[keyPath: value] ?? ""))</td>"
    }
    return "<tr>\(cells.joined())</tr>\n"
  }

  /// What ran for a layer, in order, and what else was tried.
  private func primitives(_ layer: LayerRecord) -> String {
    layer.primitives.map { primitive in
      var facts = [primitive.kind, primitive.implementation]
      if let algorithm = primitive.algorithm { facts.append(algorithm) }
      let formats = ["src", "weights", "dst"].compactMap { role in
        primitive.formats[role].map { "\(role) \($0)" }
      }
      facts += formats
      if !primitive.postOps.isEmpty {
        facts.append("fused \(primitive.postOps.joined(separator: ", "))")
      }
      if let time = primitive.time { facts.append(TimeUnit.text(time.median)) }
      return "<p>\(Markup.escape(facts.joined(separator: " · ")))</p>" + alternatives(primitive)
    }.joined()
  }

  private func alternatives(_ primitive: PrimitiveRecord) -> String {
    guard !primitive.alternatives.isEmpty else { return "" }
    let items = primitive.alternatives.map { other in
      let name = [other.implementation, other.algorithm].compactMap(\.self).joined(separator: ", ")
      let state = other.fault ?? other.time.map(TimeUnit.text) ?? "reference loops, not run"
      return "<li>\(Markup.escape(name)) \(Markup.escape(state))</li>"
    }
    return "<p>tried besides:</p><ul>\(items.joined())</ul>"
  }

  /// What holds the slow layers back; empty when none is slow.
  func hindrances() -> String {
    let text = HindranceText(record)
    let rows = text.rows.map { row in
      let layer = row.layer
      let reasons = row.reasons.map { "<li>\(Markup.sentence($0))</li>" }.joined()
      return "<tr><th scope=\"row\"><a href=\"#layer-\(layer.index)\">"
        + "\(Markup.escape(layer.name))</a></th>"
        + "<td>\(layer.share.map(Figures.percent) ?? "–")</td>"
        + "<td class=\"l\"><span class=\"chip \(Markup.cssClass(layer.bound?.class))\">"
        + "\(Markup.escape(HindranceText.state(layer)))</span></td>"
        + "<td class=\"l why\"><ul>\(reasons)</ul></td></tr>\n"
    }
    guard !rows.isEmpty else { return "" }
    let frame = rows.count > 15 ? "scroll short" : "scroll"
    return """
      <div class="\(frame)" tabindex="0"><table>
      <thead><tr><th scope="col" class="l">layer<small></small></th>\
      <th scope="col">share<small>%</small></th>\
      <th scope="col" class="l">bound<small>% of roof</small></th>\
      <th scope="col" class="l">what holds it back<small></small></th></tr></thead>
      <tbody>
      \(rows.joined())</tbody>
      </table></div>
      \(text.next.map { "<p class=\"remark below\">\(Markup.sentence($0))</p>" } ?? "")

      """
  }

  /// The segments; empty when none was timed.
  func segments() -> String {
    let timed = record.segments.filter { $0.time != nil }
    guard !timed.isEmpty else { return "" }
    let unit = TimeUnit(largest: timed.compactMap { $0.time?.median }.max() ?? 0)
    var html = """
      <div class="scroll"><table>
      <thead><tr><th scope="col" class="l">segment<small></small></th>\
      <th scope="col" class="l">layers<small></small></th>\
      <th scope="col">time<small>\(unit.rawValue) median</small></th>\
      <th scope="col">share<small>%</small></th><th scope="col">GFLOP/s<small></small></th>\
      <th scope="col">GB/s<small></small></th>\
      <th scope="col" class="l">bound<small>% of roof</small></th></tr>\
      </thead>
      <tbody>

      """
    for segment in timed {
      let bound = segment.bound.map { BoundText.cell($0) } ?? "–"
      let color = Markup.cssClass(segment.bound?.class)
      html += "<tr><th scope=\"row\">\(Markup.escape(segment.name))</th>"
      html += "<td class=\"l\">\(Markup.escape(SegmentText.layers(segment)))</td>"
      html += "<td>\(segment.time.map { unit.number($0.median) } ?? "–")</td>"
      html += "<td>\(segment.share.map(Figures.percent) ?? "–")</td>"
      for metric in [MetricName.gflopsPerSecond, .gigabytesPerSecond] {
        html += "<td>\(segment.metrics[metric].map(Figures.short) ?? "–")</td>"
      }
      html +=
        "<td class=\"l\"><span class=\"chip \(color)\">\(Markup.escape(bound))</span></td></tr>\n"
    }
    return html + "</tbody>\n</table></div>\n"
  }
}
