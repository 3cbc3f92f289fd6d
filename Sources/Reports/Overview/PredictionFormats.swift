public import Profiling

/// A format that can also show a prediction.
public protocol PredictionFormat: OverviewFormat {
  /// Renders a prediction.
  func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8]
}

extension TableFormat: PredictionFormat {
  /// The network, its layers, and what is not known.
  public func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8] {
    Array(PredictionOverview(prediction).overview().text(options).utf8)
  }
}

extension MarkdownFormat: PredictionFormat {
  /// The network, its layers, and what is not known.
  public func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8] {
    Array(PredictionOverview(prediction).overview().markdown().utf8)
  }
}

extension HTMLFormat: PredictionFormat {
  /// The page of the prediction.
  public func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8] {
    Array(PredictionOverview(prediction).overview().html(options.assets).utf8)
  }
}

extension CSVFormat: PredictionFormat {
  /// One row a layer, and one of the network.
  public func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8] {
    PredictionOverview(prediction).layers().csv()
  }
}

extension JSONFormat: PredictionFormat {
  /// The document itself.
  public func render(_ prediction: Prediction, options: ReportOptions) -> [UInt8] {
    RecordCoding.encode(prediction)
  }
}
