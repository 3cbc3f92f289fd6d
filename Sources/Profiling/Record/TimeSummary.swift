/// Samples of a time with their summary, in nanoseconds: `T` of the record.
public struct TimeSummary: Codable, Hashable, Sendable {
  /// The samples in the order they were taken.
  public var samples: [Double]
  /// How many.
  public var count: Int
  /// The smallest.
  public var min: Double
  /// The middle one, or the mean of the two middle ones.
  public var median: Double
  /// The arithmetic mean.
  public var mean: Double
  /// The 90th percentile.
  public var p90: Double
  /// The 99th percentile.
  public var p99: Double
  /// Standard deviation of the sample (n − 1); 0 for one sample.
  public var stddev: Double
  /// 95 % interval of the median by order statistics; absent below 6 samples.
  ///
  /// Of passes it is about this process alone: the next one may lie elsewhere.
  public var ci95: [Double]?
  /// How processes differ, where the samples are their medians; absent for passes of one process.
  public var between: BetweenProcesses?

  /// Makes a summary of given numbers; ``init(samples:)`` computes them.
  public init(
    samples: [Double], count: Int, min: Double, median: Double, mean: Double, p90: Double,
    p99: Double, stddev: Double, ci95: [Double]?
  ) {
    self.samples = samples
    self.count = count
    self.min = min
    self.median = median
    self.mean = mean
    self.p90 = p90
    self.p99 = p99
    self.stddev = stddev
    self.ci95 = ci95
  }
}
