internal import RealModule

/// What a comparison of two times concludes.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The candidate is faster, significantly and beyond the band.
  case faster
  /// The candidate is slower, significantly and beyond the band.
  case slower
  /// The whole interval lies within ±1 %: no difference that matters.
  case equivalent
  /// The processes do not decide: more are needed.
  case undecided
  /// A side has no time: it was fused into another, does nothing, or was not selected.
  case notMeasured = "not-measured"
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
  /// Ratio of the two medians less one, percent; negative is faster.
  public var percent: Double?
  /// Its 95 % interval.
  public var ci95: [Double]?
  /// Probability of such samples if nothing differed.
  public var p: Double?
  /// The same, corrected for the number of layers tested.
  public var pAdjusted: Double?
  /// What follows.
  public var verdict: Verdict
  /// About how many more processes a side would decide; only beside `undecided`, and absent where no
  /// number would.
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

  /// One side of a comparison: a time, and what processes are known to differ by in it.
  struct Side {
    let time: TimeSummary
    let spread: ProcessSpread

    /// A side; `runs` is how far runs of the whole network lie apart, for its parts do as it does.
    init?(_ time: TimeSummary?, _ spread: ProcessSpread, _ runs: RunSpread? = nil) {
      guard let time, !time.samples.isEmpty else { return nil }
      self.time = time
      var spread = spread
      if spread.runs == nil { spread.runs = runs ?? .standard }
      self.spread = spread
    }
  }

  /// Compares two times; ``decide(processes:tests:)`` is left to the caller, who knows how many
  /// there are.
  init(
    baseline: Side?, candidate: Side?, method: DiffMethod, paired: Bool,
    estimator: inout DifferenceEstimator
  ) {
    self.init(
      baselineNs: baseline?.time.median, candidateNs: candidate?.time.median,
      verdict: .notMeasured)
    guard let baseline, let candidate, baseline.time.median > 0 else { return }
    verdict = .undecided
    let percent = (candidate.time.median / baseline.time.median - 1) * 100
    self.percent = percent
    var found: ClosedRange<Double>?
    switch method.interval {
    case .hodgesLehmann:
      let (left, right) = (baseline.time.samples, candidate.time.samples)
      found = PercentDifference.hodgesLehmann(baseline: left, candidate: right)?.interval
      p = MannWhitney(left, right)?.p
    case .processSpread, .runSpread:
      let prediction = SpreadPrediction(
        baseline: .init(baseline, processes: method.processes.baseline ?? 1),
        candidate: .init(candidate, processes: method.processes.candidate ?? 1),
        isShared: baseline.spread == candidate.spread,
        passes: method.isOfPasses
          ? estimator.ofPasses(baseline.time, candidate.time, paired: paired)?.interval : nil)
      if let prediction {
        found = prediction.interval
        p = prediction.p
      }
    }
    // The interval is of a shift; what is shown is a ratio of medians, which may lie just outside.
    ci95 = found.map { [Swift.min($0.lowerBound, percent), Swift.max($0.upperBound, percent)] }
  }

  /// Concludes from the interval and the adjusted probability.
  ///
  /// Equivalent when the whole interval lies within ±``band`` percent; faster or slower when it lies
  /// beyond the band on one side and `pAdjusted` is below ``significance``: what differs by less is
  /// no finding, and machines drift by that much from one record to the next (an interval hypothesis
  /// in the words of Hodges and Lehmann, "Testing the Approximate Validity of Statistical
  /// Hypotheses", JRSS B 16 (1954)). Else undecided, and then ``moreSamples`` says how many more
  /// processes would decide after a correction for `tests`. Without `inTurn`, of runs apart in time,
  /// more of them would not.
  mutating func decide(processes: Int, tests: Int, inTurn: Bool = true) {
    moreSamples = nil
    guard let percent else {
      verdict = .notMeasured
      return
    }
    guard let interval else {
      verdict = .undecided
      guard inTurn else { return }
      let needed = SampleSize.fewest(tests: tests, paired: false)
      if needed > processes { moreSamples = needed - processes }
      return
    }
    let isBeyond = interval.lowerBound > Self.band || interval.upperBound < -Self.band
    if interval.lowerBound >= -Self.band, interval.upperBound <= Self.band {
      verdict = .equivalent
    } else if let pAdjusted, pAdjusted < Self.significance, isBeyond {
      verdict = percent < 0 ? .faster : .slower
    } else {
      verdict = .undecided
      guard inTurn else { return }
      moreSamples = SampleSize.more(
        percent: percent, interval: interval, count: processes, tests: tests)
    }
  }
}

/// The difference of two processes, one a side or so few that ranks cannot tell, by what processes
/// are known to differ by.
///
/// The logarithm of the ratio has the variance σ₁²/n₁ + σ₂²/n₂ and that of the passes' medians;
/// degrees of freedom are Satterthwaite's ("An Approximate Distribution of Estimates of Variance
/// Components", Biometrics Bulletin 2 (1946)).
struct SpreadPrediction {
  let interval: ClosedRange<Double>
  let p: Double

  /// A side: its median and the variance of the logarithm of it.
  struct Side {
    let median: Double
    let variance: Double
    let degrees: Double

    init(_ side: Difference.Side, processes: Int) {
      median = side.time.median
      var (single, degrees) = (side.spread.variance, side.spread.degrees)
      let samples = side.time.samples
      guard processes > 1, samples.count > 1, samples.allSatisfy({ $0 > 0 }) else {
        (variance, self.degrees) = (single / Double(Swift.max(processes, 1)), degrees)
        return
      }
      let logarithms = samples.map { Double.log($0) }
      let mean = logarithms.reduce(0, +) / Double(logarithms.count)
      let squares = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let own = Double(logarithms.count - 1)
      guard let runs = side.spread.runs, processes >= DiffMethod.fewestProcesses else {
        // What the processes themselves show, together with what was known before.
        single = (squares + degrees * single) / (own + degrees)
        (variance, self.degrees) = (single / Double(processes), own + degrees)
        return
      }
      let inside = squares / own
      let between = runs.variance(count: processes, inside: inside)
      let part = inside / Double(processes)
      variance = between
      // Satterthwaite's, of the two parts; they are one where runs lie no further apart.
      self.degrees =
        between > part
        ? between * between
          / ((between - part) * (between - part) / runs.degrees + part * part / own)
        : own
    }
  }

  /// Predicts; `passes` is the 95 % interval that the passes of one process a side give, percent.
  ///
  /// With `isShared` one estimate of the spread stands on both sides: its degrees of freedom count once.
  init?(baseline: Side, candidate: Side, isShared: Bool, passes: ClosedRange<Double>?) {
    guard baseline.median > 0, candidate.median > 0 else { return nil }
    var inside = 0.0
    if let passes, passes.lowerBound > -100 {
      let width = Double.log((100 + passes.upperBound) / (100 + passes.lowerBound))
      let deviation = width / 2 / NormalDistribution.quantile(0.975)
      inside = deviation * deviation
    }
    let outside = baseline.variance + candidate.variance
    let variance = outside + inside
    guard variance > 0, variance.isFinite else { return nil }
    let parts =
      isShared
      ? outside * outside / Swift.min(baseline.degrees, candidate.degrees)
      : baseline.variance * baseline.variance / baseline.degrees
        + candidate.variance * candidate.variance / candidate.degrees
    // The passes are many: theirs adds no uncertainty of the variance.
    let degrees = parts > 0 ? Swift.min(variance * variance / parts, 1e6) : 1e6
    let shift = Double.log(candidate.median / baseline.median)
    let deviation = variance.squareRoot()
    let reach =
      StudentT.quantile(twoSided: Difference.significance, degrees: degrees) * deviation
    p = StudentT.probability(shift / deviation, degrees: degrees)
    interval =
      (Double.expMinusOne(shift - reach) * 100)...(Double.expMinusOne(shift + reach) * 100)
  }
}

extension DifferenceEstimator {
  /// What the passes of one process a side say of their medians.
  mutating func ofPasses(
    _ baseline: TimeSummary, _ candidate: TimeSummary, paired: Bool
  ) -> PercentDifference? {
    let (left, right) = (baseline.samples, candidate.samples)
    if paired, let difference = self.paired(baseline: left, candidate: right) { return difference }
    return unpaired(baseline: left, candidate: right)
  }
}
