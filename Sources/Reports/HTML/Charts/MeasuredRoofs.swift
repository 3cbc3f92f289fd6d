internal import Profiling

/// The roofs of a roofline plot: bandwidths by level and peaks by precision.
struct MeasuredRoofs {
  /// Memory first, then the caches from the last level inwards, in GB/s.
  let bandwidths: [(name: String, gbs: Double)]
  /// Peaks of the precisions that occur, highest first.
  let peaks: [(name: String, gflops: Double)]

  /// Nil when none were measured.
  init?(_ record: RunRecord) {
    guard let measured = record.machine.rooflines else { return nil }
    peaks = Self.peaks(measured, precisions: Set(record.layers.map(\.precision)))
    bandwidths = record.levelBandwidths.map { (name: $0.level, gbs: $0.gbs) }
    if bandwidths.isEmpty || peaks.isEmpty { return nil }
  }

  private static func peaks(
    _ measured: Rooflines, precisions: Set<PrecisionName>
  ) -> [(name: String, gflops: Double)] {
    let peak = measured.peakFlops
    let all: [(PrecisionName, Double)] = [
      (.f32, peak.f32), (.bf16, peak.bf16 ?? 0), (.int8, peak.int8 ?? 0),
    ]
    let used = all.filter { precisions.contains($0.0) && $0.1 > 0 }
    return (used.isEmpty ? all.prefix(1) : used[...])
      .map { (name: $0.0.rawValue, gflops: $0.1 / 1e9) }.sorted { $0.gflops > $1.gflops }
  }
}
