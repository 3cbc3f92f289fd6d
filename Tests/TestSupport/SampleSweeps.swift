public import Profiling

/// Hand-made sweeps and comparisons.
extension SampleRecords {
  /// Widths by batches: latency grows with both, and saturates.
  public static func sweep(objective: SweepObjective? = .latency, samples: Int = 6) -> Sweep {
    let plan = SweepPlan(
      axes: [
        SweepAxis(kind: .param, name: "hidden", values: ["512", "1024", "2048"]),
        SweepAxis(kind: .batch, name: "batch", values: ["1", "4", "16", "64"]),
      ], mode: .grid, rounds: samples, arguments: ["--counters", "none"], budgetSeconds: 60,
      objective: objective,
      constraints: [SweepConstraint("parameters>=1M")].compactMap(\.self))
    var random = SplitMix64(seed: 21)
    let points = plan.settings.enumerated().map { index, settings in
      var point = SweepPoint(index: index, settings: settings)
      let (hidden, batch) = (Int(settings[0]) ?? 0, Int(settings[1]) ?? 1)
      let parameters = hidden * hidden * 4
      point.batch = batch
      point.totals = Totals(
        layers: 2, parameters: parameters, macs: parameters * batch,
        flops: 2 * parameters * batch, bytes: 4 * parameters)
      guard index != 11 else {
        point.state = .failed
        point.reason = "out of memory <b>"
        return point
      }
      // Weights are read once, arithmetic grows with the batch.
      let nanoseconds = Double(parameters) * (1 + 0.1 * Double(batch))
      let times = (0..<samples).map { _ in nanoseconds * (1 + 0.01 * random.normal()) }
      let time = TimeSummary(samples: times)
      point.latency = time
      point.throughputPerSecond = Double(batch) / (time.median * 1e-9)
      point.firstInferenceNs = 3 * time.median
      point.peakMemoryBytes = 5 * parameters
      point.state = .measured
      return point
    }
    var sweep = Sweep(
      created: "2026-03-04T05:06:07Z", tool: Tool(name: "ntprof", version: "0.1.0"),
      command: ["ntprof", "sweep", "topologies/deepspeech.xml"],
      topology: deepspeechShown().topology, machine: machine(), plan: plan, points: points)
    sweep.analysis = SweepAnalysis(sweep)
    return sweep
  }

  /// Three records against the first sample.
  public static func comparison() -> Comparison {
    Comparison(
      baseline: deepspeech(), candidates: [remeasured(slowdown: 1.05), variant(), hostile()])
  }

  /// ``deepspeech()`` as several processes would measure it.
  public static func processes(_ count: Int) -> RunRecord {
    RunRecord.merging(
      processes: (0..<count).map { measured(deepspeechShown(), seed: UInt64(100 + $0)) })
  }
}
