internal import RealModule

/// The bootstrap distribution of a median, drawn without drawing the resamples.
///
/// A resample of `n` values is `n` uniform picks from the sorted sample, so its `k`-th smallest
/// value is the sample's value at place `⌊n·U⌋`, where `U` is the `k`-th smallest of `n` uniform
/// numbers: beta(k, n + 1 − k) distributed (David and Nagaraja, *Order Statistics*, §2.3). One
/// beta number thus replaces `n` picks and a sort, exactly. For an even `n` the next order
/// statistic follows from `1 − (1 − U)·V^(1 / (n − k))` with `V` uniform.
///
/// Places depend on `n` alone: one table serves every layer of a run.
public struct MedianBootstrap: Sendable {
  /// How many resamples a table has unless told otherwise.
  public static let defaultResamples = 2000

  private let lower: [Int32]
  private let upper: [Int32]

  /// Draws the places for samples of `count` values.
  ///
  /// - Precondition: `count` > 0.
  /// - Complexity: O(resamples).
  public init(count: Int, resamples: Int = defaultResamples, seed: UInt64) {
    precondition(count > 0, "nothing to resample")
    var random = SplitMix64(seed: seed)
    var lower: [Int32] = []
    var upper: [Int32] = []
    lower.reserveCapacity(resamples)
    upper.reserveCapacity(resamples)
    let n = Double(count)
    let k = (count + 1) / 2
    for _ in 0..<resamples {
      let left = random.gamma(shape: Double(k))
      let u = left / (left + random.gamma(shape: Double(count + 1 - k)))
      let place = Int32(Swift.min(n * u, n - 1))
      lower.append(place)
      guard count.isMultiple(of: 2) else {
        upper.append(place)
        continue
      }
      let next = 1 - (1 - u) * Double.pow(random.uniform(), 1 / Double(count - k))
      upper.append(Int32(Swift.min(n * next, n - 1)))
    }
    self.lower = lower
    self.upper = upper
  }

  /// The medians of the resamples, in the order drawn.
  ///
  /// - Precondition: `sorted` is ascending and has the count the table was made for.
  public func medians(ofSorted sorted: [Double]) -> [Double] {
    zip(lower, upper).map { (sorted[Int($0)] + sorted[Int($1)]) / 2 }
  }

  /// The percentile interval that holds 95 % of `values`.
  public static func interval(of values: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    let low = Percentiles.value(0.025, ofSorted: sorted)
    return low...Swift.max(low, Percentiles.value(0.975, ofSorted: sorted))
  }
}
