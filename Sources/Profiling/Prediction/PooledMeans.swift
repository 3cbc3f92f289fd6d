internal import RealModule

/// Means of classes that borrow from the more general class they belong to, as far as they have few
/// observations themselves: partial pooling (Gelman and Hill, *Data Analysis Using Regression and
/// Multilevel/Hierarchical Models*, 2007, chapter 12).
///
/// The mean of a class is `(κ·m + Σ w·v) / (κ + Σ w)`, where m is the mean of the class above it and of the most
/// general one a prior's.
struct PooledMeans {
  /// A value seen in a class.
  struct Observation {
    /// Names of its classes, the most general first; each names the one before it, too.
    var classes: [String]
    /// The value.
    var value: Double
    /// How many ordinary values it counts as.
    var weight: Double
  }

  /// What is thought of a class.
  struct Estimate {
    /// Its mean.
    var mean: Double
    /// By how much the mean may be off: one standard deviation.
    var meanSpread: Double
    /// By how much values differ from the mean: one standard deviation.
    var spread: Double
    /// The most special class of which something was seen.
    var known: String?
    /// What was seen of it, in ordinary values.
    var weight: Double
  }

  /// What a class above counts as, in ordinary values: κ.
  static let pull = 2.0
  /// What the prior's spread counts as.
  static let degrees = 4.0

  private struct Sums {
    var weight = 0.0
    var value = 0.0
    var squares = 0.0
  }

  private var sums: [String: Sums] = [:]
  private let prior: (mean: Double, spread: Double)
  private var spread = 0.0

  /// Sums up.
  ///
  /// - Parameters:
  ///   - observations: What was seen; order does not matter but for rounding.
  ///   - prior: What is thought where nothing was.
  init(_ observations: [Observation], prior: (mean: Double, spread: Double)) {
    self.prior = prior
    for one in observations {
      for name in one.classes {
        sums[name, default: Sums()].weight += one.weight
        sums[name, default: Sums()].value += one.weight * one.value
      }
    }
    var (all, weight) = (Self.degrees * prior.spread * prior.spread, Self.degrees)
    for one in observations {
      let residual = one.value - mean(one.classes).value
      let square = one.weight * residual * residual
      all += square
      weight += one.weight
      for name in one.classes { sums[name]?.squares += square }
    }
    spread = (all / weight).squareRoot()
  }

  /// What is thought of the most special of some classes.
  func estimate(_ classes: [String]) -> Estimate {
    let found = mean(classes)
    let own = found.known.flatMap { sums[$0] } ?? Sums()
    let variance =
      (Self.degrees * spread * spread + own.squares) / (Self.degrees + own.weight)
    return Estimate(
      mean: found.value, meanSpread: (variance / (Self.pull + own.weight)).squareRoot(),
      spread: variance.squareRoot(), known: found.known, weight: own.weight)
  }

  private func mean(_ classes: [String]) -> (value: Double, known: String?) {
    var (value, known) = (prior.mean, String?.none)
    for name in classes {
      guard let own = sums[name] else { break }
      value = (Self.pull * value + own.value) / (Self.pull + own.weight)
      known = name
    }
    return (value, known)
  }
}
