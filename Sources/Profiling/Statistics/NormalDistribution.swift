internal import RealModule

/// The standard normal distribution.
enum NormalDistribution {
  /// The value below which a standard normal number lies with probability `p`, 0 < `p` < 1.
  ///
  /// Bisection of the library's complementary error function: exact to rounding, and its time does
  /// not matter where it is asked once a comparison.
  static func quantile(_ p: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if Double.erfc(-middle / 2.0.squareRoot()) / 2 < p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
