public import Profiling

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

  /// The layer table with its headline and findings.
  public func render(_ record: RunRecord, options: ReportOptions) -> [UInt8] {
    Array(RecordTable(record, options: options).text().utf8)
  }

  /// The comparison, layer by layer.
  public func render(_ diff: Diff, options: ReportOptions) -> [UInt8] {
    Array(DiffTable(diff, options: options).text().utf8)
  }
}
