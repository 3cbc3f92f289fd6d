public import Profiling

/// A document that every format can show: a run, a comparison, or what stands over many runs.
public protocol ReportDocument: Encodable {
  /// What is shown of it.
  var content: ReportContent { get }
}

/// What is shown of a document.
public enum ReportContent {
  /// A run, layer by layer.
  case record(RunRecord)
  /// Two runs, layer by layer.
  case diff(Diff)
  /// Many runs or parts.
  case overview(Presentation)
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

extension RunRecord: ReportDocument {
  /// The run.
  public var content: ReportContent { .record(self) }
}

extension Diff: ReportDocument {
  /// The comparison.
  public var content: ReportContent { .diff(self) }
}

extension Comparison: ReportDocument {
  /// The candidates side by side; one row a layer, one group of columns a candidate.
  public var content: ReportContent { .overview(Presentation(ComparisonOverview(self).overview())) }
}

extension Sweep: ReportDocument {
  /// The points, heat-maps and what follows from them; one row a point.
  public var content: ReportContent { .overview(Presentation(SweepOverview(self).overview())) }
}

extension HardwareComparison: ReportDocument {
  /// The machines, their layers, and what makes the difference; one row a layer.
  public var content: ReportContent {
    let overview = HardwareOverview(self)
    return .overview(Presentation(overview.overview(), rows: overview.layers()))
  }
}

extension Advice: ReportDocument {
  /// What was gained, and what was not; one row a finalist.
  public var content: ReportContent { .overview(Presentation(AdviceOverview(self).overview())) }
}

extension Bricks: ReportDocument {
  /// The networks and the bricks; one row a network.
  public var content: ReportContent { .overview(Presentation(BricksOverview(self).overview())) }
}

extension Prediction: ReportDocument {
  /// The network, its layers, and what is not known; one row a layer, and one of the network.
  public var content: ReportContent {
    let overview = PredictionOverview(self)
    return .overview(Presentation(overview.overview(), rows: overview.layers()))
  }
}
