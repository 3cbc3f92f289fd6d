internal import RealModule

/// How many processes a side it takes to answer a gate, by what processes that take turns differ by.
///
/// A gate of `g` percent is answered where a network that did not change is within it, one that became slower by `g`
/// is called slower (its interval lies beyond the band), and one that did so by `g` and as much again as `g` lies beyond
/// the band is beyond the gate. All of it asks for one thing: that a difference of `g` less the band is found.
///
/// The number is that of Stein's two stages ("A Two-Sample Test for a Linear Hypothesis Whose Power is Independent of
/// the Variance", Ann. Math. Statist. 16 (1945)): Student's quantiles of the degrees of freedom that the spread was
/// estimated with stand for the normal ones, so that a spread of few processes asks for more. The rank test takes π/3
/// times as many as the t test would (Hodges and Lehmann 1956). The spread alone decides, and not the difference,
/// which is why going on does no harm to the test's level.
public struct GateProcesses: Hashable, Sendable {
  /// Probability with which a change of ``change`` percent is found.
  public static let power = 0.9
  /// Most processes a side that are measured without being asked for.
  public static let most = 100
  /// Degrees of freedom from which on what is known of earlier runs decides: those of six processes.
  public static let fewestDegrees = 5.0

  /// The gate, percent.
  public let gate: Double
  /// Answers that are corrected for together: candidates, or layers that the gate is asked of.
  public let tests: Int
  /// Fewest processes a side, whatever they differ by.
  public let least: Int

  /// Asks a gate.
  public init(gate: Double, tests: Int, least: Int) {
    self.gate = gate
    self.tests = Swift.max(tests, 1)
    self.least = least
  }

  /// The change that is found, percent: the gate, but no less than can be told apart from the band.
  public var change: Double { Swift.max(gate, 2 * Difference.band) }

  /// Processes a side that the gate takes, at least ``least``; nil where nothing is known of their spread.
  public func needed(_ spread: PooledSpread) -> Int? {
    guard let deviation = deviation(spread) else { return nil }
    let wanted = Double.log(onePlus: (change - Difference.band) / 100)
    let ratio = deviation / wanted
    // A number that no machine would measure is large enough.
    let count = Swift.min((ratio * ratio).rounded(.up), 1e6)
    return Swift.max(least, Int(count))
  }

  /// The change that so many processes a side find, percent; nil where nothing is known of their spread.
  public func change(found count: Int, _ spread: PooledSpread) -> Double? {
    deviation(spread).map {
      Double.expMinusOne($0 / Double(Swift.max(count, 1)).squareRoot()) * 100 + Difference.band
    }
  }

  /// The logarithm of the change beyond the band that one process a side would find.
  private func deviation(_ spread: PooledSpread) -> Double? {
    guard let percent = spread.percent else { return nil }
    let level = Difference.significance / Double(tests)
    let factor =
      StudentT.quantile(twoSided: level, degrees: spread.degrees)
      + StudentT.quantile(twoSided: 2 * (1 - Self.power), degrees: spread.degrees)
    return factor * percent / 100 * (2 * Double.pi / 3).squareRoot()
  }
}
