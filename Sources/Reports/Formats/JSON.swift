public import Profiling

/// The record itself, as it is saved.
public struct JSONFormat: ReportFormat {
  /// `json`.
  public let name = "json"
  /// Text.
  public let isText = true
  /// `json`.
  public let fileExtension = "json"

  /// Makes the format.
  public init() {}

  /// The record's JSON.
  public func render(_ record: RunRecord, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(record)
  }

  /// The diff's JSON.
  public func render(_ diff: Diff, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(diff)
  }
}
