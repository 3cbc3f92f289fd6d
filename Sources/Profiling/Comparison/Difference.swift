/// What a comparison of two times concludes.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The candidate is faster, significantly and beyond the band.
  case faster
  /// The candidate is slower, significantly and beyond the band.
  case slower
  /// The whole interval lies within ±1 %: no difference that matters.
  case equivalent
  /// The samples do not decide: more are needed.
  case undecided
  /// Only the candidate has it.
  case added
  /// Only the baseline has it.
  case removed
}

/// The difference of two times: `D` of the diff document.
public struct Difference: Codable, Hashable, Sendable {
  /// Half the width of the band of practical equivalence, percent.
  public static let band = 1.0
  /// Probability below which a difference counts as significant.
  public static let significance = 0.05

  /// Median of the baseline.
  public var baselineNs: Double?
  /// Median of the candidate.
  public var candidateNs: Double?
  /// Difference in percent of the baseline; negative is faster.
  public var percent: Double?
  /// Its 95 % interval.
  public var ci95: [Double]?
  /// Probability of such samples if nothing differed.
  public var p: Double?
  /// The same, corrected for the number of layers tested.
  public var pAdjusted: Double?
  /// What follows.
  public var verdict: Verdict

  /// Makes a difference of given numbers.
  public init(
    baselineNs: Double? = nil, candidateNs: Double? = nil, percent: Double? = nil,
    ci95: [Double]? = nil, p: Double? = nil, pAdjusted: Double? = nil, verdict: Verdict
  ) {
    self.baselineNs = baselineNs
    self.candidateNs = candidateNs
    self.percent = percent
    self.ci95 = ci95
    self.p = p
    self.pAdjusted = pAdjusted
    self.verdict = verdict
  }

  /// The 95 % interval as a range; nil where there is none.
  public var interval: ClosedRange<Double>? {
    guard let ci95, ci95.count == 2, ci95[0] <= ci95[1] else { return nil }
    return ci95[0]...ci95[1]
  }

  /// Compares two times; ``decide()`` is left to the caller, who knows how many tests there are.
  init(
    baseline: TimeSummary?, candidate: TimeSummary?, paired: Bool,
    estimator: inout DifferenceEstimator
  ) {
    self.init(
      baselineNs: baseline?.median, candidateNs: candidate?.median, verdict: .undecided)
    guard let baseline, let candidate else { return }
    let (left, right) = (baseline.samples, candidate.samples)
    if paired, let difference = estimator.paired(baseline: left, candidate: right) {
      store(difference)
      p = SignTest(left, right)?.p
    } else if let difference = estimator.unpaired(baseline: left, candidate: right) {
      store(difference)
      p = MannWhitney(left, right)?.p
    } else if baseline.median > 0 {
      percent = (candidate.median / baseline.median - 1) * 100
    }
  }

  private mutating func store(_ difference: PercentDifference) {
    percent = difference.percent
    ci95 = difference.interval.map { [$0.lowerBound, $0.upperBound] }
  }

  /// Concludes from the interval and the adjusted probability.
  ///
  /// Equivalent when the whole interval lies within ±``band`` percent; faster or slower when it
  /// excludes 0 and `pAdjusted` is below ``significance``; else undecided.
  mutating func decide() {
    guard let interval, let percent else {
      verdict = .undecided
      return
    }
    if interval.lowerBound >= -Self.band, interval.upperBound <= Self.band {
      verdict = .equivalent
    } else if let pAdjusted, pAdjusted < Self.significance, !interval.contains(0) {
      verdict = percent < 0 ? .faster : .slower
    } else {
      verdict = .undecided
    }
  }
}
