public import Profiling
import Topology

/// What was measured of one planned network, ready to fill the rows of a record.
public struct Measurement {
  /// The network's plan.
  public let steps: [PlanStep]
  /// The samples.
  public let sampler: Sampler
  /// Roofs for the run's thread count; `nil` when not calibrated.
  public let rooflines: Rooflines?
  /// What memory gave between the samples, or gives to emptied caches.
  public let memory: Rooflines.Memory?
  /// OpenMP threads.
  public let threads: Int
  /// Capacity of the last-level cache, bytes.
  public let lastLevelCacheBytes: Int
  /// Where counted events came from.
  public let counterSource: CounterSourceName
  /// Events of layers that were counted elsewhere, by index; they stand before the sampler's.
  public let layerCounters: [Int: CounterRecord]
  /// The event catalogue's entry for this CPU.
  public let cpu: Microarchitecture?
  /// Steps that run by another algorithm than the direct one, by index.
  public let algorithmWork: [Int: AlgorithmWork]
  /// Everything one pass touches: all weights and activations, bytes.
  let footprint: Double

  /// Gathers what was measured.
  public init(
    steps: [PlanStep], sampler: Sampler, rooflines: Rooflines?, memory: Rooflines.Memory?,
    threads: Int, lastLevelCacheBytes: Int, counterSource: CounterSourceName,
    layerCounters: [Int: CounterRecord] = [:], cpu: Microarchitecture? = nil,
    algorithmWork: [Int: AlgorithmWork] = [:]
  ) {
    self.steps = steps
    self.sampler = sampler
    self.rooflines = rooflines
    self.memory = memory
    self.threads = threads
    self.lastLevelCacheBytes = lastLevelCacheBytes
    self.counterSource = counterSource
    self.layerCounters = layerCounters
    self.cpu = cpu
    self.algorithmWork = algorithmWork
    footprint = steps.reduce(0) {
      $0 + Double($1.traffic.weightBytes + $1.traffic.activationBytes)
    }
  }
}

extension Measurement {
  /// Sum of step values over `chosen` in each row of `flat`.
  func sums(of flat: [Double], over chosen: [Int]) -> [Double] {
    guard !steps.isEmpty, !chosen.isEmpty else { return [] }
    return stride(from: 0, to: flat.count, by: steps.count).map { row in
      chosen.reduce(0) { $0 + flat[row + $1] }
    }
  }

  func time(over chosen: [Int]) -> TimeSummary? {
    let samples = sums(of: sampler.steps, over: chosen)
    return samples.isEmpty ? nil : TimeSummary(samples: samples)
  }

  /// Metrics and bound of some steps with the analytic work of what they compute, at most `peak`
  /// FLOP a second (that of f32 by default).
  func judge(
    _ work: CountedWork, peak: Double? = nil, over chosen: [Int], time: TimeSummary,
    counters: CounterRecord?
  ) -> Judgement {
    let peak = peak ?? rooflines?.peakFlops.f32
    let traffic = chosen.map { steps[$0].traffic }
    let weight = traffic.reduce(0) { $0 + Double($1.weightBytes) }
    let rereads = traffic.map(\.reread).filter { $0.bytes > 0 }.map {
      RooflineInput.Reread(bytes: Double($0.bytes), setBytes: Double($0.setBytes))
    }
    let reread = rereads.reduce(0) { $0 + $1.bytes }
    let activation = traffic.reduce(0) { $0 + Double($1.activationBytes) }
    let algorithm = algorithmFlops(work.executed, over: chosen)
    let skipped = chosen.reduce(0) { $0 + Double(steps[$1].skippedFlops) }
    let executed = (algorithm ?? Double(work.executed)) - skipped
    let roofline = Roofline.bound(
      RooflineInput(
        flops: executed, peakFlopsPerSecond: peak ?? 0,
        weightBytes: weight, rereads: rereads, activationBytes: activation,
        writtenBytes: traffic.reduce(0) { $0 + Double($1.writtenBytes) },
        networkFootprintBytes: footprint, timeNs: time.median, undisturbedNs: time.undisturbed,
        steps: chosen.reduce(0) { $0 + steps[$1].commandCount }, threads: threads,
        lastLevelCacheBytes: Double(lastLevelCacheBytes),
        bandwidth: rooflines?.bandwidth ?? [], memory: memory,
        cold: sampler.isCold, interruptionsPerSecond: sampler.interruptionsPerSecond))
    return Judgement(
      JudgementInput(
        flops: Double(work.counted), trafficBytes: weight + reread + activation,
        timeNs: time.median,
        peakFlopsPerSecond: peak, roofline: roofline, counters: counters,
        cpu: cpu, drift: drift(over: chosen), instructionFloor: instructionFloor,
        countedInflation: countedInflation(over: chosen),
        algorithmFlops: algorithm,
        executedFlops: executed == Double(work.counted) ? nil : executed))
  }
}

/// Operations of some layers by the direct algorithm.
struct CountedWork {
  /// As papers count.
  var counted = 0
  /// Without taps in the padding.
  var executed = 0
}

extension Measurement {
  /// The peak that layers of several precisions could have together.
  func peak(of layers: [LayerRecord]) -> Double? {
    rooflines?.peakFlops.rate(of: layers.map { (Double($0.flops), $0.precision) })
  }
}

extension RecordAssembler {
  /// Fills the measured parts of the layers' and segments' rows, and the unattributed rest; shares
  /// are of the timed pass's medians (``RunRecord/shareOut()``), which follow once that is filled.
  public func fill(
    _ record: inout RunRecord, with measurement: Measurement, fusedInto: [Int: Int]
  ) {
    var ofLayer = [[Int]](repeating: [], count: graph.layers.count)
    for (index, step) in measurement.steps.enumerated() { ofLayer[step.layer].append(index) }

    let fusedBy = Dictionary(grouping: fusedInto.keys, by: { fusedInto[$0] ?? $0 })

    for index in record.layers.indices {
      let chosen = ofLayer[index]
      record.layers[index].primitives = chosen.map { step in
        primitive(measurement, step, timed: selection[index])
      }
      if let host = fusedInto[index] { record.layers[index].fusedInto = graph.layers[host].name }
      guard selection[index], let time = measurement.time(over: chosen) else {
        record.layers[index].untimed =
          fusedInto[index] != nil ? .fused : chosen.isEmpty ? .nothingRuns : .notMeasured
        continue
      }
      let counters =
        measurement.layerCounters[index] ?? measurement.counters(over: chosen, time: time)
      let fused = (fusedBy[index] ?? []).sorted()
      let verdict = measurement.judge(
        work(of: [index] + fused),
        peak: measurement.peak(of: ([index] + fused).map { record.layers[$0] }), over: chosen,
        time: time, counters: counters)
      record.layers[index].time = time
      record.layers[index].counters = counters
      record.layers[index].take(verdict)
    }
    fillSegments(&record, measurement, ofLayer)
    fillUnattributed(&record, measurement, ofLayer)
  }

  private func work(of layers: [Int]) -> CountedWork {
    layers.reduce(into: CountedWork()) { work, layer in
      work.counted += graph.layers[layer].cost.flops
      work.executed += graph.layers[layer].cost.executedFlops
    }
  }

  private func primitive(_ measurement: Measurement, _ index: Int, timed: Bool) -> PrimitiveRecord {
    let step = measurement.steps[index]
    var row = PrimitiveRecord(
      kind: step.kind, implementation: step.implementation, algorithm: step.algorithm,
      formats: step.formats, postOps: step.postOps,
      time: timed ? measurement.time(over: [index]) : nil, alternatives: step.alternatives,
      numericalError: step.numericalError)
    row.tuning = step.choice
    return row
  }

  private func fillSegments(
    _ record: inout RunRecord, _ measurement: Measurement, _ ofLayer: [[Int]]
  ) {
    for (index, segment) in graph.segments.enumerated() {
      guard segment.layers.allSatisfy({ selection[$0] }) else { continue }
      let chosen = segment.layers.flatMap { ofLayer[$0] }
      guard let time = measurement.time(over: chosen) else { continue }
      let rows = segment.layers.filter { !ofLayer[$0].isEmpty }
      let given = rows.compactMap { measurement.layerCounters[$0] }
      let counters =
        given.count == rows.count
        ? CounterRecord.sum(of: given) : measurement.counters(over: chosen, time: time)
      let verdict = measurement.judge(
        work(of: segment.layers),
        peak: measurement.peak(of: segment.layers.map { record.layers[$0] }), over: chosen,
        time: time, counters: counters)
      record.segments[index].time = time
      record.segments[index].counters = counters
      record.segments[index].take(verdict)
    }
  }

  private func fillUnattributed(
    _ record: inout RunRecord, _ measurement: Measurement, _ ofLayer: [[Int]]
  ) {
    let timed = measurement.sampler.timed
    guard !timed.isEmpty else { return }
    let chosen = selection.indices.filter { selection[$0] }.flatMap { ofLayer[$0] }
    let layers = measurement.sums(of: measurement.sampler.steps, over: chosen)
    let rest = timed.indices.map { timed[$0] - (layers.isEmpty ? 0 : layers[$0]) }
    record.unattributed = Unattributed(time: TimeSummary(samples: rest), share: 0)
  }
}
