internal import Profiling

/// Every measured pass in order, with the median and its interval: drift and outliers show here.
struct PassesPlot {
  /// The most samples that are drawn; of more, evenly spaced ones are.
  private static let limit = 1000

  private let time: TimeSummary

  /// Nil with fewer than three samples.
  init?(_ time: TimeSummary) {
    guard time.samples.count >= 3 else { return nil }
    self.time = time
  }

  /// The figure.
  func svg() -> String {
    let samples = time.samples
    let stride = (samples.count + Self.limit - 1) / Self.limit
    let lowest = samples.min() ?? 0
    let highest = samples.max() ?? 1
    let room = Swift.max((highest - lowest) * 0.08, highest * 0.002, 1e-9)
    let (low, high) = (lowest - room, highest + room)
    let unit = TimeUnit(largest: highest)
    func y(_ value: Double) -> Double { 372 - (value - low) / (high - low) * 356 }
    func x(_ pass: Int) -> Double { 72 + Double(pass) / Double(samples.count - 1) * 544 }
    var svg = """
      <svg viewBox="0 0 640 420" role="img" aria-label="Time of every pass, in order">

      """
    let step = LinearTicks.step(for: high - low, count: 5)
    for value in LinearTicks.values(from: low, to: high, step: step) {
      let at = Markup.coordinate(y(value))
      svg += "<line class=\"grid\" x1=\"64\" y1=\"\(at)\" x2=\"624\" y2=\"\(at)\"/>"
      svg += "<text x=\"57\" y=\"\(Markup.coordinate(y(value) + 4))\" text-anchor=\"end\">"
      svg += "\(unit.number(value, decimals: unit.decimals(telling: step)))</text>\n"
    }
    if let interval = time.interval {
      let top = y(interval.upperBound)
      let height = Swift.max(y(interval.lowerBound) - top, 1)
      svg += "<rect class=\"band\" x=\"64\" y=\"\(Markup.coordinate(top))\" width=\"560\" "
      svg +=
        "height=\"\(Markup.coordinate(height))\">"
      svg += "<title>95 % interval of the median</title></rect>\n"
    }
    let median = Markup.coordinate(y(time.median))
    svg += "<line class=\"median\" x1=\"64\" y1=\"\(median)\" x2=\"624\" y2=\"\(median)\"/>\n"
    let radius = samples.count > 200 ? "2" : "3.5"
    for pass in Swift.stride(from: 0, to: samples.count, by: stride) {
      svg += "<circle class=\"sample\" cx=\"\(Markup.coordinate(x(pass)))\" "
      svg += "cy=\"\(Markup.coordinate(y(samples[pass])))\" r=\"\(radius)\">"
      svg += "<title>pass \(pass + 1): \(TimeUnit.precise(samples[pass]))</title></circle>\n"
    }
    svg += "<text x=\"64\" y=\"8\">\(unit.rawValue)</text>\n"
    svg += "<text x=\"64\" y=\"392\">first pass</text>"
    svg += "<text x=\"624\" y=\"392\" text-anchor=\"end\">last of \(samples.count)</text>\n"
    return svg + "</svg>\n"
  }
}
