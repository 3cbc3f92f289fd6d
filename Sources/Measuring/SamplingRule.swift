/// When a run has enough samples.
///
/// By default at least 20 clean ones, until the 95 % interval of the median is within 1 % or 3 s of
/// measuring are over; a network so slow that 20 samples take longer than `patience` stops at 6,
/// the fewest that give an interval of the median at all. Clean are those during which nothing
/// disturbed: where too few are, measuring goes on for as long again, and then takes what there is.
public struct SamplingRule: Hashable, Sendable {
  /// What ends the sampling.
  public enum Goal: Hashable, Sendable {
    /// The default rule.
    case standard
    /// Exactly that many samples.
    case iterations(Int)
    /// That many seconds of measuring.
    case seconds(Double)
    /// A 95 % interval of the median no wider than ± that many percent.
    case percent(Double)
  }

  /// What ends the sampling.
  public var goal: Goal
  /// Warm-up passes; `nil` lets the sampler choose.
  public var warmup: Int?

  /// Fewest samples of the default rule.
  public static let minimumSamples = 20
  /// Fewest samples of a very slow network.
  public static let slowSamples = 6
  /// Seconds of measuring of the default rule.
  public static let budget = 3.0
  /// Seconds after which a slow network's default rule is content with ``slowSamples``.
  public static let patience = 20.0
  /// Seconds after which `percent` gives up, with a warning.
  public static let percentLimit = 120.0

  /// Makes a rule.
  public init(goal: Goal = .standard, warmup: Int? = nil) {
    self.goal = goal
    self.warmup = warmup
  }

  /// The fewest samples a run may keep, disturbed ones among them where too few are clean.
  public var wanted: Int {
    if case .iterations(let wanted) = goal { wanted } else { SamplingRule.minimumSamples }
  }

  /// ``wanted`` where of so many samples in a row one is kept.
  public func wanted(stride: Int) -> Int {
    Swift.max((wanted + stride - 1) / stride, min(wanted, SamplingRule.minimumSamples))
  }

  /// Whether `count` samples taken over `seconds` are enough.
  ///
  /// `clean` are those that nothing disturbed, all unless told otherwise; `halfWidth` is the 95 %
  /// interval's half width over the median, `nil` below 6 samples.
  public func isSatisfied(
    count all: Int, clean: Int? = nil, seconds: Double, halfWidth: @autoclosure () -> Double?
  ) -> Bool {
    let count = clean ?? all
    switch goal {
    case .iterations(let wanted): return count >= wanted || all >= 2 * wanted
    case .seconds(let wanted): return seconds >= wanted && all >= 1
    case .percent(let wanted):
      if all < SamplingRule.minimumSamples { return false }
      if seconds >= SamplingRule.percentLimit { return true }
      return count >= SamplingRule.minimumSamples
        && (halfWidth() ?? .infinity) * 100 <= wanted
    case .standard:
      if count < SamplingRule.minimumSamples {
        return seconds >= SamplingRule.patience && all >= SamplingRule.slowSamples
          || seconds >= 2 * SamplingRule.budget && all >= SamplingRule.minimumSamples
      }
      return seconds >= SamplingRule.budget || (halfWidth() ?? .infinity) <= 0.01
    }
  }

  /// Share of the goal that is reached, 0 to 1, for a progress line.
  public func progress(count: Int, seconds: Double) -> Double {
    let fraction =
      switch goal {
      case .iterations(let wanted): Double(count) / Double(max(wanted, 1))
      case .seconds(let wanted): seconds / max(wanted, 1e-9)
      case .percent: seconds / SamplingRule.percentLimit
      case .standard:
        min(
          Double(count) / Double(SamplingRule.minimumSamples),
          max(seconds / SamplingRule.budget, 0.01))
      }
    return min(max(fraction, 0), 1)
  }
}
