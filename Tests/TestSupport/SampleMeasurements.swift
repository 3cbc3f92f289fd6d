internal import Profiling

extension SampleRecords {
  /// Fills in what a run measures: every layer takes what its nearer roof allows over 0.86, give
  /// or take a little, and 20 samples scatter by a percent; layers named in `factors` take that many times as long.
  static func measured(
    _ shown: RunRecord, slowdown: Double = 1, seed: UInt64 = 7, factors: [String: Double] = [:]
  ) -> RunRecord {
    var record = shown
    var random = SplitMix64(seed: seed)
    let footprint = record.layers.reduce(0) { $0 + $1.bytes.weights + $1.bytes.output }
    let passes = 20
    var totals = [Double](repeating: 0, count: passes)
    for i in record.layers.indices {
      var input = rooflineInput(record.layers[i], footprint: footprint, record: record)
      let ideal = Roofline.bound(input)
      let roof = max(ideal.evidence["memory_ns"] ?? 0, ideal.evidence["compute_ns"] ?? 0)
      let base =
        (roof / 0.86 * (1 + 0.1 * random.normal()) + 1000) * slowdown
        * (factors[record.layers[i].name] ?? 1)
      let samples = (0..<passes).map { _ in (base * (1 + 0.01 * random.normal())).rounded() }
      for pass in 0..<passes { totals[pass] += samples[pass] }
      let time = TimeSummary(samples: samples)
      input.timeNs = time.median
      input.undisturbedNs = time.undisturbed
      measure(&record.layers[i], time: time, input: input)
    }
    let rest = totals.map { ($0 * 0.0004 + 800).rounded() }
    let passTime = TimeSummary(samples: zip(totals, rest).map { $0 + $1 })
    record.timedPass = TimedPass(time: passTime)
    record.unattributed = Unattributed(
      time: TimeSummary(samples: rest), share: TimeSummary(samples: rest).mean / passTime.mean)
    finish(&record, pass: passTime)
    return record
  }

  private static func rooflineInput(
    _ layer: LayerRecord, footprint: Int, record: RunRecord
  ) -> RooflineInput {
    RooflineInput(
      flops: Double(layer.flops),
      peakFlopsPerSecond: record.machine.rooflines?.peakFlops.rate(of: layer.precision) ?? 550e9,
      weightBytes: Double(layer.bytes.weights),
      rereads: [.init(bytes: reread(layer), setBytes: Double(layer.bytes.weights))],
      activationBytes: Double(layer.bytes.input + layer.bytes.output),
      networkFootprintBytes: Double(footprint), timeNs: 1e12, threads: 2,
      lastLevelCacheBytes: Double(record.machine.lastLevelCacheBytes),
      bandwidth: record.machine.rooflines?.bandwidth ?? [])
  }

  private static func measure(
    _ layer: inout LayerRecord, time: TimeSummary, input: RooflineInput
  ) {
    let cycles = (time.median * 4.52).rounded()
    let bound = Roofline.bound(input)
    let evidence = bound.evidence
    layer.time = time
    layer.primitives[0].time = time
    layer.bound = bound
    layer.counters = CounterRecord(source: "estimated", events: ["cycles": .init(value: cycles)])
    layer.metrics = Metrics.derive(
      from: MetricInput(
        flops: input.flops, trafficBytes: input.trafficBytes, timeNs: time.median,
        events: ["cycles": cycles], peakFlopsPerSecond: input.peakFlopsPerSecond,
        roofNs: max(evidence["memory_ns"] ?? 0, evidence["compute_ns"] ?? 0)))
  }

  private static func finish(_ record: inout RunRecord, pass: TimeSummary) {
    for i in record.segments.indices {
      let members = record.layers.filter { record.segments[i].layers.contains($0.name) }
      let times = members.compactMap(\.time)
      let samples = pass.samples.indices.map { pass in times.reduce(0) { $0 + $1.samples[pass] } }
      let time = TimeSummary(samples: samples)
      record.segments[i].time = time
      record.segments[i].metrics = Metrics.derive(
        from: MetricInput(
          flops: members.reduce(0) { $0 + Double($1.flops) },
          trafficBytes: members.reduce(0) { $0 + ($1.metrics["traffic_bytes"] ?? 0) },
          timeNs: time.median))
      record.segments[i].bound =
        members.max {
          ($0.time?.median ?? 0) < ($1.time?.median ?? 0)
        }?.bound
    }
    record.shareOut()
    for i in record.layers.indices {
      record.layers[i].processSpread = ProcessSpread(
        percent: 2, degrees: 15, processes: 18, source: .measured)
    }
    let bare = TimeSummary(samples: pass.samples.map { ($0 * 0.997).rounded() })
    record.endToEnd = EndToEnd(
      time: bare, throughputPerSecond: Double(record.options.batch) / bare.median * 1e9,
      firstInferenceNs: 312_000_000, outputDigest: SHA256.hexDigest(of: [1, 2, 3]))
    record.endToEnd?.processSpread = ProcessSpread(
      percent: 1.5, degrees: 15, processes: 18, source: .measured)
    record.options.iterations = pass.count
    record.options.warmup = 3
    record.overhead = Overhead(clockNs: 21, inflation: .init(timed: 0.003))
    record.peakMemoryBytes = 612_000_000
    record.warnings = [
      Warning(
        code: "no-hardware-counters",
        message: "no hardware counters: PAPI says 'Error libpfm4 no default PMU found'; cycles are "
          + "estimated from time and clock",
        remedy: "run on bare metal or a VM with a virtual PMU, or `--counters simulated`")
    ]
  }
}
