public import Profiling

/// A document of many runs or parts, which every format can show in the same way.
public protocol OverviewDocument: Encodable {
  /// What is shown of it.
  func presentation() -> Presentation
}

/// What is shown of a document: an overview, and the rows of `csv`.
public struct Presentation {
  let overview: Overview
  let rows: OverviewTable?

  /// An overview; `csv` prints `rows`, by default its first table.
  init(_ overview: Overview, rows: OverviewTable? = nil) {
    self.overview = overview
    self.rows = rows ?? overview.tables.first
  }
}

/// A format that can also show documents of many runs.
public protocol OverviewFormat: ReportFormat {
  /// Renders a document.
  func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8]
}

extension Comparison: OverviewDocument {
  /// The candidates side by side; one row a layer, one group of columns a candidate.
  public func presentation() -> Presentation { Presentation(ComparisonOverview(self).overview()) }
}

extension Sweep: OverviewDocument {
  /// The points, heat-maps and what follows from them; one row a point.
  public func presentation() -> Presentation { Presentation(SweepOverview(self).overview()) }
}

extension HardwareComparison: OverviewDocument {
  /// The machines, their layers, and what makes the difference; one row a layer.
  public func presentation() -> Presentation {
    let overview = HardwareOverview(self)
    return Presentation(overview.overview(), rows: overview.layers())
  }
}

extension Advice: OverviewDocument {
  /// What was gained, and what was not; one row a finalist.
  public func presentation() -> Presentation { Presentation(AdviceOverview(self).overview()) }
}

extension Bricks: OverviewDocument {
  /// The networks and the bricks; one row a network.
  public func presentation() -> Presentation { Presentation(BricksOverview(self).overview()) }
}

extension Prediction: OverviewDocument {
  /// The network, its layers, and what is not known; one row a layer, and one of the network.
  public func presentation() -> Presentation {
    let overview = PredictionOverview(self)
    return Presentation(overview.overview(), rows: overview.layers())
  }
}

extension TableFormat: OverviewFormat {
  /// Facts, sentences and tables.
  public func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8] {
    Array(document.presentation().overview.text(options).utf8)
  }
}

extension MarkdownFormat: OverviewFormat {
  /// Facts, sentences and tables.
  public func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8] {
    Array(document.presentation().overview.markdown().utf8)
  }
}

extension HTMLFormat: OverviewFormat {
  /// The page.
  public func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8] {
    Array(document.presentation().overview.html(options.assets).utf8)
  }
}

extension CSVFormat: OverviewFormat {
  /// The rows.
  public func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8] {
    document.presentation().rows?.csv() ?? []
  }
}

extension JSONFormat: OverviewFormat {
  /// The document itself.
  public func render(_ document: some OverviewDocument, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(document)
  }
}
