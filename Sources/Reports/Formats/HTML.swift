import Profiling

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

  /// The page of a run, of a comparison, or of many runs.
  public func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8] {
    switch document.content {
    case .record(let record): Array(RecordPage(record, assets: options.assets).html().utf8)
    case .diff(let diff): Array(DiffPage(diff, assets: options.assets).html().utf8)
    case .overview(let shown): Array(shown.overview.html(options.assets).utf8)
    }
  }
}
