import Profiling
import RealModule
import Session

/// What `--verbose` adds on standard error: every primitive with its formats, what was fused into
/// it, what else was tried, and what each thread counted.
struct Details {
  let record: RunRecord

  /// One block a layer, then one a segment that was counted.
  var lines: [String] {
    record.layers.flatMap(block)
      + record.segments.flatMap { segment -> [String] in
        let lines = counting(segment)
        return lines.isEmpty ? [] : ["segment \(segment.name)"] + lines
      }
  }

  private func block(_ layer: LayerRecord) -> [String] {
    var lines = ["\(layer.name) (\(layer.kind)\(layer.line.map { ", line \($0)" } ?? ""))"]
    if let host = layer.fusedInto { lines.append("  runs inside \(host)") }
    if layer.primitives.isEmpty, layer.fusedInto == nil { lines.append("  nothing runs") }
    lines += layer.primitives.flatMap(primitive)
    return lines + counting(layer)
  }

  /// What each thread counted, how evenly they worked, and what counting cost.
  private func counting(_ row: some MeasuredRow) -> [String] {
    let metrics = row.metrics
    let threads = (row.counters?.threads ?? []).enumerated().map { index, events in
      "  thread \(index): "
        + events.sorted { $0.key < $1.key }.map {
          "\($0.key) \(Int64($0.value))" + ($0.key.hasSuffix("-clock") ? " ns" : "")
        }
        .joined(separator: ", ")
    }
    var facts: [String] = []
    if let imbalance = metrics[.threadImbalance] {
      facts.append("imbalance \(percent(imbalance))")
    }
    if let waiting = metrics[.waitingThreads] {
      facts.append("\(Int(rounding: waiting)) threads waited in a loop")
    }
    if let inflation = metrics[.countedInflation] {
      facts.append("it took \(percent(inflation)) longer while it was counted")
    }
    if let ratio = metrics[.algorithmFlopsRatio] {
      facts.append("Winograd: fewer FLOP than counted (\(percent(ratio)))")
    }
    return threads + (facts.isEmpty ? [] : ["  " + facts.joined(separator: " · ")])
  }

  private func percent(_ fraction: Double) -> String { "\((fraction * 1000).rounded() / 10) %" }

  private func primitive(_ primitive: PrimitiveRecord) -> [String] {
    let formats = primitive.formats.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let head = [
      primitive.kind, primitive.implementation, primitive.algorithm,
      formats.isEmpty ? nil : formats.joined(separator: ", "),
      primitive.postOps.isEmpty ? nil : "then " + primitive.postOps.joined(separator: ", "),
      primitive.time.map { microseconds($0.median) },
      primitive.numericalError.map(Details.error),
    ]
    var lines = ["  " + head.compactMap(\.self).joined(separator: " · ")]
    let others = primitive.alternatives.sorted { $0.time ?? .infinity < $1.time ?? .infinity }
    for other in others {
      let time = other.fault ?? other.time.map(microseconds) ?? "not timed (reference loops)"
      let formats = ["src", "weights", "dst"].compactMap { role in other.formats?[role] }
      let facts = [
        other.implementation, other.algorithm, formats.joined(separator: " "), time,
        other.numericalError.map(Details.error),
      ].compactMap(\.self).filter { !$0.isEmpty }
      lines.append("    tried: " + facts.joined(separator: " · "))
    }
    return lines
  }

  private static func error(_ share: Double) -> String {
    let digits = Int(Double.log10(max(share, 1e-12)).rounded(.down))
    return "off by \((share / Double.pow(10, digits) * 10).rounded() / 10)e\(digits)"
  }

  private func microseconds(_ nanoseconds: Double) -> String {
    "\((nanoseconds / 100).rounded() / 10) µs"
  }
}
