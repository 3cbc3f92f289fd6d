public import Profiling

extension TableFormat: OverviewFormat {
  /// The candidates side by side.
  public func render(_ comparison: Comparison, options: ReportOptions) -> [UInt8] {
    Array(ComparisonOverview(comparison).overview().text(options).utf8)
  }

  /// The points, heat-maps and what follows from them.
  public func render(_ sweep: Sweep, options: ReportOptions) -> [UInt8] {
    Array(SweepOverview(sweep).overview().text(options).utf8)
  }

  /// The machines, their layers, and what makes the difference.
  public func render(_ hardware: HardwareComparison, options: ReportOptions) -> [UInt8] {
    Array(HardwareOverview(hardware).overview().text(options).utf8)
  }

  /// What was gained, and what was not.
  public func render(_ advice: Advice, options: ReportOptions) -> [UInt8] {
    Array(AdviceOverview(advice).overview().text(options).utf8)
  }
}

extension MarkdownFormat: OverviewFormat {
  /// The candidates side by side.
  public func render(_ comparison: Comparison, options: ReportOptions) -> [UInt8] {
    Array(ComparisonOverview(comparison).overview().markdown().utf8)
  }

  /// The points, heat-maps and what follows from them.
  public func render(_ sweep: Sweep, options: ReportOptions) -> [UInt8] {
    Array(SweepOverview(sweep).overview().markdown().utf8)
  }

  /// The machines, their layers, and what makes the difference.
  public func render(_ hardware: HardwareComparison, options: ReportOptions) -> [UInt8] {
    Array(HardwareOverview(hardware).overview().markdown().utf8)
  }

  /// What was gained, and what was not.
  public func render(_ advice: Advice, options: ReportOptions) -> [UInt8] {
    Array(AdviceOverview(advice).overview().markdown().utf8)
  }
}

extension HTMLFormat: OverviewFormat {
  /// The page of several candidates.
  public func render(_ comparison: Comparison, options: ReportOptions) -> [UInt8] {
    Array(ComparisonOverview(comparison).overview().html(options.assets).utf8)
  }

  /// The page of a sweep.
  public func render(_ sweep: Sweep, options: ReportOptions) -> [UInt8] {
    Array(SweepOverview(sweep).overview().html(options.assets).utf8)
  }

  /// The page of machines.
  public func render(_ hardware: HardwareComparison, options: ReportOptions) -> [UInt8] {
    Array(HardwareOverview(hardware).overview().html(options.assets).utf8)
  }

  /// The page of measured advice.
  public func render(_ advice: Advice, options: ReportOptions) -> [UInt8] {
    Array(AdviceOverview(advice).overview().html(options.assets).utf8)
  }
}

extension CSVFormat: OverviewFormat {
  /// One row a layer, one group of columns a candidate.
  public func render(_ comparison: Comparison, options: ReportOptions) -> [UInt8] {
    ComparisonOverview(comparison).overview().tables.first?.csv() ?? []
  }

  /// One row a point.
  public func render(_ sweep: Sweep, options: ReportOptions) -> [UInt8] {
    SweepOverview(sweep).overview().tables.first?.csv() ?? []
  }

  /// One row a layer, one group of columns a machine, another a candidate.
  public func render(_ hardware: HardwareComparison, options: ReportOptions) -> [UInt8] {
    HardwareOverview(hardware).layers().csv()
  }

  /// One row a finalist.
  public func render(_ advice: Advice, options: ReportOptions) -> [UInt8] {
    AdviceOverview(advice).overview().tables.first?.csv() ?? []
  }
}

extension JSONFormat: OverviewFormat {
  /// The comparison's JSON.
  public func render(_ comparison: Comparison, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(comparison)
  }

  /// The sweep's JSON.
  public func render(_ sweep: Sweep, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(sweep)
  }

  /// The comparison's JSON.
  public func render(_ hardware: HardwareComparison, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(hardware)
  }

  /// The advice's JSON.
  public func render(_ advice: Advice, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(advice)
  }
}
