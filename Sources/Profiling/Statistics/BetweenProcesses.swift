/// How a time differs between fresh processes: `between` of a time whose samples are their medians.
public struct BetweenProcesses: Codable, Hashable, Sendable {
  /// How many processes.
  public var count: Int
  /// Standard deviation of their medians (n − 1), ns.
  public var stddev: Double
  /// 95 % interval of what the middle of many processes would be: Student's t over the medians,
  /// widened where it would not hold their own median or where runs are known to lie further apart;
  /// ns.
  public var ci95: [Double]
  /// Runs from which it is known how far runs lie apart; absent where the interval is of this run.
  public var runs: Int?

  /// Summarises medians; nil with fewer than two.
  ///
  /// - Parameters:
  ///   - medians: Of each process, ns.
  ///   - known: How far runs of the network lie apart; a default says nothing of it.
  public init?(medians: [Double], known: RunSpread? = nil) {
    guard medians.count > 1 else { return nil }
    let n = Double(medians.count)
    let mean = medians.reduce(0, +) / n
    count = medians.count
    stddev = (medians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
    var reach = StudentT.quantile(twoSided: 0.05, degrees: n - 1) * stddev / n.squareRoot()
    if let known, known.source == .measured {
      let relative = stddev / mean
      let variance = known.variance(count: count, inside: relative * relative)
      reach = Swift.max(
        reach,
        StudentT.quantile(twoSided: 0.05, degrees: known.degrees) * variance.squareRoot() * mean)
      runs = known.runs
    }
    let median = Percentiles.median(of: medians)
    ci95 = [Swift.min(mean - reach, median), Swift.max(mean + reach, median)]
  }

  /// The interval as a range; nil where the record's is malformed.
  public var interval: ClosedRange<Double>? {
    guard ci95.count == 2, ci95[0] <= ci95[1] else { return nil }
    return ci95[0]...ci95[1]
  }
}
