internal import RealModule

/// A logarithmic axis: whole decades that hold the data, mapped to a range of coordinates.
struct LogScale {
  /// Ends of the axis.
  let low: Double
  let high: Double
  /// Coordinates of the ends.
  let start: Double
  let end: Double

  /// An axis that holds positive values with a little room.
  ///
  /// It ends at 1, 2 or 5 times a power of ten.
  init(holding values: [Double], from start: Double, to end: Double) {
    let known = values.filter { $0 > 0 && $0.isFinite }
    let smallest = known.min() ?? 1
    let largest = known.max() ?? 10
    low = Self.step(below: smallest / 1.4)
    high = Swift.max(Self.step(above: largest * 1.4), low * 10)
    self.start = start
    self.end = end
  }

  /// The coordinate of a value.
  func callAsFunction(_ value: Double) -> Double {
    let part = (Double.log(value) - Double.log(low)) / (Double.log(high) - Double.log(low))
    return start + (end - start) * part
  }

  /// Values for labelled grid lines: powers of ten, and between them 2 and 5 on a short axis.
  var ticks: [Double] {
    let short = high / low < 300
    var ticks: [Double] = []
    var decade = Self.power(below: low)
    while decade <= high {
      for factor in short ? [1.0, 2, 5] : [1.0] {
        let tick = decade * factor
        if tick >= low * 0.999, tick <= high * 1.001 { ticks.append(tick) }
      }
      decade *= 10
    }
    return ticks
  }

  private static func power(below value: Double) -> Double {
    Double.pow(10, Double.log10(value).rounded(.down))
  }

  private static func step(below value: Double) -> Double {
    let decade = power(below: value)
    return [5.0, 2, 1].map { $0 * decade }.first { $0 <= value } ?? decade
  }

  private static func step(above value: Double) -> Double {
    let decade = power(below: value)
    return [1.0, 2, 5, 10].map { $0 * decade }.first { $0 >= value } ?? decade * 10
  }
}
