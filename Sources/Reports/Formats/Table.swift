/// The table for a terminal.
public struct TableFormat: ReportFormat {
  /// `table`.
  public let name = "table"
  /// Text.
  public let isText = true
  /// `txt`.
  public let fileExtension = "txt"

  /// Makes the format.
  public init() {}

  /// The layer table with its headline and findings; a comparison layer by layer; of many runs facts,
  /// sentences and tables.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): Array(RecordTable(record, options: options).text().utf8)
    case .diff(let diff): Array(DiffTable(diff, options: options).text().utf8)
    case .overview(let shown): Array(shown.overview.text(options).utf8)
    }
  }
}
