/// How long something takes on one machine against another, and what their roofs explain of it.
///
/// Ratios are the candidate's over the baseline's: above 1 the candidate takes longer.
public struct RoofRatio: Codable, Hashable, Sendable {
  /// Of the median times.
  public var ratio: Double
  /// Its 95 % interval, as that of the difference of records made apart.
  public var ratioCi95: [Double]?
  /// Probability of such samples if nothing differed, corrected for the number of layers tested.
  public var pAdjusted: Double?
  /// What the samples allow to say of the times.
  public var verdict: Verdict
  /// Of the times that the roofs allow: what the machines explain; absent where a side has none.
  ///
  /// Of the whole network it is what the layers would take if each kept its part of the roof: their
  /// ratios, weighted with the baseline's times.
  public var explained: Double?
  /// `ratio` over `explained`: what is left.
  public var left: Double?
  /// Its 95 % interval; the roofs count as exact.
  public var leftCi95: [Double]?
  /// Candidate's time less what the roofs explain of it, ns; negative where it does better.
  public var excessNs: Double?

  /// Takes the ratio of a difference; nil unless both sides have a time above 0.
  init?(_ difference: Difference?, explained: Double? = nil) {
    guard let difference, let before = difference.baselineNs, let after = difference.candidateNs,
      before > 0, after > 0, before.isFinite, after.isFinite
    else { return nil }
    ratio = after / before
    ratioCi95 = difference.ci95.map { $0.map { 1 + $0 / 100 } }
    pAdjusted = difference.pAdjusted
    verdict = difference.verdict
    guard let explained else { return }
    explain(explained, excess: after - before * explained)
  }

  /// Sets what the roofs explain, and what follows.
  mutating func explain(_ explained: Double, excess: Double) {
    self.explained = explained
    left = ratio / explained
    leftCi95 = ratioCi95.map { $0.map { $0 / explained } }
    excessNs = excess
  }

  /// Whether the samples tell that something is left.
  public var isLeftTold: Bool {
    guard let leftCi95, leftCi95.count == 2 else { return false }
    return leftCi95[0] > 1 || leftCi95[1] < 1
  }
}
