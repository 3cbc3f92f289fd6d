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
  /// About how many more samples a side would decide (processes, when those are the samples); only
  /// beside `undecided`, and absent where no number would.
  public var moreSamples: Int?

  /// Makes a difference of given numbers.
  public init(
    baselineNs: Double? = nil, candidateNs: Double? = nil, percent: Double? = nil,
    ci95: [Double]? = nil, p: Double? = nil, pAdjusted: Double? = nil, verdict: Verdict,
    moreSamples: Int? = nil
  ) {
    self.baselineNs = baselineNs
    self.candidateNs = candidateNs
    self.percent = percent
    self.ci95 = ci95
    self.p = p
    self.pAdjusted = pAdjusted
    self.verdict = verdict
    self.moreSamples = moreSamples
  }

  /// The 95 % interval as a range; nil where there is none.
  public var interval: ClosedRange<Double>? {
    guard let ci95, ci95.count == 2, ci95[0] <= ci95[1] else { return nil }
    return ci95[0]...ci95[1]
  }

  /// Compares two times; ``decide(_:tests:)`` is left to the caller, who knows how many there are.
  init(
    baseline: TimeSummary?, candidate: TimeSummary?, sampling: Sampling,
    estimator: inout DifferenceEstimator
  ) {
    self.init(
      baselineNs: baseline?.median, candidateNs: candidate?.median, verdict: .undecided)
    guard let baseline, let candidate else { return }
    let (left, right) = (baseline.samples, candidate.samples)
    if sampling == .pairs, let difference = estimator.paired(baseline: left, candidate: right) {
      store(difference)
      p = SignTest(left, right)?.p
    } else if sampling == .processes,
      let difference = PercentDifference.hodgesLehmann(baseline: left, candidate: right)
    {
      store(difference)
      p = MannWhitney(left, right)?.p
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
  /// excludes 0 and `pAdjusted` is below ``significance``; else undecided, and then
  /// ``moreSamples`` says how many more would decide after a correction for `tests`.
  mutating func decide(_ evidence: Evidence, tests: Int) {
    moreSamples = nil
    guard let percent else {
      verdict = .undecided
      return
    }
    guard let interval else {
      verdict = .undecided
      let needed = Swift.max(
        MedianInterval.fewestSamples, SampleSize.fewest(tests: tests, paired: evidence.paired))
      if evidence.count > 0, needed > evidence.count { moreSamples = needed - evidence.count }
      return
    }
    if interval.lowerBound >= -Self.band, interval.upperBound <= Self.band {
      verdict = .equivalent
    } else if let pAdjusted, pAdjusted < Self.significance, !interval.contains(0) {
      verdict = percent < 0 ? .faster : .slower
    } else {
      verdict = .undecided
      moreSamples = SampleSize.more(
        percent: percent, interval: interval, count: evidence.count, tests: tests,
        paired: evidence.paired)
    }
  }
}

/// How much a comparison of two times rests on.
struct Evidence: Hashable, Sendable {
  /// Samples on the side that has fewer.
  let count: Int
  /// Whether they were compared in pairs.
  let paired: Bool

  init(baseline: TimeSummary?, candidate: TimeSummary?, sampling: Sampling) {
    let counts = [baseline, candidate].map { $0?.samples.count ?? 0 }
    count = Swift.min(counts[0], counts[1])
    paired = sampling == .pairs && counts[0] == counts[1]
  }
}
