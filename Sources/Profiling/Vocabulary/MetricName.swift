/// What derived numbers are called; ``Metrics`` has the formulas.
public struct MetricName: NumberName {
  /// The name in JSON.
  public let name: String

  /// Names a number, also one that this version does not know.
  public init(_ name: String) { self.name = name }

  /// Executed FLOP over the median time, 10⁹ a second.
  public static let gflopsPerSecond = Self("gflops_per_second")
  /// Traffic over the median time, 10⁹ bytes a second.
  public static let gigabytesPerSecond = Self("gigabytes_per_second")
  /// Compulsory bytes and what the implementation reads again.
  public static let trafficBytes = Self("traffic_bytes")
  /// Instructions over cycles.
  public static let ipc = Self("ipc")
  /// Last-level read misses times the line size.
  public static let dramBytes = Self("dram_bytes")
  /// FLOP that ran, where these are not the analytic ones.
  public static let executedFlops = Self("executed_flops")
  /// FLOP of the algorithm that ran, where that is not the direct one.
  public static let algorithmFlops = Self("algorithm_flops")
  /// These over the analytic ones.
  public static let algorithmFlopsRatio = Self("algorithm_flops_ratio")
  /// Share of the team's capacity that uneven work leaves unused.
  public static let threadImbalance = Self("thread_imbalance")
  /// Threads that waited in a loop.
  public static let waitingThreads = Self("waiting_threads")
  /// Drift of cycles or instructions between groups of events.
  public static let counterDrift = Self("counter_drift")
  /// 1 where a layer has too few instructions for its events to be relied on.
  public static let belowCounterFloor = Self("below_counter_floor")
  /// How much longer it took while it was counted.
  public static let countedInflation = Self("counted_inflation")
}
