import Counters
import Execution
import Machine
import Measuring
package import Profiling
import Topology

extension NetworkRun {
  /// What the reader of the record should know.
  package func warnings(for record: RunRecord, _ findings: RunFindings) -> [Warning] {
    var list = selectionWarnings(for: record) + leftOutWarnings() + counterWarnings()
    list += CounterChecks.warnings(for: record)
    if let searchWarning { list.append(searchWarning) }
    list += precisionWarnings(for: record)
    list += weightWarnings + valueWarnings(findings)
    if let time = record.endToEnd?.time, time.count >= 10, time.p90 > 1.25 * time.median {
      list.append(
        Warning(
          code: "noisy-machine",
          message: "the 90th percentile is \(percent(time.p90 / time.median - 1)) above the median",
          remedy: isCrowded(findings.host)
            ? "use --threads \(findings.host.defaultThreads), which do not wait for one another"
            : "stop other programs, or compare medians of longer runs (--time 10)"))
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
    list += scenarioWarnings(for: record) + machineWarnings(for: record, findings)
    let suspect = record.layers.filter {
      $0.bound?.method == .roofline
        && ($0.bound?.evidence[.efficiency] ?? 0) > Roofline.suspectAbove
    }
    if let roofs = record.machine.rooflines,
      let doubt = Calibration.doubt(of: roofs, machine: record.machine)
    {
      list.append(doubt)
    } else if let layer = suspect.max(by: { ($0.share ?? 0) < ($1.share ?? 0) }) {
      let more = suspect.count - 1
      list.append(
        Warning(
          code: "suspect-roof",
          message: "\(layer.name)\(more > 0 ? " and \(more) more" : "") ran faster than the roofs "
            + "allow, which were measured again beside it: its bytes are counted too high, or came "
            + "from a nearer cache",
          remedy: "take its share of the roof for 100 %: nothing of it is held back by memory"))
    }
    return list + raisedRoofs(findings)
  }

  /// Peaks that layers of this run were above of.
  private func raisedRoofs(_ findings: RunFindings) -> [Warning] {
    guard let before = bench.machine.rooflines?.peakFlops, let after = findings.raisedPeaks,
      after.f32 > 1.1 * before.f32 || (after.bf16 ?? 0) > 1.1 * (before.bf16 ?? .infinity)
        || (after.int8 ?? 0) > 1.1 * (before.int8 ?? .infinity)
    else { return [] }
    func giga(_ rate: Double) -> String { "\(Int(rounding: rate / 1e9))" }
    return [
      Warning(
        code: "roof-raised",
        message:
          "the peak was measured too low (\(giga(before.f32)) GFLOP/s f32): layers of this run "
          + "were above it, and it counts as \(giga(after.f32)) GFLOP/s now",
        remedy: "nothing: this record and the runs to come use the higher one")
    ]
  }

  /// Whether threads of the run share a core: what takes it from one of them is another one.
  private func isCrowded(_ host: Host) -> Bool { host.overload(of: bench.threads) != nil }

  /// That a load was more than the network can serve.
  private func scenarioWarnings(for record: RunRecord) -> [Warning] {
    guard let scenario = record.scenario, let asked = scenario.qps,
      let trial = scenario.trials?.first(where: { $0.qps == asked }), trial.overloaded == true,
      let served = trial.servedQps
    else { return [] }
    let offered = trial.offered ?? trial.queries
    return [
      Warning(
        code: "overloaded",
        message: "of \(digits(asked)) queries/s \(digits(served)) were served"
          + (trial.givenUp == true
            ? "; the load was given up after \(trial.queries) of \(offered) queries" : ""),
        remedy:
          "ask for less: --target-qps \(Int(rounding: max(1, (served * 0.8).rounded(.down)))), or find the most that meets "
          + "a bound with --latency-bound alone")
    ]
  }

  private func digits(_ value: Double) -> String {
    value >= 100 ? "\(Int(rounding: value))" : "\((value * 10).rounded() / 10)"
  }

  /// What the machine did meanwhile that the numbers cannot show.
  private func machineWarnings(
    for record: RunRecord, _ findings: RunFindings
  ) -> [Warning] {
    let host = findings.host
    let isCrowded = self.isCrowded(host)
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
    if let handOffs = record.machine.rooflines?.handOffNs, let low = handOffs.min(),
      let high = handOffs.max(), !RoofMemory.isSamePlacement(low, high)
    {
      list.append(
        Warning(
          code: "threads-moved",
          message:
            "a cache line went from thread to thread in \(Int(rounding: low)) to "
            + "\(Int(rounding: high)) ns during the run: the host moved the virtual CPUs, or other "
            + "programs the threads",
          remedy: "measure again; times of small layers and their bounds depend on it"))
    }
    if let disturbance = record.endToEnd?.disturbance, disturbance.isDoubtful {
      list.append(
        Warning(
          code: "disturbed",
          message:
            "\(disturbance.disturbed) of \(disturbance.pairs) pairs of passes were disturbed "
            + "(threads waited \(percent(disturbance.stolenShare)) of the time for a core), and "
            + "\(disturbance.kept) of those had to be kept: times may be far too long"
            + (isCrowded ? "; the run's own threads took a core from one another" : ""),
          remedy: isCrowded
            ? "use --threads \(host.defaultThreads)"
            : record.conditions?.isStolen ?? false
              ? ConditionWarnings.ownMachine
              : "stop other programs, or use fewer --threads than there are cores"))
    }
    if let unevenness = record.unevenness, abs(unevenness) > 0.05,
      (record.timedPass?.time.count ?? 0) > 2
    {
      list.append(
        Warning(
          code: "uneven-passes",
          message:
            "the layers' median times add up to \(percent(1 + unevenness)) of the median pass: "
            + "passes differ, and the rows are no breakdown of one of them",
          remedy: "measure longer (--time 10) on a quiet machine"))
    }
    if let conditions = record.conditions {
      var judged = ConditionWarnings(conditions, threads: bench.threads, cpus: host.logicalCPUs)
      judged.nodes = findings.threadNodes
      judged.bytes = record.totals.bytes
      judged.isDisturbed = record.endToEnd?.disturbance?.isDoubtful ?? false
      list += judged.list
    }
    list += findings.threadWarnings
    if bench.counters.name == .software, bench.threads > 1, !findings.threadsSleep {
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

  /// That layers were left out because they run too long.
  private func leftOutWarnings() -> [Warning] {
    guard let first = leftOut.first, let seconds = options.layerTimeout else { return [] }
    let more = leftOut.count - 1
    return [
      Warning(
        code: "layers-left-out",
        message:
          "layer '\(topology.graph.layers[first].name)'\(more > 0 ? " and \(more) more" : "") "
          + "ran longer than \(seconds) s and did not run again: times of whole passes are without it",
        remedy: "raise --layer-timeout, or give it a smaller shape")
    ]
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
    if let events = options.events, bench.counters.name == .none {
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

  /// That there is no PMU: one line; `ntprof machine` has the reasons of every source.
  private func missingSources() -> [Warning] {
    guard bench.counters.name == .estimated, bench.choice == "auto" else { return [] }
    return [
      Warning(
        code: "no-hardware-counters",
        message: "no hardware counters here: cycles are estimated, time × measured core clock × "
          + "threads", remedy: "ntprof machine says why")
    ]
  }

  private func valueWarnings(_ findings: RunFindings) -> [Warning] {
    guard let scan = findings.activations else { return [] }
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

  package func percent(_ fraction: Double) -> String {
    "\((fraction * 1000).rounded() / 10) %"
  }
}
