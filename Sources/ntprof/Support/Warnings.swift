import Counters
import Execution
import Glibc
import Profiling
import Topology

extension NetworkRun {
  /// What the reader of the record should know.
  func warnings(for record: RunRecord) -> [Warning] {
    var list = selectionWarnings(for: record) + counterWarnings()
    list += CounterChecks.warnings(for: record)
    list += precisionWarnings(for: record)
    list += valueWarnings()
    if let time = record.endToEnd?.time, time.count >= 10, time.p90 > 1.25 * time.median {
      list.append(
        Warning(
          code: "noisy-machine",
          message: "the 90th percentile is \(percent(time.p90 / time.median - 1)) above the median",
          remedy: "stop other programs, or compare medians of longer runs (--time 10)"))
    }
    if let drift = record.endToEnd?.stability?.drift, drift.matters {
      list.append(
        Warning(
          code: "drift",
          message: "passes became \(percent(abs(drift.percent) / 100)) "
            + "\(drift.percent > 0 ? "slower" : "faster") during the run",
          remedy:
            "measure longer (--time 10) once the machine is warm; compare with `ntprof diff`, "
            + "which measures in turn"))
    }
    if let inflation = record.overhead?.inflation.timed, inflation > 0.03,
      let test = SignTest(sampler.bare, sampler.timed), test.p < 0.05
    {
      list.append(
        Warning(
          code: "timing-overhead",
          message: "reading the clock lengthened the pass by \(percent(inflation))",
          remedy: "restrict the run to fewer layers with --layers, or use a larger --batch"))
    }
    if case .percent(let wanted) = options.rule.goal,
      let half = record.endToEnd?.time.relativeHalfWidth, half * 100 > wanted
    {
      list.append(
        Warning(
          code: "interval-too-wide",
          message: "the 95 % interval of the median is still ±\(percent(half))",
          remedy: "ask for a wider --until, or quieten the machine"))
    }
    list += machineWarnings(for: record)
    let suspect = record.layers.filter {
      $0.bound?.method == .roofline
        && ($0.bound?.evidence["efficiency"] ?? 0) > Roofline.suspectAbove
    }
    if let roofs = record.machine.rooflines,
      let doubt = Calibration.doubt(of: roofs, machine: record.machine)
    {
      list.append(doubt)
    } else if !suspect.isEmpty {
      list.append(
        Warning(
          code: "suspect-calibration",
          message: "\(suspect.count) layer(s) ran faster than the measured roofs allow",
          remedy: "measure the roofs again with ntprof machine --recalibrate"))
    }
    return list
  }

  /// What the machine did meanwhile that the numbers cannot show.
  private func machineWarnings(for record: RunRecord) -> [Warning] {
    var list: [Warning] = []
    let roofs = record.machine.rooflines?.memoryGbs ?? []
    if roofs.count >= 3, let low = roofs.min(), let high = roofs.max(), high > 1.5 * low {
      list.append(
        Warning(
          code: "no-steady-memory",
          message:
            "memory delivered between \(low.rounded()) and \(high.rounded()) GB/s during the "
            + "run: the host's neighbours take their share",
          remedy: "compare memory-bound layers by several runs, or on a machine of one's own"))
    }
    if let rate = sampler.interruptionsPerSecond, rate >= Roofline.disturbedFrom {
      list.append(
        Warning(
          code: "disturbed",
          message:
            "other programs took a core from this one \(Int(rate)) times a second: what holds "
            + "the layers back is told with low confidence",
          remedy: "stop other programs, or use fewer --threads than there are cores"))
    }
    list += threadWarnings()
    let policy = getenv("OMP_WAIT_POLICY").map { String(cString: $0).lowercased() }
    if bench.counters.name == .software, bench.threads > 1, policy != "passive" {
      list.append(
        Warning(
          code: "no-idle-time",
          message: "task-clock counts the waiting of idle threads as work: libgomp lets them spin",
          remedy: "OMP_WAIT_POLICY=passive lets them sleep, and shows who works; times get worse"))
    }
    return list
  }

  private func selectionWarnings(for record: RunRecord) -> [Warning] {
    var list: [Warning] = []
    if !sampler.timed.isEmpty, !sampler.instrumented.contains(true) {
      list.append(
        Warning(
          code: "nothing-timed",
          message: "no layer of --layers \(record.options.layers) runs anything of its own: they "
            + "do nothing or were fused into others",
          remedy: "select other layers, or run every primitive by itself with --no-fusion"))
    }
    return list
  }

  private func counterWarnings() -> [Warning] {
    if let failure = sampler.counterFailure {
      return [
        Warning(
          code: "counters-failed",
          message: "counting stopped: \(failure.reason)", remedy: failure.remedy)
      ]
    }
    var list = bench.counters.skipped.map { event in
      Warning(
        code: "event-skipped", message: "\(event.name) is not counted: \(event.reason)",
        remedy: "ntprof machine shows what works here; --events names others")
    }
    if let events = options.events, bench.counters.source == nil,
      bench.counters.name != .simulated, bench.counters.skipped.isEmpty
    {
      list.append(
        Warning(
          code: "events-not-counted",
          message: "nothing of --events \(events) is counted: the counter source is "
            + "'\(bench.counters.name.rawValue)'",
          remedy: "ntprof machine says which sources count here"))
    }
    list += simulationWarnings() + missingSources()
    return list
  }

  private func missingSources() -> [Warning] {
    guard bench.counters.name == .estimated, bench.choice == "auto" else { return [] }
    return bench.counters.reasons.filter { !$0.available && ["papi", "perf"].contains($0.name) }
      .map { source in
        Warning(
          code: "no-\(source.name)-counters",
          message: "\(source.name): \(source.reason ?? "unavailable")",
          remedy: source.remedy ?? "cycles are estimated: time × measured core clock")
      }
  }

  private func valueWarnings() -> [Warning] {
    let scan = plan.scanActivations()
    var list: [Warning] = []
    if scan.nan + scan.inf > 0 {
      list.append(
        Warning(
          code: "not-finite",
          message: "activations hold \(scan.nan) NaN and \(scan.inf) infinite values",
          remedy: "times may differ from a trained network's; try another --seed"))
    }
    if scan.denormal > 0 {
      list.append(
        Warning(
          code: "denormals", message: "activations hold \(scan.denormal) denormal values",
          remedy: "denormals are flushed to zero here; a framework that does not may be slower"))
    }
    return list
  }

  func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10) %"
  }
}

extension LoadedTopology {
  /// A failed step in the user's words: the layer first.
  func describe(_ error: ExecutionError) -> String {
    guard let index = error.layer, graph.layers.indices.contains(index) else {
      return error.description
    }
    return "layer '\(graph.layers[index].name)': \(error.description)"
  }

  /// The failure that a step which cannot be planned or run becomes, at the layer's place.
  func failure(_ error: ExecutionError) -> Failure {
    let layer = error.layer.flatMap { graph.layers.indices.contains($0) ? graph.layers[$0] : nil }
    return Failure(.software, at: layer?.location, of: source, describe(error))
  }
}
