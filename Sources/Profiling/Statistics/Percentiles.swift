/// Percentiles of a sample.
///
/// Definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
/// Statistician 50 (1996): of `n` ascending values `x[0]…x[n − 1]` the percentile `p` is the value
/// at position `(n − 1)·p`, interpolated linearly between neighbours. NumPy, R and Excel's
/// `PERCENTILE.INC` do the same; at `p` = 0.5 it is the usual median.
public enum Percentiles {
  /// The percentile `p` (0 to 1) of ascending values.
  ///
  /// - Precondition: `sorted` is not empty and in ascending order.
  /// - Complexity: O(1).
  public static func value(_ p: Double, ofSorted sorted: [Double]) -> Double {
    let position = Double(sorted.count - 1) * Swift.min(Swift.max(p, 0), 1)
    let below = Int(position)
    let above = Swift.min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }

  /// The middle value, or the mean of the two middle ones.
  ///
  /// - Precondition: `samples` is not empty.
  /// - Complexity: O(n log n).
  public static func median(of samples: [Double]) -> Double {
    value(0.5, ofSorted: samples.sorted())
  }
}
