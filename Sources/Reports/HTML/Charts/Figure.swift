internal import Profiling

/// A chart of a page with the same numbers as a table.
struct Figure {
  /// A table of plain cells.
  struct Numbers {
    /// Heads; those after the first stand right.
    var heads: [String]
    /// Rows, the first cell its head.
    var rows: [[String]]
  }

  /// Distinguishes it in the page.
  var id: String
  /// Its heading.
  var heading: String
  /// How to read it.
  var note: String
  /// Its height in pixels.
  var height = 380
  /// What is seen, for those who do not see it.
  var label: String
  /// What Chart.js draws.
  var chart: JSONValue
  /// The numbers.
  var numbers: Numbers

  /// The section; without the library the table stands open and alone.
  func html(hasLibrary: Bool) -> String {
    guard hasLibrary else { return Markup.section(heading, table(), note: note) }
    let canvas = """
      <div class="panel"><div class="plot" id="\(id)-plot" style="height:\(height)px">\
      <canvas id="\(id)" role="img" aria-label="\(Markup.escape(label))"></canvas></div>
      <details class="numbers"><summary>The numbers of this plot</summary>
      \(table())</details></div>

      """
    return Markup.section(heading, canvas, note: note)
  }

  private func table() -> String {
    let heads = numbers.heads.enumerated().map { place, head in
      "<th scope=\"col\"\(place == 0 ? " class=\"l\"" : "")>\(Markup.escape(head))</th>"
    }
    let rows = numbers.rows.map { row in
      let cells = row.enumerated().map { place, cell in
        place == 0
          ? "<th scope=\"row\">\(Markup.escape(cell))</th>" : "<td>\(Markup.escape(cell))</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return
      "<div class=\"scroll short\" tabindex=\"0\"><table>\n<thead><tr>\(heads.joined())</tr></thead>\n"
      + "<tbody>\n\(rows.joined())</tbody>\n</table></div>\n"
  }
}
