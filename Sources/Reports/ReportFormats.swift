/// The formats there are.
public enum ReportFormats {
  /// Every format, in the order that help lists them.
  public static let all: [any ReportFormat] = [
    TableFormat(), JSONFormat(), CSVFormat(), MarkdownFormat(), HTMLFormat(),
    TraceFormat(), SpeedscopeFormat(), OTLPFormat(),
  ]

  /// The format of a name among `formats`; nil when there is none.
  public static func format(
    named name: String, among formats: [any ReportFormat] = all
  ) -> (any ReportFormat)? {
    formats.first { $0.name == name }
  }

  /// Whether the format of a name shows documents of many runs.
  public static func isOverview(_ name: String) -> Bool {
    format(named: name)?.showsOverviews == true
  }

  /// The names of those that do.
  public static var overviewNames: String {
    all.filter(\.showsOverviews).map(\.name).joined(separator: ", ")
  }
}
