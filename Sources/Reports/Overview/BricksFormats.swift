public import Profiling

/// A format that can also show networks as bricks.
public protocol BricksFormat: OverviewFormat {
  /// Renders networks as bricks.
  func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8]
}

extension TableFormat: BricksFormat {
  /// The networks and the bricks.
  public func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8] {
    Array(BricksOverview(bricks).overview().text(options).utf8)
  }
}

extension MarkdownFormat: BricksFormat {
  /// The networks and the bricks.
  public func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8] {
    Array(BricksOverview(bricks).overview().markdown().utf8)
  }
}

extension HTMLFormat: BricksFormat {
  /// The page of the networks and the bricks.
  public func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8] {
    Array(BricksOverview(bricks).overview().html(options.assets).utf8)
  }
}

extension CSVFormat: BricksFormat {
  /// One row a network.
  public func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8] {
    BricksOverview(bricks).overview().tables.first?.csv() ?? []
  }
}

extension JSONFormat: BricksFormat {
  /// The document itself.
  public func render(_ bricks: Bricks, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(bricks)
  }
}
