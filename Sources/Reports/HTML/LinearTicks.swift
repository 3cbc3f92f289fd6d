internal import RealModule

/// Round values for the grid lines of a linear axis.
enum LinearTicks {
  /// A step of 1, 2 or 5 times a power of ten that gives about `count` lines over `span`.
  static func step(for span: Double, count: Int) -> Double {
    guard span > 0, span.isFinite else { return 1 }
    let raw = span / Double(count)
    let decade = Double.pow(10, Double.log10(raw).rounded(.down))
    return [1.0, 2, 5, 10].map { $0 * decade }.first { $0 >= raw } ?? decade
  }

  /// The multiples of `step` within the ends.
  static func values(from low: Double, to high: Double, step: Double) -> [Double] {
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    guard first <= last, last - first < 50 else { return [] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }
}
