/// By how many percent a candidate's samples differ from a baseline's, with a 95 % interval.
///
/// Negative is faster. The interval is a bootstrap percentile interval (``MedianBootstrap``) of
/// the same statistic as ``percent``.
public struct PercentDifference: Hashable, Sendable {
  /// The difference in percent.
  public let percent: Double
  /// Its 95 % interval; nil with fewer than ``MedianInterval/fewestSamples`` samples on a side.
  public let interval: ClosedRange<Double>?

  /// Makes a difference of given numbers.
  public init(percent: Double, interval: ClosedRange<Double>?) {
    self.percent = percent
    self.interval = interval
  }
}

/// Computes ``PercentDifference``s and keeps what they share.
///
/// The tables are drawn once for each sample count, so that a thousand layers of one run cost a
/// thousand look-ups. Equal input gives equal output.
public struct DifferenceEstimator: Sendable {
  private let seed: UInt64
  private let resamples: Int
  private var tables: [Int: MedianBootstrap] = [:]

  /// Makes an estimator; the seed decides the resamples.
  public init(
    seed: UInt64 = 0x6e74_7072_6f66, resamples: Int = MedianBootstrap.defaultResamples
  ) {
    self.seed = seed
    self.resamples = resamples
  }

  /// Ratio of the medians of two independent sample sets, less one.
  ///
  /// Nil when a side has no samples or the baseline's median is not positive.
  public mutating func unpaired(baseline: [Double], candidate: [Double]) -> PercentDifference? {
    guard !baseline.isEmpty, !candidate.isEmpty else { return nil }
    let left = baseline.sorted()
    let right = candidate.sorted()
    let reference = Percentiles.value(0.5, ofSorted: left)
    guard reference > 0 else { return nil }
    let percent = (Percentiles.value(0.5, ofSorted: right) / reference - 1) * 100
    guard Swift.min(left.count, right.count) >= MedianInterval.fewestSamples, left[0] > 0 else {
      return PercentDifference(percent: percent, interval: nil)
    }
    let denominators = table(count: left.count, side: 0).medians(ofSorted: left)
    let numerators = table(count: right.count, side: 1).medians(ofSorted: right)
    let ratios = zip(numerators, denominators).map { ($0 / $1 - 1) * 100 }
    return PercentDifference(percent: percent, interval: MedianBootstrap.interval(of: ratios))
  }

  /// Median of the ratios of samples that were taken side by side, less one.
  ///
  /// For interleaved runs (ABBA): what slows both runs for a while cancels in each pair. Nil when
  /// the counts differ, are 0, or a baseline sample is not positive.
  public mutating func paired(baseline: [Double], candidate: [Double]) -> PercentDifference? {
    guard baseline.count == candidate.count, !baseline.isEmpty, baseline.allSatisfy({ $0 > 0 })
    else { return nil }
    let ratios = zip(candidate, baseline).map { ($0 / $1 - 1) * 100 }.sorted()
    let percent = Percentiles.value(0.5, ofSorted: ratios)
    guard ratios.count >= MedianInterval.fewestSamples else {
      return PercentDifference(percent: percent, interval: nil)
    }
    let medians = table(count: ratios.count, side: 0).medians(ofSorted: ratios)
    return PercentDifference(percent: percent, interval: MedianBootstrap.interval(of: medians))
  }

  /// The table for a sample count; each side has draws of its own, or equal counts would pair.
  private mutating func table(count: Int, side: Int) -> MedianBootstrap {
    let key = count * 2 + side
    if let known = tables[key] { return known }
    let made = MedianBootstrap(
      count: count, resamples: resamples, seed: seed &+ UInt64(truncatingIfNeeded: key))
    tables[key] = made
    return made
  }
}
