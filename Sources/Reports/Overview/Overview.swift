/// A report of many runs as parts that every format can show: facts, sentences and tables.
///
/// What is shown stands in one place; the formats differ in how.
struct Overview {
  /// A list of sentences under a heading.
  struct Note {
    let heading: String
    let sentences: [String]
    /// CSS tone of the page's callout: empty, `warn` or `stop`.
    var tone = ""
  }

  /// A fact that stands out.
  struct Card {
    let title: String
    let figure: String
    let note: String
    var tone = ""
  }

  /// Name of what was measured.
  let title: String
  /// The sort of report.
  let eyebrow: String
  /// Lines below the title.
  var lead: [String] = []
  /// Headline figures of the page; text formats have them in notes and tables.
  var cards: [Card] = []
  /// Plots of the page; their numbers are in the tables, too.
  var figures: [Figure] = []
  /// Before the tables.
  var notes: [Note] = []
  /// The tables; the first is what `csv` prints.
  var tables: [OverviewTable] = []
  /// After the tables.
  var findings: [Note] = []
  /// The last line of the page.
  var footer = ""
}

/// A table of an overview.
struct OverviewTable {
  /// A column.
  struct Column {
    /// Name in data.
    let key: String
    /// Its head in text.
    let head: TextTable.Column
  }

  /// A cell: what people read, what programs read, and how it is ordered and shaded.
  struct Cell {
    var text: String
    /// For `csv`; nil: the text.
    var raw: String?
    /// What the page sorts by; nil: the text.
    var order: Double?
    /// Colour of the verdict.
    var role: Style.Role?
    /// From 0 (best) to 1 (worst): a heat-map's cell.
    var shade: Double?

    init(
      _ text: String, raw: String? = nil, order: Double? = nil, role: Style.Role? = nil,
      shade: Double? = nil
    ) {
      self.text = text
      self.raw = raw
      self.order = order
      self.role = role
      self.shade = shade
    }

    /// Nothing was measured.
    static let absent = Cell("–", raw: "")
  }

  /// What it shows.
  var heading = ""
  /// How to read it.
  var remark = ""
  let columns: [Column]
  var rows: [[Cell]] = []

  /// The same without columns in which no row has anything.
  var trimmed: OverviewTable {
    let kept = columns.indices.filter { place in
      rows.isEmpty || rows.contains { $0[place].text != "–" && !$0[place].text.isEmpty }
    }
    return OverviewTable(
      heading: heading, remark: remark, columns: kept.map { columns[$0] },
      rows: rows.map { row in kept.map { row[$0] } })
  }
}
