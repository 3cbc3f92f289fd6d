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
  /// Time of a pass that nothing disturbed; `timeNs` when nil.
  public var undisturbedNs: Double?
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
  /// How often a second other programs took a core from the run; nil when unknown.
  public var interruptionsPerSecond: Double?

  /// Gathers the numbers; bytes and rates are over all threads.
  public init(
    flops: Double, peakFlopsPerSecond: Double, weightBytes: Double, rereadBytes: Double = 0,
    activationBytes: Double, networkFootprintBytes: Double, timeNs: Double,
    undisturbedNs: Double? = nil, steps: Int = 1, threads: Int, lastLevelCacheBytes: Double,
    bandwidth: [Rooflines.Bandwidth], memoryBandwidth: Double? = nil, cold: Bool = false,
    interruptionsPerSecond: Double? = nil
  ) {
    self.flops = flops
    self.peakFlopsPerSecond = peakFlopsPerSecond
    self.weightBytes = weightBytes
    self.rereadBytes = rereadBytes
    self.activationBytes = activationBytes
    self.networkFootprintBytes = networkFootprintBytes
    self.timeNs = timeNs
    self.undisturbedNs = undisturbedNs
    self.steps = steps
    self.threads = threads
    self.lastLevelCacheBytes = lastLevelCacheBytes
    self.bandwidth = bandwidth
    self.memoryBandwidth = memoryBandwidth
    self.cold = cold
    self.interruptionsPerSecond = interruptionsPerSecond
  }

  /// Bytes that move: first touches and re-reads.
  public var trafficBytes: Double { weightBytes + rereadBytes + activationBytes }

  /// Bytes that must be resident for the layer alone.
  public var workingSetBytes: Double { weightBytes + activationBytes }
}
