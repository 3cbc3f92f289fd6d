/// The formats there are.
public enum ReportFormats {
  /// Every format, in the order that help lists them.
  public static let all: [any ReportFormat] = [
    TableFormat(), JSONFormat(), CSVFormat(), MarkdownFormat(), HTMLFormat(),
    TraceFormat(), SpeedscopeFormat(), OTLPFormat(),
  ]

  /// The format of a name; nil when there is none.
  public static func format(named name: String) -> (any ReportFormat)? {
    all.first { $0.name == name }
  }
}
