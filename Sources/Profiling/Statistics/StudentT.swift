internal import RealModule

/// Student's t distribution, of any positive number of degrees of freedom.
///
/// By the incomplete beta function's continued fraction (Abramowitz and Stegun, *Handbook of
/// Mathematical Functions*, 26.5.8 and 26.7.1), evaluated by Lentz's method.
public enum StudentT {
  /// Two-sided probability of a t at least this far from 0.
  public static func probability(_ t: Double, degrees: Double) -> Double {
    guard t.isFinite else { return 0 }
    return beta(degrees / (degrees + t * t), degrees / 2, 0.5)
  }

  /// The t beyond which, on both sides together, lies probability `p`: 2.571 for 0.05 and 5 degrees.
  ///
  /// - Precondition: 0 < `p` < 1 and `degrees` > 0.
  public static func quantile(twoSided p: Double, degrees: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while probability(high, degrees: degrees) > p, high < 1e12 { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { break }
      if probability(middle, degrees: degrees) > p { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function.
  private static func beta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    let front = Double.exp(
      Double.logGamma(a + b) - Double.logGamma(a) - Double.logGamma(b) + a * Double.log(x)
        + b * Double.log(onePlus: -x))
    // The fraction converges fast on this side of the mean only.
    if x < (a + 1) / (a + b + 2) { return front * fraction(x, a, b) / a }
    return 1 - front * fraction(1 - x, b, a) / b
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let least = 1e-300
    func floored(_ value: Double) -> Double { value.magnitude < least ? least : value }
    var c = 1.0
    var d = 1 / floored(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1..<500 {
      let m = Double(m)
      for term in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 / floored(1 + term * d)
        c = floored(1 + term / c)
        result *= d * c
      }
      if (d * c - 1).magnitude < 1e-15 { break }
    }
    return result
  }
}
