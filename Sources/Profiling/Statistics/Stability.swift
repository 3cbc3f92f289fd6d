internal import RealModule

/// How steady a series of samples was: outliers and drift, flagged and never removed.
public struct Stability: Codable, Hashable, Sendable {
  /// Indices of samples far out; they stay among the samples and in every summary.
  ///
  /// Above Q3 + 3·IQR or below Q1 − 3·IQR: Tukey, *Exploratory Data Analysis* (1977), chapter 2.
  public var outliers: [Int]
  /// The trend; absent below ``fewest`` samples.
  public var drift: Drift?

  /// A trend over the series.
  public struct Drift: Codable, Hashable, Sendable {
    /// Change from the first to the last sample along the Theil-Sen line, percent of the median.
    public var percent: Double
    /// Two-sided probability of such a trend when there is none (Mann-Kendall).
    public var p: Double

    /// Whether it is worth a warning: significant, and 2 % or more.
    public var matters: Bool { p < 0.01 && percent.magnitude >= 2 }
  }

  /// Fewest samples whose trend is tested.
  public static let fewest = 10
  /// Samples that the quadratic tests look at; of longer series, means of consecutive blocks.
  static let limit = 400

  /// Judges samples in the order they were taken.
  ///
  /// Mann, "Nonparametric Tests Against Trend", Econometrica 13 (1945); Theil (1950) and Sen,
  /// "Estimates of the Regression Coefficient Based on Kendall's Tau", JASA 63 (1968).
  public init(samples: [Double]) {
    let sorted = samples.sorted()
    outliers = []
    guard let last = sorted.last, sorted.count >= 4 else { return }
    let quartiles = [0.25, 0.5, 0.75].map { Percentiles.value($0, ofSorted: sorted) }
    let reach = 3 * (quartiles[2] - quartiles[0])
    let fence = (quartiles[0] - reach)...Swift.max(quartiles[2] + reach, quartiles[0] - reach)
    if last > fence.upperBound || sorted[0] < fence.lowerBound {
      outliers = samples.indices.filter { !fence.contains(samples[$0]) }
    }
    guard samples.count >= Self.fewest, quartiles[1] > 0 else { return }
    drift = Self.drift(Self.blocks(samples), median: quartiles[1])
  }

  private static func blocks(_ samples: [Double]) -> [Double] {
    let width = (samples.count + limit - 1) / limit
    guard width > 1 else { return samples }
    return stride(from: 0, to: samples.count, by: width).map { start in
      Percentiles.median(of: Array(samples[start..<Swift.min(start + width, samples.count)]))
    }
  }

  private static func drift(_ values: [Double], median: Double) -> Drift {
    var score = 0
    var slopes: [Double] = []
    slopes.reserveCapacity(values.count * (values.count - 1) / 2)
    for i in values.indices {
      for j in (i + 1)..<Swift.max(values.count, i + 1) {
        score += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0
        slopes.append((values[j] - values[i]) / Double(j - i))
      }
    }
    let n = Double(values.count)
    let variance = (n * (n - 1) * (2 * n + 5) - tieTerm(values)) / 18
    let distance = Double(Swift.max(abs(score) - 1, 0))
    let p = variance > 0 ? Double.erfc(distance / (2 * variance).squareRoot()) : 1
    let slope = Percentiles.median(of: slopes)
    return Drift(percent: slope * (n - 1) / median * 100, p: p)
  }

  /// Σ t(t − 1)(2t + 5) over groups of t equal values.
  private static func tieTerm(_ values: [Double]) -> Double {
    var counts: [Double: Double] = [:]
    for value in values { counts[value, default: 0] += 1 }
    var sum = 0.0
    for ties in counts.values { sum += ties * (ties - 1) * (2 * ties + 5) }
    return sum
  }
}
