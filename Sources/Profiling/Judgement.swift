/// What is known of a layer or a segment when it is judged.
public struct JudgementInput: Hashable, Sendable {
  /// Analytic operations, those of layers fused into it included.
  public var flops: Double
  /// Bytes the implementation moves, re-reads included.
  public var trafficBytes: Double
  /// Median time of one pass.
  public var timeNs: Double
  /// Peak rate for the precision over all threads, FLOP/s.
  public var peakFlopsPerSecond: Double?
  /// The roofline rule's verdict.
  public var roofline: Bound
  /// Events by record name, with their source.
  public var counters: CounterRecord?
  /// The catalogue's entry for the CPU that counted.
  public var cpu: Microarchitecture?
  /// Drift of cycles or instructions between groups of events.
  public var drift: Double?
  /// Instructions below which counted values are dominated by the reads around them.
  public var instructionFloor: Double?
  /// How much longer it took while it was counted, the reads left out: ratio of the medians − 1.
  public var countedInflation: Double?
  /// Operations of the algorithm that ran, where that is not the direct one.
  public var algorithmFlops: Double?
  /// Operations that were executed, where these are not the analytic ones.
  public var executedFlops: Double?

  /// Gathers the numbers.
  public init(
    flops: Double, trafficBytes: Double, timeNs: Double, peakFlopsPerSecond: Double?,
    roofline: Bound, counters: CounterRecord?, cpu: Microarchitecture? = nil,
    drift: Double? = nil, instructionFloor: Double? = nil, countedInflation: Double? = nil,
    algorithmFlops: Double? = nil, executedFlops: Double? = nil
  ) {
    self.flops = flops
    self.trafficBytes = trafficBytes
    self.timeNs = timeNs
    self.peakFlopsPerSecond = peakFlopsPerSecond
    self.roofline = roofline
    self.counters = counters
    self.cpu = cpu
    self.drift = drift
    self.instructionFloor = instructionFloor
    self.countedInflation = countedInflation
    self.algorithmFlops = algorithmFlops
    self.executedFlops = executedFlops
  }
}

/// Metrics and bound of a layer or segment, from everything that was measured of it.
public struct Judgement: Hashable, Sendable {
  /// Derived numbers.
  public var metrics: MetricValues
  /// What holds it back.
  public var bound: Bound

  /// Judges by top-down where the events allow it, else by the roofline rule.
  ///
  /// Below the counter floor the confidence in top-down is low.
  public init(_ input: JudgementInput) {
    let events = input.counters?.events.mapValues(\.value) ?? [:]
    let model = input.cpu?.topDown.value
    let evidence = input.roofline.evidence
    let threads = input.counters?.threads ?? []
    metrics = Metrics.derive(
      from: MetricInput(
        flops: input.flops, trafficBytes: input.trafficBytes, timeNs: input.timeNs, events: events,
        peakFlopsPerSecond: input.peakFlopsPerSecond,
        roofNs: [evidence[.memoryNs], evidence[.computeNs]].compactMap { $0 }.max(),
        topDown: model.flatMap { TopDown.fractions(of: events, by: $0) },
        measuredFlops: input.cpu?.measuredFlops(events), algorithmFlops: input.algorithmFlops,
        executedFlops: input.executedFlops,
        threadImbalance: ThreadBalance.work(of: threads, cpu: input.cpu)
          .flatMap(ThreadBalance.imbalance),
        waitingThreads: ThreadBalance.waiting(in: threads, cpu: input.cpu)))
    metrics[.counterDrift] = input.drift
    metrics[.countedInflation] = input.countedInflation
    let tooFew = Self.isBelowFloor(input.counters, input.instructionFloor)
    if tooFew { metrics[.belowCounterFloor] = 1 }
    bound = input.roofline
    guard let model, var found = TopDown.bound(events: events, model: model, drift: input.drift)
    else { return }
    if tooFew { found.confidence = "low" }
    bound = found
    metrics.roofline = evidence
  }

  /// Hardware counters only: simulated counts are exact however few.
  private static func isBelowFloor(_ counters: CounterRecord?, _ floor: Double?) -> Bool {
    guard let counters, let floor,
      [.papi, .perf].contains(counters.source),
      let instructions = counters.events[CommonEvent.instructions]?.value
    else { return false }
    return instructions < floor
  }
}
