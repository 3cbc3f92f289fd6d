internal import Profiling
internal import RealModule

/// The roofline plot of a record: every timed layer a point below the machine's measured roofs.
///
/// Williams, Waterman and Patterson, "Roofline", CACM 52 (2009). The x axis is the traffic of the
/// implementation, re-reads included, so that a layer cannot stand above the roof that holds it.
struct RooflinePlot {
  private static let left = 56.0
  private static let right = 624.0
  private static let top = 16.0
  private static let bottom = 372.0

  /// A layer on the plot.
  private struct Point {
    var layer: LayerRecord
    var intensity: Double
    var rate: Double
  }

  /// A line on the plot.
  private struct Roof {
    var name: String
    var gbs: Double
  }

  private let points: [Point]
  private let roofs: [Roof]
  private let peaks: [(name: String, gflops: Double)]
  private let x: LogScale
  private let y: LogScale

  /// Nil when there are no roofs, or no layer has a time and FLOP.
  init?(_ record: RunRecord) {
    guard let measured = record.machine.rooflines else { return nil }
    let points = record.layers.compactMap(Self.point)
    guard !points.isEmpty else { return nil }
    let roofs = Self.roofs(measured, machine: record.machine)
    let peaks = Self.peaks(measured, precisions: Set(record.layers.map(\.precision)))
    let ridges = roofs.compactMap { roof in peaks.first.map { $0.gflops / roof.gbs } }
    self.points = points
    self.roofs = roofs
    self.peaks = peaks
    x = LogScale(
      holding: points.flatMap { [$0.intensity / 2, $0.intensity] } + [ridges.max() ?? 1],
      from: Self.left,
      to: Self.right)
    y = LogScale(
      holding: points.map(\.rate) + peaks.map(\.gflops), from: Self.bottom, to: Self.top)
  }

  private static func point(_ layer: LayerRecord) -> Point? {
    guard let time = layer.time?.median, time > 0, layer.flops > 0 else { return nil }
    let traffic = layer.metrics["traffic_bytes"] ?? Double(layer.bytes.total)
    guard traffic > 0 else { return nil }
    let rate = Double(layer.flops) / time
    let intensity = Double(layer.flops) / traffic
    guard rate > 1e-9, rate < 1e9, intensity > 1e-9, intensity < 1e9 else { return nil }
    return Point(layer: layer, intensity: intensity, rate: rate)
  }

  /// Memory, and of every cache level the bandwidth of a working set half its size.
  private static func roofs(_ measured: Rooflines, machine: MachineInfo) -> [Roof] {
    guard let memory = measured.bandwidth.last, memory.gbs > 0 else { return [] }
    let caches = machine.caches.filter { $0.kind != "instruction" }
      .sorted { $0.level > $1.level }
      .compactMap { cache -> Roof? in
        let shared = Swift.max(cache.sharedBy ?? 1, 1)
        let instances = Swift.max((measured.threads + shared - 1) / shared, 1)
        let half = Double(cache.bytes) * Double(instances) / 2
        guard let gbs = Roofline.bandwidth(of: half, curve: measured.bandwidth), gbs > 0 else {
          return nil
        }
        return Roof(name: "L\(cache.level)", gbs: gbs)
      }
    return [Roof(name: "DRAM", gbs: memory.gbs)] + caches
  }

  private static func peaks(
    _ measured: Rooflines, precisions: Set<String>
  ) -> [(name: String, gflops: Double)] {
    let peak = measured.peakFlops
    let all = [("f32", peak.f32), ("bf16", peak.bf16 ?? 0), ("int8", peak.int8 ?? 0)]
    let used = all.filter { precisions.contains($0.0) && $0.1 > 0 }
    return (used.isEmpty ? all.prefix(1) : used[...])
      .map { (name: $0.0, gflops: $0.1 / 1e9) }.sorted { $0.gflops > $1.gflops }
  }

  /// The figure.
  func svg() -> String {
    """
    <svg class="\(points.count > 80 ? "many" : "few")" viewBox="0 0 640 420" role="img" \
    aria-label="Roofline plot: GFLOP/s over FLOP per byte">
    \(grid())\(lines())\(circles())\(labels())</svg>

    """
  }

  private func grid() -> String {
    var svg = ""
    for tick in x.ticks {
      let at = Markup.coordinate(x(tick))
      svg += "<line class=\"grid\" x1=\"\(at)\" y1=\"16\" x2=\"\(at)\" y2=\"372\"/>"
      svg += "<text x=\"\(at)\" y=\"389\" text-anchor=\"middle\">\(Self.label(tick))</text>\n"
    }
    for tick in y.ticks {
      let at = Markup.coordinate(y(tick))
      let below = Markup.coordinate(y(tick) + 4)
      svg += "<line class=\"grid\" x1=\"56\" y1=\"\(at)\" x2=\"624\" y2=\"\(at)\"/>"
      svg += "<text x=\"49\" y=\"\(below)\" text-anchor=\"end\">\(Self.label(tick))</text>\n"
    }
    svg += "<text x=\"624\" y=\"412\" text-anchor=\"end\">FLOP per byte of traffic</text>\n"
    return svg + "<text x=\"56\" y=\"8\">GFLOP/s</text>\n"
  }

  private static func label(_ tick: Double) -> String {
    tick >= 1000 ? "\(Markup.coordinate(tick / 1000)) k" : Markup.coordinate(tick, decimals: 6)
  }

  /// Bandwidth roofs rise to the highest peak; peaks are level from the memory roof on.
  private func lines() -> String {
    guard let top = peaks.first else { return "" }
    var svg = ""
    for (place, roof) in roofs.enumerated() {
      let from = Swift.max(x.low, y.low / roof.gbs)
      let to = Swift.min(x.high, top.gflops / roof.gbs)
      guard from < to else { continue }
      let main = place == 0 ? " main" : ""
      svg += line("roof\(main)", from, from * roof.gbs, to, to * roof.gbs)
      svg += slopedLabel("\(roof.name) \(Figures.short(roof.gbs)) GB/s", roof: roof, at: from)
    }
    let fastest = roofs.map(\.gbs).max() ?? 1
    for (place, peak) in peaks.enumerated() {
      let main = place == 0 ? " main" : ""
      let from = Swift.max(x.low, peak.gflops / fastest)
      svg += line("roof\(main)", from, peak.gflops, x.high, peak.gflops)
      let above = Markup.coordinate(y(peak.gflops) - 6)
      let text = "\(peak.name) peak \(Figures.prefixed(peak.gflops * 1e9))FLOP/s"
      svg += "<text x=\"622\" y=\"\(above)\" text-anchor=\"end\">\(Markup.escape(text))</text>\n"
    }
    return svg
  }

  private func line(
    _ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
  ) -> String {
    let ends = [x(x1), y(y1), x(x2), y(y2)].map { Markup.coordinate($0) }
    return "<line class=\"\(style)\" x1=\"\(ends[0])\" y1=\"\(ends[1])\" x2=\"\(ends[2])\" "
      + "y2=\"\(ends[3])\"/>\n"
  }

  private func slopedLabel(_ text: String, roof: Roof, at intensity: Double) -> String {
    let (x1, y1) = (x(intensity), y(intensity * roof.gbs))
    let (x2, y2) = (x(intensity * 10), y(intensity * 10 * roof.gbs))
    let angle = Double.atan2(y: y2 - y1, x: x2 - x1) * 180 / Double.pi
    let place = "translate(\(Markup.coordinate(x1)) \(Markup.coordinate(y1)))"
    return "<text transform=\"\(place) rotate(\(Markup.coordinate(angle)))\" x=\"10\" y=\"-5\">"
      + "\(Markup.escape(text))</text>\n"
  }

  /// Large points first, so that small ones stay in reach.
  private var ordered: [Point] {
    points.sorted { ($0.layer.share ?? 0, $1.layer.index) > ($1.layer.share ?? 0, $0.layer.index) }
  }

  private func radius(_ point: Point) -> Double {
    4 + 12 * Swift.max(0, Swift.min(point.layer.share ?? 0, 1)).squareRoot()
  }

  private func circles() -> String {
    ordered.map { point in
      let layer = point.layer
      let bound = layer.bound.map { "\n\(BoundText.cell($0)) of its roof" } ?? ""
      let share = layer.share.map { ", \(Figures.percent($0)) % of the time" } ?? ""
      let title =
        "\(layer.name) (\(layer.kind))\(share)\n\(Figures.short(point.rate)) GFLOP/s at "
        + "\(Figures.short(point.intensity)) FLOP/B\(bound)"
      return "<circle class=\"point \(Markup.cssClass(layer.bound?.class))\" "
        + "cx=\"\(Markup.coordinate(x(point.intensity)))\" "
        + "cy=\"\(Markup.coordinate(y(point.rate)))\" r=\"\(Markup.coordinate(radius(point)))\">"
        + "<title>\(Markup.escape(title))</title></circle>\n"
    }.joined()
  }

  /// Names of the layers that matter, where they do not cover one another.
  private func labels() -> String {
    var taken: [(x: ClosedRange<Double>, y: ClosedRange<Double>)] = []
    var svg = ""
    for point in ordered.prefix(12) where (point.layer.share ?? 0) >= 0.005 {
      let name = DisplayText.elide(point.layer.name, to: 22)
      let width = Double(DisplayText.width(name)) * 7 + 6
      let (cx, cy) = (x(point.intensity), y(point.rate))
      let toTheLeft = cx + radius(point) + width > Self.right
      let start = toTheLeft ? cx - radius(point) - width : cx + radius(point) + 4
      let box = (x: start...(start + width), y: (cy - 8)...(cy + 8))
      guard !taken.contains(where: { $0.x.overlaps(box.x) && $0.y.overlaps(box.y) }) else {
        continue
      }
      taken.append(box)
      svg += "<text class=\"name\" x=\"\(Markup.coordinate(start))\" "
      svg += "y=\"\(Markup.coordinate(cy + 4))\">\(Markup.escape(name))</text>\n"
    }
    return svg
  }
}
