internal import RealModule

/// How many more samples a comparison that cannot tell would need.
///
/// The half width of an interval falls with the square root of the number of samples. A difference
/// of `d` percent is found with probability ``power`` at level α when the standard error is at most
/// `d / (z(1 − α/2) + z(power))`; equivalence is shown when the interval fits between `d` and the
/// edge of the band. A verdict asks for a difference beyond the band, so that it is `d` less the band
/// that must be found. The cheaper of the two is what would decide. Lehr, "Sixteen S-squared over
/// D-squared", Statistics in Medicine 11 (1992), is the same rule; Holm's correction enters through
/// α, and a rank test's discreteness through ``fewest(tests:paired:)``.
public enum SampleSize {
  /// Probability of finding a difference of the expected size.
  public static let power = 0.8
  /// Smallest number that is worth saying: half the work is not done for nothing.
  static let most = 1_000_000

  /// Samples a side with which a true difference of `percent` is found with probability ``power``.
  ///
  /// - Parameters:
  ///   - percent: The true difference, percent.
  ///   - halfWidth: Half width of the 95 % interval that `count` samples a side gave, percent.
  ///   - count: Samples a side so far.
  ///   - tests: How many tests are corrected for; 1 for a whole network.
  ///   - paired: Whether samples were taken in pairs.
  /// - Returns: The number of samples, at most a million.
  public static func toFind(
    percent: Double, halfWidth: Double, count: Int, tests: Int = 1, paired: Bool = false
  ) -> Int {
    let least = fewest(tests: tests, paired: paired)
    guard percent != 0, halfWidth > 0 else { return percent == 0 ? most : Swift.max(least, count) }
    let deviation = halfWidth / NormalDistribution.quantile(0.975)
    let critical = NormalDistribution.quantile(1 - Difference.significance / 2 / Double(tests))
    let wanted = percent.magnitude / (critical + NormalDistribution.quantile(power))
    return Swift.max(least, scaled(count, by: deviation / wanted))
  }

  /// Samples a side that would be needed beyond the `count` there are, or nil when no number helps.
  ///
  /// - Parameters:
  ///   - percent: The difference as estimated, percent.
  ///   - interval: Its 95 % interval.
  ///   - count: Samples a side so far.
  ///   - tests: How many tests are corrected for.
  ///   - paired: Whether samples were taken in pairs.
  /// - Returns: How many more, at least 1.
  public static func more(
    percent: Double, interval: ClosedRange<Double>, count: Int, tests: Int = 1,
    paired: Bool = false
  ) -> Int? {
    let half = (interval.upperBound - interval.lowerBound) / 2
    guard half > 0, half.isFinite, percent.isFinite else { return nil }
    // What lies beyond the band is what must be found.
    let beyond = Swift.max(percent.magnitude - Difference.band, 0)
    var needed = toFind(
      percent: beyond, halfWidth: half, count: count, tests: tests, paired: paired)
    let room = Difference.band - percent.magnitude
    if room > 0 { needed = Swift.min(needed, scaled(count, by: half / room)) }
    guard needed < most else { return nil }
    // Undecided as it is, one more at least.
    return Swift.max(needed - count, 1)
  }

  /// Fewest samples a side for which the test can come out significant at all after a correction
  /// for `tests`: with fewer even complete separation has too large a probability.
  public static func fewest(tests: Int, paired: Bool) -> Int {
    let level = Difference.significance / Double(Swift.max(tests, 1))
    var count = 1
    // 2·2⁻ⁿ for the sign test, 2 / C(2n, n) for the U test.
    var smallest = 1.0
    while count < most {
      let n = Double(count)
      smallest =
        paired
        ? Double.exp2(1 - n)
        : 2 * Double.exp(2 * Double.logGamma(n + 1) - Double.logGamma(2 * n + 1))
      if smallest < level { break }
      count += 1
    }
    return count
  }

  private static func scaled(_ count: Int, by ratio: Double) -> Int {
    let needed = Double(count) * ratio * ratio
    return needed < Double(most) ? Int(needed.rounded(.up)) : most
  }
}
