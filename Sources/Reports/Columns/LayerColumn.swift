internal import Profiling

/// A column of the layer table, shared by every format that has rows.
struct LayerColumn {
  /// Where a column appears.
  struct Places: OptionSet {
    let rawValue: Int
    /// Tables of a run.
    static let measured = Places(rawValue: 1)
    /// Tables of a topology that was only shown.
    static let shown = Places(rawValue: 2)
    /// Data for other programs.
    static let data = Places(rawValue: 4)
    /// Everywhere.
    static let everywhere: Places = [.measured, .shown, .data]
  }

  /// What a layer has in a column.
  struct Cell {
    /// For other programs: full precision, no unit.
    var raw: String
    /// For people.
    var text: String
    /// What the column is sorted by; nil: by text.
    var order: Double?

    /// A text.
    static func text(_ text: String) -> Cell { Cell(raw: text, text: text) }

    /// A number; nil when it is absent.
    static func number(_ value: Double?, _ format: (Double) -> String) -> Cell? {
      guard let value, value.isFinite else { return nil }
      return Cell(raw: Self.plain(value), text: format(value), order: value)
    }

    /// A count.
    static func count(_ value: Int, _ format: (Double) -> String) -> Cell {
      Cell(raw: String(value), text: format(Double(value)), order: Double(value))
    }

    /// Shortest form that reads back as the same number; whole numbers without a point.
    private static func plain(_ value: Double) -> String {
      value == value.rounded() && value.magnitude < 0x1p53
        ? String(Int64(value)) : value.description
    }
  }

  /// Name in data: the record's own key.
  let key: String
  /// Head in tables.
  let title: String
  /// Second line of the head.
  var unit = ""
  /// What it says, for a tooltip or a legend.
  let help: String
  /// Where its text stands.
  var alignment = TextTable.Alignment.right
  /// Where it appears.
  let places: Places
  /// See ``TextTable/Column/narrowest``.
  var narrowest: Int?
  /// See ``TextTable/Column/expendable``.
  var expendable = 0
  /// The row of all layers together; nil: empty.
  var total: String?
  /// The row of what no layer accounts for.
  var unattributed: String?
  /// A layer's cell; nil when the value is absent.
  let cell: (LayerRecord) -> Cell?

  /// The column's head for a terminal.
  var textColumn: TextTable.Column {
    TextTable.Column(
      title: title, unit: unit, alignment: alignment, narrowest: narrowest,
      expendable: expendable)
  }
}
