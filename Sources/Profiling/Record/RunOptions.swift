/// How the run was measured.
public struct RunOptions: Codable, Hashable, Sendable {
  /// Batch size of the first input.
  public var batch: Int
  /// OpenMP threads asked for, or by default; absent where an imported file does not say.
  public var threads: Int?
  /// OpenMP threads that the runtime gave; absent in records of older versions.
  ///
  /// The environment (`OMP_THREAD_LIMIT`, …) can keep a team smaller. Roofs, rates and counts are
  /// those of the threads that ran.
  public var threadsRan: Int?
  /// The numbers that were asked for.
  public var precision: PrecisionName
  /// Measured passes; absent until measured.
  public var iterations: Int?
  /// Warm-up passes.
  public var warmup: Int?
  /// `warm` or `cold`.
  public var cache: String
  /// Whether post-ops were fused.
  public var fusion: Bool
  /// `auto`, `fast` or `search`.
  public var tuning: String
  /// Seconds that `auto` might search for; absent for other tunings.
  public var tuningBudget: Double?
  /// Whether algorithms that round otherwise were refused; absent where they were not.
  public var exact: Bool?
  /// Seed of weights and inputs; absent in imported records.
  public var seed: UInt64?
  /// The `--layers` selection as given or defaulted.
  public var layers: String
  /// The `--counters` choice as given or defaulted.
  public var counters: String
  /// Cap on oneDNN's ISA, if one was given.
  public var isa: String?
  /// Where its threads ran; absent in records of older versions.
  public var pinning: Pinning?
  /// How many processes measured it; absent when samples are passes of one process.
  ///
  /// Every time's samples are then the medians of the processes, in the order they ran.
  public var processes: Int?
  /// What names the rounds in which its processes took turns with others'; absent when alone.
  ///
  /// Records with the same name saw the same moments of the machine.
  public var rounds: String?
  /// The engine that ran the network, like `onnxruntime`; absent for ntprof's own.
  public var engine: String?

  /// The threads that ran, as far as the record knows.
  public var teamSize: Int? { threadsRan ?? threads }

  /// Describes a run.
  public init(
    batch: Int, threads: Int?, precision: PrecisionName = .f32, iterations: Int? = nil,
    warmup: Int? = nil, cache: String = "warm", fusion: Bool = true, tuning: String = "fast",
    seed: UInt64?, layers: String = "all", counters: String = "auto", isa: String? = nil
  ) {
    self.batch = batch
    self.threads = threads
    self.precision = precision
    self.iterations = iterations
    self.warmup = warmup
    self.cache = cache
    self.fusion = fusion
    self.tuning = tuning
    self.seed = seed
    self.layers = layers
    self.counters = counters
    self.isa = isa
  }
}
