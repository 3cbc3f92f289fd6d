import Glibc
import Profiling

/// What `--verbose` adds on standard error: every primitive with its formats, what was fused into
/// it, and what else was tried.
struct Details {
  let record: RunRecord

  /// One block a layer.
  var lines: [String] {
    record.layers.flatMap { layer in
      ["\(layer.name) (\(layer.kind)\(layer.line.map { ", line \($0)" } ?? ""))"]
        + (layer.fusedInto.map { ["  runs inside \($0)"] } ?? [])
        + (layer.primitives.isEmpty && layer.fusedInto == nil ? ["  nothing runs"] : [])
        + layer.primitives.flatMap(primitive)
    }
  }

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
      let time = other.time.map(microseconds) ?? "not timed (reference loops)"
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
    let digits = Int(log10(max(share, 1e-12)).rounded(.down))
    return "off by \((share / pow(10, Double(digits)) * 10).rounded() / 10)e\(digits)"
  }

  private func microseconds(_ nanoseconds: Double) -> String {
    "\((nanoseconds / 100).rounded() / 10) µs"
  }
}
