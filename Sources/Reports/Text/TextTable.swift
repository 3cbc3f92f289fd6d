/// A table of aligned columns for a terminal.
struct TextTable {
  /// Where a cell's text stands.
  enum Alignment {
    case left, right
  }

  /// A column's head.
  struct Column {
    var title: String
    var unit = ""
    var alignment = Alignment.right
    /// Narrowest width that eliding may bring it to; nil: never elided.
    var narrowest: Int?
    /// Spaces before the column.
    var gap = 2
    /// The column goes when the table is too wide, highest first; 0 stays.
    var expendable = 0
  }

  /// A cell; its colour does not count for its width.
  struct Cell {
    var text: String
    var role: Style.Role?

    init(_ text: String, _ role: Style.Role? = nil) {
      self.text = DisplayText.clean(text)
      self.role = role
    }
  }

  /// A line of the table.
  enum Row {
    case cells([Cell])
    case rule
  }

  var columns: [Column]
  var rows: [Row]

  /// The lines, each ended; columns give way until the table fits `width` or none will.
  func render(width: Int, style: Style) -> String {
    var table = self
    table.dropEmptyUnits()
    var widths = table.naturalWidths()
    while table.total(widths) > width {
      let shrunk = table.shrink(widths, by: table.total(widths) - width)
      if table.total(shrunk) <= width || !table.dropMostExpendable() {
        widths = shrunk
        break
      }
      widths = table.naturalWidths()
    }
    return table.lines(widths, style: style)
  }

  private mutating func dropEmptyUnits() {
    for i in columns.indices where columns[i].title.isEmpty { columns[i].unit = "" }
  }

  private func total(_ widths: [Int]) -> Int {
    widths.reduce(0, +) + columns.dropFirst().reduce(0) { $0 + $1.gap }
  }

  private func naturalWidths() -> [Int] {
    var widths = columns.map {
      Swift.max(DisplayText.width($0.title), DisplayText.width($0.unit))
    }
    for case .cells(let cells) in rows {
      for (i, cell) in cells.enumerated() {
        widths[i] = Swift.max(widths[i], DisplayText.width(cell.text))
      }
    }
    return widths
  }

  /// Narrows the elidable columns, the widest first, by at most `excess` in all.
  private func shrink(_ widths: [Int], by excess: Int) -> [Int] {
    var widths = widths
    for _ in 0..<excess {
      let elidable = columns.indices.filter { widths[$0] > columns[$0].narrowest ?? .max }
      guard let widest = elidable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private mutating func dropMostExpendable() -> Bool {
    guard let last = columns.indices.max(by: { columns[$0].expendable < columns[$1].expendable }),
      columns[last].expendable > 0
    else { return false }
    columns.remove(at: last)
    for i in rows.indices {
      guard case .cells(var cells) = rows[i] else { continue }
      cells.remove(at: last)
      rows[i] = .cells(cells)
    }
    return true
  }

  private func lines(_ widths: [Int], style: Style) -> String {
    var result = line(columns.map { Cell($0.title, .title) }, widths, style)
    if columns.contains(where: { !$0.unit.isEmpty }) {
      result += line(columns.map { Cell($0.unit, .secondary) }, widths, style)
    }
    let rule = style.paint(String(repeating: "─", count: total(widths)), .secondary) + "\n"
    result += rule
    for row in rows {
      switch row {
      case .cells(let cells): result += line(cells, widths, style)
      case .rule: result += rule
      }
    }
    return result
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ style: Style) -> String {
    var result = ""
    var spaces = 0
    for (i, cell) in cells.enumerated() {
      let text = DisplayText.elide(cell.text, to: widths[i])
      let padding = widths[i] - DisplayText.width(text)
      let before = columns[i].alignment == .right ? padding : 0
      if i > 0 { spaces += columns[i].gap }
      // Spaces wait until text follows, so that no line ends in them.
      spaces += before
      if !text.isEmpty {
        result += String(repeating: " ", count: spaces) + style.paint(text, cell.role)
        spaces = 0
      }
      spaces += padding - before
    }
    return result + "\n"
  }
}
