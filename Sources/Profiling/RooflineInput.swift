/// What the roofline rule judges a layer by.
public struct RooflineInput: Hashable, Sendable {
  /// Weights that an implementation reads again (an LSTM: at every step after the first).
  public struct Reread: Hashable, Sendable {
    /// Bytes of all these reads.
    public var bytes: Double
    /// Bytes between two reads of the same weight: the working set of the reads.
    public var setBytes: Double

    /// Describes reads.
    public init(bytes: Double, setBytes: Double) {
      self.bytes = bytes
      self.setBytes = setBytes
    }
  }

  /// Operations that one pass executes: without taps in the padding, by the algorithm that ran.
  public var flops: Double
  /// Peak rate for the layer's precision over all threads, FLOP/s.
  public var peakFlopsPerSecond: Double
  /// Bytes of weights, each once.
  public var weightBytes: Double
  /// What is read again.
  public var rereads: [Reread]
  /// Bytes of inputs and outputs, each once.
  public var activationBytes: Double
  /// Those of ``activationBytes`` that are written.
  public var writtenBytes: Double
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
  /// Bandwidth by working set, ascending.
  public var bandwidth: [Rooflines.Bandwidth]
  /// What memory gives: next to the run, or to first touches with caches emptied; nil: the curve's
  /// last point.
  public var memory: Rooflines.Memory?
  /// Whether caches were emptied before the layer ran.
  public var cold: Bool
  /// How often a second other programs took a core from the run; nil when unknown.
  public var interruptionsPerSecond: Double?

  /// Gathers the numbers; bytes and rates are over all threads.
  public init(
    flops: Double, peakFlopsPerSecond: Double, weightBytes: Double, rereads: [Reread] = [],
    activationBytes: Double, writtenBytes: Double = 0, networkFootprintBytes: Double,
    timeNs: Double, undisturbedNs: Double? = nil, steps: Int = 1, threads: Int,
    lastLevelCacheBytes: Double, bandwidth: [Rooflines.Bandwidth],
    memory: Rooflines.Memory? = nil, cold: Bool = false, interruptionsPerSecond: Double? = nil
  ) {
    self.flops = flops
    self.peakFlopsPerSecond = peakFlopsPerSecond
    self.weightBytes = weightBytes
    self.rereads = rereads
    self.activationBytes = activationBytes
    self.writtenBytes = writtenBytes
    self.networkFootprintBytes = networkFootprintBytes
    self.timeNs = timeNs
    self.undisturbedNs = undisturbedNs
    self.steps = steps
    self.threads = threads
    self.lastLevelCacheBytes = lastLevelCacheBytes
    self.bandwidth = bandwidth
    self.memory = memory
    self.cold = cold
    self.interruptionsPerSecond = interruptionsPerSecond
  }

  /// Bytes that are read again.
  public var rereadBytes: Double { rereads.reduce(0) { $0 + $1.bytes } }

  /// Bytes that move: first touches and re-reads.
  public var trafficBytes: Double { weightBytes + rereadBytes + activationBytes }

  /// Bytes that must be resident for the layer alone.
  public var workingSetBytes: Double { weightBytes + activationBytes }
}
