extension TimeSummary {
  /// Summarises samples, in nanoseconds.
  ///
  /// Percentiles are those of ``Percentiles``, the interval that of ``MedianInterval`` for samples
  /// that may depend on their neighbours (``Autocorrelation``).
  ///
  /// - Precondition: there is at least one sample.
  /// - Complexity: O(n log n).
  public init(samples: [Double]) {
    precondition(!samples.isEmpty, "a time without samples is absent, not empty")
    let sorted = samples.sorted()
    let count = Double(samples.count)
    let mean = samples.reduce(0, +) / count
    let squares = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let median = Percentiles.value(0.5, ofSorted: sorted)
    let interval = MedianInterval.ranks(
      count: samples.count, correlationTime: Autocorrelation.time(samples, median: median)
    ).map { [sorted[$0.low - 1], sorted[$0.high - 1]] }
    self.init(
      samples: samples, count: samples.count, min: sorted[0], median: median, mean: mean,
      p90: Percentiles.value(0.9, ofSorted: sorted), p99: Percentiles.value(0.99, ofSorted: sorted),
      stddev: samples.count > 1 ? (squares / (count - 1)).squareRoot() : 0, ci95: interval)
  }

  /// The 95 % interval of the median; nil where the record has none or a malformed one.
  public var interval: ClosedRange<Double>? {
    guard let ci95, ci95.count == 2, ci95[0] <= ci95[1] else { return nil }
    return ci95[0]...ci95[1]
  }

  /// Half the width of the 95 % interval over the median: 0.01 is ±1 %.
  ///
  /// What `--until` looks at. Nil without an interval or with a median of 0.
  public var relativeHalfWidth: Double? {
    guard let interval, median > 0 else { return nil }
    return (interval.upperBound - interval.lowerBound) / 2 / median
  }

  /// Whether the samples reach far enough for the percentile `p`: at least one of them lies beyond
  /// it, so that p90 takes 10 samples and p99 takes 100.
  public func carries(percentile p: Double) -> Bool {
    Double(samples.count) * (1 - p) >= 1 - 1e-9
  }
}
