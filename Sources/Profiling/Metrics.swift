/// Which direction of a metric is the better one.
public enum Polarity: String, Codable, Hashable, Sendable {
  /// More is better.
  case higher
  /// Less is better.
  case lower
  /// Neither as such.
  case neutral
}

/// What derived metrics are computed from; a number that was not measured is nil or missing.
public struct MetricInput: Hashable, Sendable {
  /// Analytic operations of one pass.
  public var flops: Double
  /// Bytes that the implementation moves, re-reads included.
  public var trafficBytes: Double
  /// Median time of one pass.
  public var timeNs: Double?
  /// Events of one pass by name.
  public var events: [String: Double]
  /// Peak rate for the precision, FLOP/s.
  public var peakFlopsPerSecond: Double?
  /// The longer of the two roofline times (`memory_ns`, `compute_ns`).
  public var roofNs: Double?
  /// Bytes of a cache line.
  public var lineBytes: Double
  /// What became of the core's slots.
  public var topDown: TopDownFractions?
  /// Operations by the CPU's own count.
  public var measuredFlops: Double?
  /// Operations of the algorithm that ran, where that is not the direct one.
  public var algorithmFlops: Double?
  /// Operations that were executed, where these are not the analytic ones.
  public var executedFlops: Double?
  /// Share of the team's capacity that uneven work leaves unused.
  public var threadImbalance: Double?
  /// Threads that waited in a loop.
  public var waitingThreads: Int?

  /// Gathers the numbers.
  public init(
    flops: Double, trafficBytes: Double, timeNs: Double? = nil, events: [String: Double] = [:],
    peakFlopsPerSecond: Double? = nil, roofNs: Double? = nil, lineBytes: Double = 64,
    topDown: TopDownFractions? = nil, measuredFlops: Double? = nil,
    algorithmFlops: Double? = nil, executedFlops: Double? = nil,
    threadImbalance: Double? = nil, waitingThreads: Int? = nil
  ) {
    self.flops = flops
    self.trafficBytes = trafficBytes
    self.timeNs = timeNs
    self.events = events
    self.peakFlopsPerSecond = peakFlopsPerSecond
    self.roofNs = roofNs
    self.lineBytes = lineBytes
    self.topDown = topDown
    self.measuredFlops = measuredFlops
    self.algorithmFlops = algorithmFlops
    self.executedFlops = executedFlops ?? algorithmFlops
    self.threadImbalance = threadImbalance
    self.waitingThreads = waitingThreads
  }
}

/// A derived metric: its formula, its unit, and when it misleads.
public struct MetricDefinition: Sendable {
  /// Key in the record's `metrics`.
  public let name: String
  /// Unit as printed.
  public let unit: String
  /// Which direction is better.
  public let polarity: Polarity
  /// What it says, in one line.
  public let summary: String
  /// When it misleads.
  public let caveat: String
  /// Its value; nil when something it needs was not measured.
  public let value: @Sendable (MetricInput) -> Double?
}

/// The derived metrics of a layer or segment.
public enum Metrics {
  /// Every metric, in the order reports show them.
  public static let all: [MetricDefinition] = [
    MetricDefinition(
      name: "gflops_per_second", unit: "GFLOP/s", polarity: .higher,
      summary: "executed FLOP over the median time",
      caveat: "executed_flops where that is there, else the analytic count"
    ) { rate($0.executedFlops ?? $0.flops, over: $0.timeNs) },
    MetricDefinition(
      name: "gigabytes_per_second", unit: "GB/s", polarity: .higher,
      summary: "traffic_bytes over the median time",
      caveat: "analytic bytes: says nothing about which cache level delivered them"
    ) { rate($0.trafficBytes, over: $0.timeNs) },
    MetricDefinition(
      name: "traffic_bytes", unit: "B", polarity: .lower,
      summary: "compulsory bytes plus what the implementation reads again",
      caveat: "a model of the implementation; conflict misses and prefetching come on top"
    ) { $0.trafficBytes },
    MetricDefinition(
      name: "peak_fraction", unit: "of peak", polarity: .higher,
      summary: "gflops_per_second over the measured peak of the precision",
      caveat: "low is right for a memory-bound layer; see roof_fraction"
    ) {
      ratio(
        rate($0.executedFlops ?? $0.flops, over: $0.timeNs), $0.peakFlopsPerSecond.map { $0 / 1e9 })
    },
    MetricDefinition(
      name: "roof_fraction", unit: "of roof", polarity: .higher,
      summary: "the time the nearer roof allows over the median time",
      caveat: "a little above 1 it is at the roof; far above, the count of its bytes is wrong"
    ) { ratio($0.roofNs, $0.timeNs) },
    MetricDefinition(
      name: "ipc", unit: "instr/cycle", polarity: .neutral,
      summary: "instructions over cycles",
      caveat: "wide vectors do more per instruction: a faster kernel may have a lower IPC"
    ) { ratio($0.events["instructions"], $0.events["cycles"]) },
    missesPerKiloInstruction("l1_mpki", of: "l1d_misses", level: "L1 data"),
    missesPerKiloInstruction("l2_mpki", of: "l2_misses", level: "L2"),
    missesPerKiloInstruction("llc_mpki", of: "llc_misses", level: "last-level"),
    MetricDefinition(
      name: "dram_bytes", unit: "B", polarity: .lower,
      summary: "last-level read misses times the line size",
      caveat: "reads only; hardware prefetches may count as hits or not at all"
    ) { input in input.events["llc_misses"].map { $0 * input.lineBytes } },
    MetricDefinition(
      name: "flops_measured", unit: "FLOP", polarity: .neutral,
      summary: "floating-point operations by the CPU's own count, multiply-adds as two",
      caveat: "masked and padded vector lanes count; 8-bit integer and AMX work does not"
    ) { $0.measuredFlops },
    MetricDefinition(
      name: "flops_ratio", unit: "of analytic", polarity: .neutral,
      summary: "flops_measured over the analytic FLOP of the direct algorithm",
      caveat: "below 1 for Winograd (see algorithm_flops_ratio), above 1 for padding"
    ) { $0.flops > 0 ? ratio($0.measuredFlops, $0.flops) : nil },
    MetricDefinition(
      name: "executed_flops", unit: "FLOP", polarity: .neutral,
      summary: "FLOP that ran: taps in the padding left out, by the algorithm that ran",
      caveat: "only where it is not the analytic count; computed, not measured"
    ) { $0.executedFlops },
    MetricDefinition(
      name: "algorithm_flops", unit: "FLOP", polarity: .neutral,
      summary: "FLOP of the algorithm that ran, transforms and tiles over the edge included",
      caveat: "only where it is not the direct one (Winograd); computed, not measured"
    ) { $0.algorithmFlops },
    MetricDefinition(
      name: "algorithm_flops_ratio", unit: "of analytic", polarity: .neutral,
      summary: "algorithm_flops over the analytic FLOP of the direct algorithm",
      caveat: "what flops_ratio should be; fewer operations need not be less time"
    ) { $0.flops > 0 ? ratio($0.algorithmFlops, $0.flops) : nil },
    MetricDefinition(
      name: "thread_imbalance", unit: "of capacity", polarity: .lower,
      summary: "(max - mean) / max x n / (n - 1) of the threads' FLOP, instructions or task-clock",
      caveat: "waiting threads spin: task-clock counts that as work, instructions a little of it"
    ) { $0.threadImbalance },
    MetricDefinition(
      name: "waiting_threads", unit: "threads", polarity: .lower,
      summary: "threads that were on a CPU and did less than a tenth of what the busiest did",
      caveat: "their cycles and instructions are those of a waiting loop, not of the layer"
    ) { $0.waitingThreads.map(Double.init) },
    slots("frontend", "no instructions arrived", \.frontend),
    slots("bad_speculation", "work was thrown away", \.badSpeculation),
    slots("retiring", "work was done", \.retiring),
    slots("backend", "nothing could take work up", \.backend),
    slots("memory", "the backend waited for memory", \.memory),
    slots("core", "the backend waited for anything but memory", \.core),
  ]

  /// The metrics that the input allows, by name; none that is missing, none that is not finite.
  public static func derive(from input: MetricInput) -> MetricValues {
    var values = MetricValues()
    for metric in all {
      guard let value = metric.value(input), value.isFinite else { continue }
      values[MetricName(metric.name)] = value
    }
    return values
  }

  private static func slots(
    _ name: String, _ what: String,
    _ part: @escaping @Sendable (TopDownFractions) -> Double?
  ) -> MetricDefinition {
    MetricDefinition(
      name: "topdown_\(name)", unit: "of slots",
      polarity: name == "retiring" ? .higher : .lower,
      summary: "top-down: slots in which \(what)",
      caveat: "waiting threads spin and retire instructions; with two threads a core it misleads"
    ) { $0.topDown.flatMap(part) }
  }

  private static func missesPerKiloInstruction(
    _ name: String, of event: String, level: String
  ) -> MetricDefinition {
    MetricDefinition(
      name: name, unit: "misses/kinstr", polarity: .lower,
      summary: "\(level) read misses per thousand instructions",
      caveat: "falls when instructions are added, so compare misses between implementations"
    ) { ratio($0.events[event].map { $0 * 1000 }, $0.events["instructions"]) }
  }
}

/// Amount over nanoseconds: 10⁹ a second.
private func rate(_ amount: Double, over nanoseconds: Double?) -> Double? {
  ratio(amount, nanoseconds)
}

private func ratio(_ numerator: Double?, _ denominator: Double?) -> Double? {
  guard let numerator, let denominator, denominator > 0 else { return nil }
  return numerator / denominator
}
