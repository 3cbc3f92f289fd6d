public import Profiling

/// How far an engine's outputs are from ntprof's own.
public enum OutputComparison {
  /// Compares values in plain order.
  ///
  /// - Parameters:
  ///   - outputs: The engine's, in the order of the network's.
  ///   - references: ntprof's own in f32.
  /// - Returns: The largest difference over the largest magnitude, and the least cosine, over all
  ///   outputs; nil where sizes differ or a value is no number.
  public static func compare(_ outputs: [[Float]], with references: [[Float]]) -> OutputError? {
    guard outputs.count == references.count, !outputs.isEmpty else { return nil }
    var worst = OutputError(relative: 0, cosine: 1)
    for (found, wanted) in zip(outputs, references) {
      guard found.count == wanted.count else { return nil }
      var (difference, largest, dot, left, right) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (a, b) in zip(found, wanted) {
        let (x, y) = (Double(a), Double(b))
        guard x.isFinite else { return nil }
        difference = max(difference, (x - y).magnitude)
        largest = max(largest, y.magnitude)
        dot += x * y
        left += x * x
        right += y * y
      }
      let norm = (left * right).squareRoot()
      worst.relative = max(
        worst.relative, largest > 0 ? difference / largest : difference > 0 ? .infinity : 0)
      worst.cosine = min(worst.cosine, norm > 0 ? dot / norm : left == right ? 1 : 0)
    }
    return worst.relative.isFinite ? worst : nil
  }
}
