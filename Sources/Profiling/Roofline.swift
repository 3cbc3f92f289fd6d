internal import RealModule

/// The roofline rule: what holds a layer back, judged by measured roofs.
///
/// With `t_f = flops / peak`, of the operations that are executed, and `t_m` the time the bytes need at
/// the bandwidth of where they are:
/// * bandwidth of a working set: the measured curve, whose end is memory. It was measured as layers
///   read, again and again from the first byte to the last, so that it also holds for sets somewhat
///   larger than a cache;
/// * warm: activations (just made by the layer before) at the layer's own working set; weights at the
///   network's footprint, because all other layers run between two uses; re-reads at the bytes that lie
///   between two reads of the same weight (of an LSTM the state's weights of one direction);
/// * cold: every first touch at the bandwidth of memory to caches that were emptied, re-reads as above;
/// * what is written costs what copying takes beyond reading, at the same working set;
/// * `roof_share = max(t_m, t_f) / t`, with the time of a pass that nothing disturbed: the part of
///   the time that the nearer roof explains. Below 0.25 no roof explains it: `latency`. From 0.45
///   on the roofs decide by `r = t_m / t_f`: above 2 `memory`, below ½ `core`. Everything between
///   is `balanced`: no single limit stands out;
/// * `efficiency = max(t_m, t_f) / (t − dispatch)`, with the median time and a dispatch of 0.25 µs a
///   step on one thread and 1 µs on more; absent where dispatch is more than half of the time.
///   Above 1.15 a roof is wrong, the calibration suspect, and the confidence `low`;
/// * `margin`: by which factor the deciding numbers may change before another class applies. Below
///   1.25, what medians differ by from run to run, the confidence is `medium`.
///
/// Where other programs took cores away all the time, not even the quickest pass was undisturbed: at 100
/// and more interruptions a second the confidence is `low`.
///
/// Between any two of `memory`, `core` and `latency` lies a zone of `balanced` that is a factor of
/// 1.8 (time) or 4 (ratio of the roofs) wide: a layer can change its class from run to run only to
/// or from `balanced`, unless its time or the roofs change by that much. A single threshold between
/// `latency` and the others gave other classes to one layer of fourteen. The factor of two was
/// chosen by counting label flips over 320 repeated observations.
public enum Roofline {
  /// `r` beyond which one roof is called the limit, and below whose inverse the other.
  public static let threshold = 2.0
  /// Efficiency from which a layer is called at the roof.
  public static let atRoof = 0.6
  /// Share of the time below which no roof explains it.
  public static let latencyBelow = 0.25
  /// Share of the time from which the nearer roof names the class.
  public static let explainedFrom = 0.45
  /// Interruptions a second from which a run is disturbed: a program that shares one core with it
  /// causes 200 and more (slices of a few milliseconds), a quiet machine some tens at most.
  public static let disturbedFrom = 100.0
  /// Factor of change up to which a class may be another one in the next run.
  public static let steadyFrom = 1.25
  /// Efficiency above which the calibration is suspect.
  public static let suspectAbove = 1.15
  /// Share of the last-level cache that a working set can really have: what is larger counts as
  /// bytes from memory.
  public static let usableCache = 0.9

  /// Judges a layer; class `unknown`, method `none` without a time, a peak or a curve.
  ///
  /// Evidence: `memory_ns` (t_m), `compute_ns` (t_f), `ratio` (r; absent without FLOP),
  /// `efficiency`, `roof_share`, `margin`, `interruptions_per_second`, `bandwidth_gbs` (traffic over t_m: the roof that applies), `dram_share` (part of
  /// t_m spent on bytes from memory), `peak_gflops`, `traffic_bytes`, `working_set_bytes`,
  /// `arithmetic_intensity` (executed FLOP a byte of traffic), `dispatch_ns`.
  public static func bound(_ input: RooflineInput) -> Bound {
    guard let roofs = roofs(input), input.timeNs > 0 else {
      return Bound(class: .unknown, method: .none, confidence: "low")
    }
    var evidence = evidence(of: input, roofs: roofs)
    evidence[.dispatchNs] = Double(Swift.max(input.steps, 0)) * dispatchNs(threads: input.threads)
    evidence[.interruptionsPerSecond] = input.interruptionsPerSecond
    return bound(
      evidence: evidence, timeNs: input.timeNs, undisturbedNs: input.undisturbedNs)
  }

  /// What the roofs allow a layer that has not run; its time is not asked.
  ///
  /// - Returns: Nil without a peak or a curve, and of a layer that moves nothing.
  public static func prediction(_ input: RooflineInput) -> RoofPrediction? {
    guard let roofs = roofs(input), max(roofs.memory, roofs.compute) > 0 else { return nil }
    let verdict = RooflineVerdict(memory: roofs.memory, compute: roofs.compute, share: 1)
    return RoofPrediction(
      class: verdict.class, leastNs: max(roofs.memory, roofs.compute), memoryNs: roofs.memory,
      computeNs: roofs.compute)
  }

  /// What handing one command to a team takes, ns.
  static func dispatchNs(threads: Int) -> Double { threads > 1 ? 1000 : 250 }

  /// Judges by roofs that are known already: `memory_ns`, `compute_ns` and `dispatch_ns` of an
  /// earlier verdict's evidence, which ``bound(_:)`` gave.
  ///
  /// - Parameters:
  ///   - evidence: The earlier evidence; what else it holds is kept.
  ///   - timeNs: Time of one pass of the layer.
  ///   - undisturbedNs: Time of a pass that nothing disturbed; `timeNs` when nil.
  /// - Returns: The verdict; class `unknown`, method `none` without the roofs or a time.
  public static func bound(
    evidence: Evidence, timeNs: Double, undisturbedNs: Double? = nil
  ) -> Bound {
    let undisturbed = undisturbedNs ?? timeNs
    guard let memory = evidence[.memoryNs], let compute = evidence[.computeNs], timeNs > 0,
      undisturbed > 0
    else { return Bound(class: .unknown, method: .none, confidence: "low") }
    let dispatch = evidence[.dispatchNs] ?? 0
    let roof = Swift.max(memory, compute)
    let efficiency = dispatch <= timeNs / 2 ? roof / (timeNs - dispatch) : nil
    let verdict = RooflineVerdict(memory: memory, compute: compute, share: roof / undisturbed)
    var evidence = evidence
    evidence[.efficiency] = efficiency
    evidence[.roofShare] = verdict.share
    evidence[.margin] = verdict.margin
    let isSteady = (verdict.margin ?? .infinity) >= steadyFrom
    let isDoubtful =
      (efficiency ?? 0) > suspectAbove
      || (evidence[.interruptionsPerSecond] ?? 0) >= disturbedFrom
    return Bound(
      class: verdict.class, method: .roofline,
      confidence: isDoubtful ? "low" : isSteady ? "high" : "medium",
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

  /// The curve with its end as it was next to the run.
  private static func curve(_ input: RooflineInput) -> [Rooflines.Bandwidth] {
    var curve = input.bandwidth
    if let memory = input.memory, !input.cold, let last = curve.indices.last {
      curve[last].gbs = memory.gbs
      curve[last].copyGbs = memory.copyGbs ?? curve[last].copyGbs
    }
    return curve
  }

  private static func roofs(_ input: RooflineInput) -> Roofs? {
    let curve = curve(input)
    let weightSet = Swift.max(input.workingSetBytes, input.networkFootprintBytes)
    guard input.peakFlopsPerSecond > 0, let end = curve.last,
      let own = BandwidthRoof(of: input.workingSetBytes, curve: curve),
      let network = BandwidthRoof(of: weightSet, curve: curve),
      let first = BandwidthRoof(
        gbs: input.memory?.gbs ?? end.gbs, copyGbs: input.memory?.copyGbs ?? end.copyGbs)
    else { return nil }
    let usable = usableCache * input.lastLevelCacheBytes
    let written = Swift.min(input.writtenBytes, input.activationBytes)
    let read = input.activationBytes - written
    var parts = [
      (
        ns: (input.cold ? first : network).time(reading: input.weightBytes),
        spills: input.cold || weightSet > usable
      ),
      (
        ns: (input.cold ? first : own).time(reading: read, writing: written),
        spills: input.cold || input.workingSetBytes > usable
      ),
    ]
    for reread in input.rereads where reread.bytes > 0 {
      guard let roof = BandwidthRoof(of: reread.setBytes, curve: curve) else { return nil }
      parts.append((ns: roof.time(reading: reread.bytes), spills: reread.setBytes > usable))
    }
    return Roofs(
      memory: parts.reduce(0) { $0 + $1.ns },
      compute: input.flops / input.peakFlopsPerSecond * 1e9,
      dram: parts.reduce(0) { $0 + ($1.spills ? $1.ns : 0) })
  }

  private static func evidence(of input: RooflineInput, roofs: Roofs) -> Evidence {
    var evidence: Evidence = [
      .memoryNs: roofs.memory, .computeNs: roofs.compute,
      .peakGflops: input.peakFlopsPerSecond / 1e9, .trafficBytes: input.trafficBytes,
      .workingSetBytes: input.workingSetBytes,
    ]
    if roofs.compute > 0 { evidence[.ratio] = roofs.memory / roofs.compute }
    if roofs.memory > 0 {
      evidence[.bandwidthGbs] = input.trafficBytes / roofs.memory
      evidence[.dramShare] = roofs.dram / roofs.memory
    }
    if input.trafficBytes > 0 {
      evidence[.arithmeticIntensity] = input.flops / input.trafficBytes
    }
    return evidence
  }
}
