/// A way to show a record or a diff.
///
/// Rendering is pure: the same record and options give the same bytes. To add a format, add a file
/// to `Formats` and a line to ``ReportFormats/all``; a test holds the two together.
public protocol ReportFormat: Sendable {
  /// The name that `--format` takes; also the name of the file in `Formats`, in lower case.
  var name: String { get }

  /// Whether it goes to standard output; else it becomes a file.
  var isText: Bool { get }

  /// Extension of a file that holds it, without the dot.
  var fileExtension: String { get }

  /// Whether it shows documents of many runs, too.
  var showsOverviews: Bool { get }

  /// Renders a document; nothing of one that it does not show.
  func render(_ document: some ReportDocument, options: ReportOptions) -> [UInt8]
}

extension ReportFormat {
  /// It does, unless a format says otherwise.
  public var showsOverviews: Bool { true }

  /// Renders a document without colour for 120 columns.
  public func render(_ document: some ReportDocument) -> [UInt8] {
    render(document, options: ReportOptions())
  }
}

/// What the place of output allows.
public struct ReportOptions: Sendable {
  /// Columns of the terminal; formats that are no terminal's ignore it.
  public var width: Int
  /// Whether the table may use colour.
  public var color: Bool
  /// What a page may take from the machine; without any it shows tables only.
  public var assets: (any PageAssets)?
  /// Whether the table also says of every slow layer what holds it back.
  public var verbose: Bool

  /// Describes the place of output.
  public init(
    width: Int = 120, color: Bool = false, assets: (any PageAssets)? = nil, verbose: Bool = false
  ) {
    self.width = width
    self.color = color
    self.assets = assets
    self.verbose = verbose
  }
}
