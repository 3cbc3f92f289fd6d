import Profiling

/// One row a layer, for spreadsheets and scripts.
///
/// RFC 4180 with line feeds: full precision, no units, an empty field for what was not measured.
/// Columns are the same for every record; events of unusual names follow.
public struct CSVFormat: ReportFormat {
  /// `csv`.
  public let name = "csv"
  /// Text.
  public let isText = true
  /// `csv`.
  public let fileExtension = "csv"

  /// Makes the format.
  public init() {}

  /// The layers; of a comparison their pairs and a last row for the whole; of many runs the rows of
  /// ``Presentation``.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): run(record)
    case .diff(let diff): sides(diff)
    case .overview(let shown): shown.rows?.csv() ?? []
    }
  }

  private func run(_ record: RunRecord) -> [UInt8] {
    let columns = LayerColumns(record).data()
    let head = columns.map(\.key)
    let rows = record.layers.map { layer in columns.map { $0.cell(layer)?.raw ?? "" } }
    return Self.lines([head] + rows)
  }

  private func sides(_ diff: Diff) -> [UInt8] {
    let head = [
      "baseline", "candidate", "change", "baseline_ns", "candidate_ns", "percent", "low", "high",
      "p", "p_adjusted", "verdict", "more_samples", "explanation",
    ]
    var rows = diff.layers.map { row in
      [row.baseline ?? "", row.candidate ?? "", row.change.rawValue] + Self.fields(row.difference)
        + [row.explanation ?? ""]
    }
    for segment in diff.segments ?? [] {
      rows.append(
        ["@\(segment.name)", "@\(segment.name)", "segment"] + Self.fields(segment.difference) + [""]
      )
    }
    if let whole = diff.endToEnd {
      rows.append(["", "", "end-to-end"] + Self.fields(whole) + [""])
    }
    return Self.lines([head] + rows)
  }

  private static func fields(_ difference: Difference) -> [String] {
    let interval = difference.interval
    let numbers = [
      difference.baselineNs, difference.candidateNs, difference.percent, interval?.lowerBound,
      interval?.upperBound, difference.p, difference.pAdjusted,
    ]
    return numbers.map { $0?.description ?? "" } + [
      difference.verdict.rawValue, difference.moreSamples.map(String.init) ?? "",
    ]
  }

  static func lines(_ rows: [[String]]) -> [UInt8] {
    let text = rows.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
    return Array(text.utf8)
  }

  private static func quoted(_ text: String) -> String {
    let field = DisplayText.clean(text)
    guard field.utf8.contains(where: { [0x22, 0x2c].contains($0) }) else {
      return field
    }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
