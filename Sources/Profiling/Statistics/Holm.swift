/// Holm's correction for many tests at once.
///
/// Of a hundred equal layers five differ "significantly" at 5 %; after the correction the chance
/// that any does is at most 5 %. Holm, "A Simple Sequentially Rejective Multiple Test Procedure",
/// Scandinavian Journal of Statistics 6 (1979).
public enum Holm {
  /// Adjusted probabilities in the order given: the `i`-th smallest of `n` is multiplied by
  /// `n − i`, never falls below the one before it, and stops at 1.
  ///
  /// - Complexity: O(n log n).
  public static func adjust(_ probabilities: [Double]) -> [Double] {
    let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var adjusted = probabilities
    var floor = 0.0
    for (place, index) in order.enumerated() {
      let scaled = probabilities[index] * Double(probabilities.count - place)
      floor = Swift.max(floor, Swift.min(scaled, 1))
      adjusted[index] = floor
    }
    return adjusted
  }
}
