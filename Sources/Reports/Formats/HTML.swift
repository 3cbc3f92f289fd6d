public import Profiling

/// A page in one file that needs no network.
public struct HTMLFormat: ReportFormat {
  /// `html`.
  public let name = "html"
  /// A file.
  public let isText = false
  /// `html`.
  public let fileExtension = "html"

  /// Makes the format.
  public init() {}

  /// The page of a run.
  public func render(_ record: RunRecord, options: ReportOptions) -> [UInt8] {
    Array(RecordPage(record, assets: options.assets).html().utf8)
  }

  /// The page of a comparison.
  public func render(_ diff: Diff, options: ReportOptions) -> [UInt8] {
    Array(DiffPage(diff, assets: options.assets).html().utf8)
  }
}
