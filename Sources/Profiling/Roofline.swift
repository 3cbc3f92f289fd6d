internal import RealModule

/// What the roofline rule judges a layer by.
public struct RooflineInput: Hashable, Sendable {
  /// Operations of one pass.
  public var flops: Double
  /// Peak rate for the layer's precision over all threads, FLOP/s.
  public var peakFlopsPerSecond: Double
  /// Bytes of weights, each once.
  public var weightBytes: Double
  /// Bytes of weights that the implementation reads again (a brgemm LSTM: every step after the
  /// first).
  public var rereadBytes: Double
  /// Bytes of inputs and outputs, each once.
  public var activationBytes: Double
  /// All weights and activations that one pass of the network touches.
  public var networkFootprintBytes: Double
  /// Time of one pass of the layer.
  public var timeNs: Double
  /// Primitives executed for it.
  public var steps: Int
  /// OpenMP threads.
  public var threads: Int
  /// Capacity of the last-level cache.
  public var lastLevelCacheBytes: Double
  /// Read bandwidth by working set, ascending.
  public var bandwidth: [Rooflines.Bandwidth]
  /// Memory bandwidth measured next to the run, 10⁹ bytes a second; nil: the curve's last point.
  public var memoryBandwidth: Double?
  /// Whether caches were emptied before the layer ran.
  public var cold: Bool

  /// Gathers the numbers; bytes and rates are over all threads.
  public init(
    flops: Double, peakFlopsPerSecond: Double, weightBytes: Double, rereadBytes: Double = 0,
    activationBytes: Double, networkFootprintBytes: Double, timeNs: Double, steps: Int = 1,
    threads: Int, lastLevelCacheBytes: Double, bandwidth: [Rooflines.Bandwidth],
    memoryBandwidth: Double? = nil, cold: Bool = false
  ) {
    self.flops = flops
    self.peakFlopsPerSecond = peakFlopsPerSecond
    self.weightBytes = weightBytes
    self.rereadBytes = rereadBytes
    self.activationBytes = activationBytes
    self.networkFootprintBytes = networkFootprintBytes
    self.timeNs = timeNs
    self.steps = steps
    self.threads = threads
    self.lastLevelCacheBytes = lastLevelCacheBytes
    self.bandwidth = bandwidth
    self.memoryBandwidth = memoryBandwidth
    self.cold = cold
  }

  /// Bytes that move: first touches and re-reads.
  public var trafficBytes: Double { weightBytes + rereadBytes + activationBytes }

  /// Bytes that must be resident for the layer alone.
  public var workingSetBytes: Double { weightBytes + activationBytes }
}

/// The roofline rule: what holds a layer back, judged by measured roofs.
///
/// With `t_f = flops / peak` and `t_m` the time the bytes need at the bandwidth of where they are:
/// * bandwidth of a working set: the measured curve up to 0.9 × the last-level cache, beyond it
///   the memory bandwidth;
/// * warm: re-reads and activations (just made by the layer before) at the layer's own working
///   set; weights at the network's footprint, because all other layers run between two uses;
/// * cold: every first touch at the memory bandwidth, re-reads at the layer's working set;
/// * `r = t_m / t_f`: above 2 memory-bound, below ½ core-bound, between balanced;
/// * `efficiency = max(t_m, t_f) / (t − dispatch)`, dispatch being 0.25 µs a step on one thread and
///   1 µs on more; below 0.35 neither roof explains the time: latency. The same when dispatch
///   alone is more than half of it, for the difference would be noise.
/// * above 1.15 a roof is wrong, the calibration suspect, and the confidence low.
///
/// The factor of two was chosen by counting label flips over 320 repeated observations.
public enum Roofline {
  /// `r` beyond which one roof is called the limit, and below whose inverse the other.
  public static let threshold = 2.0
  /// Efficiency from which a layer is called at the roof.
  public static let atRoof = 0.6
  /// Efficiency below which no roof explains the time.
  public static let latencyBelow = 0.35
  /// Efficiency above which the calibration is suspect.
  public static let suspectAbove = 1.15
  /// Share of the last-level cache that a working set can really have.
  public static let usableCache = 0.9

  /// Judges a layer; class `unknown`, method `none` without a time, a peak or a curve.
  ///
  /// Evidence: `memory_ns` (t_m), `compute_ns` (t_f), `ratio` (r; absent without FLOP),
  /// `efficiency`, `bandwidth_gbs` (traffic over t_m: the roof that applies), `dram_share` (part of
  /// t_m spent on bytes from memory), `peak_gflops`, `traffic_bytes`, `working_set_bytes`,
  /// `arithmetic_intensity` (FLOP a byte of traffic), `dispatch_ns`.
  public static func bound(_ input: RooflineInput) -> Bound {
    guard let roofs = roofs(input), input.timeNs > 0 else {
      return Bound(class: .unknown, method: .none, confidence: "low")
    }
    var evidence = evidence(of: input, roofs: roofs)
    evidence["dispatch_ns"] = Double(Swift.max(input.steps, 0)) * (input.threads > 1 ? 1000 : 250)
    return bound(evidence: evidence, timeNs: input.timeNs)
  }

  /// Judges by roofs that are known already: `memory_ns`, `compute_ns` and `dispatch_ns` of an
  /// earlier verdict's evidence, which ``bound(_:)`` gave.
  ///
  /// - Parameters:
  ///   - evidence: The earlier evidence; what else it holds is kept.
  ///   - timeNs: Time of one pass of the layer.
  /// - Returns: The verdict; class `unknown`, method `none` without the roofs or a time.
  public static func bound(evidence: [String: Double], timeNs: Double) -> Bound {
    guard let memory = evidence["memory_ns"], let compute = evidence["compute_ns"], timeNs > 0
    else { return Bound(class: .unknown, method: .none, confidence: "low") }
    let dispatch = evidence["dispatch_ns"] ?? 0
    var evidence = evidence
    evidence["efficiency"] = nil
    guard dispatch <= timeNs / 2 else {
      return Bound(class: .latency, method: .roofline, confidence: "high", evidence: evidence)
    }
    let efficiency = Swift.max(memory, compute) / (timeNs - dispatch)
    evidence["efficiency"] = efficiency
    return Bound(
      class: classify(memory: memory, compute: compute, efficiency: efficiency),
      method: .roofline, confidence: efficiency > suspectAbove ? "low" : "high",
      evidence: evidence)
  }

  /// Read bandwidth of a working set, interpolated in log(bytes), 10⁹ bytes a second.
  ///
  /// Outside the curve its ends hold; nil for an empty curve.
  public static func bandwidth(
    of workingSet: Double, curve: [Rooflines.Bandwidth]
  ) -> Double? {
    guard let first = curve.first, let last = curve.last else { return nil }
    if workingSet <= Double(first.bytes) { return first.gbs }
    guard let above = curve.firstIndex(where: { Double($0.bytes) >= workingSet }), above > 0 else {
      return last.gbs
    }
    let (low, high) = (curve[above - 1], curve[above])
    guard low.bytes > 0, high.bytes > low.bytes else { return high.gbs }
    let span = Double.log(Double(high.bytes)) - Double.log(Double(low.bytes))
    let part = (Double.log(workingSet) - Double.log(Double(low.bytes))) / span
    return low.gbs + (high.gbs - low.gbs) * part
  }

  /// The two times, and how much of the first is spent on memory.
  private struct Roofs {
    var memory: Double
    var compute: Double
    var dram: Double
  }

  private static func roofs(_ input: RooflineInput) -> Roofs? {
    guard input.peakFlopsPerSecond > 0, let end = input.bandwidth.last?.gbs,
      let own = bandwidth(of: input.workingSetBytes, curve: input.bandwidth),
      let network = bandwidth(of: input.networkFootprintBytes, curve: input.bandwidth)
    else { return nil }
    let memory = input.memoryBandwidth ?? end
    let usable = usableCache * input.lastLevelCacheBytes
    let ownSpills = input.workingSetBytes > usable
    let weightsSpill = input.cold || ownSpills || input.networkFootprintBytes > usable
    let activationsSpill = input.cold || ownSpills
    let parts = [
      (input.weightBytes, weightsSpill ? memory : network, weightsSpill),
      (input.activationBytes, activationsSpill ? memory : own, activationsSpill),
      (input.rereadBytes, ownSpills ? memory : own, ownSpills),
    ]
    guard parts.allSatisfy({ $0.1 > 0 }) else { return nil }
    // Bytes over 10⁹ bytes a second are nanoseconds.
    return Roofs(
      memory: parts.reduce(0) { $0 + $1.0 / $1.1 },
      compute: input.flops / input.peakFlopsPerSecond * 1e9,
      dram: parts.reduce(0) { $0 + ($1.2 ? $1.0 / $1.1 : 0) })
  }

  private static func classify(
    memory: Double, compute: Double, efficiency: Double
  ) -> Bound.Class {
    if efficiency < latencyBelow { return .latency }
    if memory > threshold * compute { return .memory }
    if compute > threshold * memory { return .core }
    return .balanced
  }

  private static func evidence(of input: RooflineInput, roofs: Roofs) -> [String: Double] {
    var evidence = [
      "memory_ns": roofs.memory, "compute_ns": roofs.compute,
      "peak_gflops": input.peakFlopsPerSecond / 1e9, "traffic_bytes": input.trafficBytes,
      "working_set_bytes": input.workingSetBytes,
    ]
    if roofs.compute > 0 { evidence["ratio"] = roofs.memory / roofs.compute }
    if roofs.memory > 0 {
      evidence["bandwidth_gbs"] = input.trafficBytes / roofs.memory
      evidence["dram_share"] = roofs.dram / roofs.memory
    }
    if input.trafficBytes > 0 {
      evidence["arithmetic_intensity"] = input.flops / input.trafficBytes
    }
    return evidence
  }
}
