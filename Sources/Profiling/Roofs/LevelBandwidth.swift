/// What a level of the memory delivers.
public struct LevelBandwidth: Codable, Hashable, Sendable {
  /// `DRAM`, or a cache like `L2`.
  public var level: String
  /// Reading over all threads, 10^9 bytes a second.
  public var gbs: Double

  /// Makes a rate.
  public init(level: String, gbs: Double) {
    self.level = level
    self.gbs = gbs
  }
}

extension RunRecord {
  /// Memory as the layers were held against it, and of every cache level, the last one first, the
  /// bandwidth of a working set half its size; empty without a memory bandwidth above 0.
  public var levelBandwidths: [LevelBandwidth] {
    guard let measured = machine.rooflines else { return [] }
    let isCold = options.cache == "cold"
    let memory = measured.memory(cold: isCold)?.gbs ?? measured.bandwidth.last?.gbs
    guard let memory, memory > 0, memory.isFinite else { return [] }
    let caches = machine.caches.filter { $0.kind != "instruction" }.sorted { $0.level > $1.level }
    return [LevelBandwidth(level: "DRAM", gbs: memory)]
      + caches.compactMap { cache in
        let shared = Swift.max(cache.sharedBy ?? 1, 1)
        let instances = Swift.max((measured.threads + shared - 1) / shared, 1)
        let half = Double(cache.bytes) * Double(instances) / 2
        guard let gbs = Roofline.bandwidth(of: half, curve: measured.bandwidth), gbs > 0,
          gbs.isFinite
        else { return nil }
        return LevelBandwidth(level: "L\(cache.level)", gbs: gbs)
      }
  }
}

extension Rooflines {
  /// Why nothing can be held against these roofs; nil where something can.
  var fault: String? {
    if !(peakFlops.f32 > 0 && peakFlops.f32.isFinite) { return "its peak of FLOP/s is not above 0" }
    let rates = bandwidth.map(\.gbs)
    if rates.isEmpty || !rates.allSatisfy({ $0 > 0 && $0.isFinite }) {
      return "its bandwidths are not above 0"
    }
    return nil
  }
}
