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
    bandwidths = Self.bandwidths(measured, record)
    if bandwidths.isEmpty || peaks.isEmpty { return nil }
  }

  /// Memory as the layers were held against it, and of every cache level the bandwidth of a working set half its size.
  private static func bandwidths(
    _ measured: Rooflines, _ record: RunRecord
  ) -> [(name: String, gbs: Double)] {
    let isCold = record.options.cache == "cold"
    let memory = measured.memory(cold: isCold)?.gbs ?? measured.bandwidth.last?.gbs ?? 0
    guard memory > 0 else { return [] }
    let caches = record.machine.caches.filter { $0.kind != "instruction" }
      .sorted { $0.level > $1.level }
      .compactMap { cache -> (name: String, gbs: Double)? in
        let shared = Swift.max(cache.sharedBy ?? 1, 1)
        let instances = Swift.max((measured.threads + shared - 1) / shared, 1)
        let half = Double(cache.bytes) * Double(instances) / 2
        guard let gbs = Roofline.bandwidth(of: half, curve: measured.bandwidth), gbs > 0 else {
          return nil
        }
        return (name: "L\(cache.level)", gbs: gbs)
      }
    return [(name: "DRAM", gbs: memory)] + caches
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
}
