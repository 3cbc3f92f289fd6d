/// How much neighbouring samples of a series tell of each other.
public enum Autocorrelation {
  /// Fewest samples from whose order anything is told.
  public static let fewest = 10
  /// Neighbours farther apart than that are not looked at.
  static let reach = 100

  /// How many successive samples tell as much of the median as one independent one; 1 at least.
  ///
  /// The integrated autocorrelation time of "below the median", which is what a quantile's variance
  /// follows, summed over pairs of lags while they stay positive and falling: Geyer, "Practical
  /// Markov Chain Monte Carlo", Statistical Science 7 (1992), §3.3. Of passes whose neighbours
  /// correlate by 0.64 it is about 3, and an interval that takes them for independent holds the
  /// median 73 times of 100 in place of 95.
  ///
  /// - Complexity: O(n) where neighbours are independent, O(n · ``reach``) at most.
  public static func time(_ samples: [Double], median: Double) -> Double {
    let count = samples.count
    guard count >= fewest else { return 1 }
    let below = samples.map { $0 < median ? 0.5 : -0.5 }
    func covariance(_ lag: Int) -> Double {
      var sum = 0.0
      for index in lag..<count { sum += below[index] * below[index - lag] }
      return sum * 4 / Double(count)
    }
    var time = -1.0
    var previous = Double.infinity
    for lag in stride(from: 0, to: Swift.min(count / 2, reach), by: 2) {
      let pair = Swift.min(covariance(lag) + covariance(lag + 1), previous)
      guard pair > 0 else { break }
      previous = pair
      time += 2 * pair
    }
    return Swift.max(time, 1)
  }
}
