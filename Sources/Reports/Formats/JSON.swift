import Profiling

/// The document itself, as it is saved.
public struct JSONFormat: ReportFormat {
  /// `json`.
  public let name = "json"
  /// Text.
  public let isText = true
  /// `json`.
  public let fileExtension = "json"

  /// Makes the format.
  public init() {}

  /// The document's JSON.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(document)
  }
}
