import Measuring

/// Whether two implementations of one operation gave the same numbers, but for rounding.
enum ResultCheck {
  /// The largest share of numbers that may be finite in one result alone: where a root or a logarithm
  /// follows, rounding decides on which side of zero a number lies.
  static let strays = 0.001

  /// Compares results element by element.
  ///
  /// - Parameters:
  ///   - result: What was computed.
  ///   - expected: What oneDNN's own choice computed.
  ///   - tolerance: The largest difference as a share of the largest finite magnitude expected.
  /// - Returns: Whether they agree.
  static func agrees(_ result: [Float], with expected: [Float], tolerance: Float) -> Bool {
    guard result.count == expected.count else { return false }
    var largest: Float = 0
    for value in expected where value.isFinite { largest = max(largest, abs(value)) }
    let allowed = tolerance * largest
    var strays = 0
    for (one, other) in zip(result, expected) {
      if one == other || (one.isNaN && other.isNaN) { continue }
      if !one.isFinite || !other.isFinite {
        strays += 1
      } else if abs(one - other) > allowed {
        return false
      }
    }
    return Double(strays) <= ResultCheck.strays * Double(expected.count)
  }
}
