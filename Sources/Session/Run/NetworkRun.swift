package import Counters
import Execution
import FoundationEssentials
import Machine
package import Measuring
package import Profiling
import Topology

/// One topology being measured: its plan, its samples, what is found of them, and in the end its record.
package final class NetworkRun {
  package let topology: LoadedTopology
  package let bench: Bench
  package let options: MeasurementSettings
  package let plan: any PlannedNetwork
  /// What is measured: the plan, or what is left of it.
  package let runner: any PassRunner
  package let sampler: Sampler
  private let weights: WeightsInfo
  /// The layers that ``LayerWatch`` found to run too long, by index.
  package let leftOut: [Int]
  /// What to say of the weights.
  package let weightWarnings: [Warning]
  private let selection: [Bool]
  private let selectionText: String
  private let created = Date.now
  private let planningNs: Double
  private var meter: RoofsMeter?
  /// What the roofs beside the samples took, ns: no part of the time of measuring that is asked for.
  package private(set) var asideNs: UInt64 = 0
  /// What to say of a search that could not be finished.
  package private(set) var searchWarning: Warning?
  private var peakMemory: Int?
  /// What ``peakMemory`` was predicted to be before anything was allocated.
  private let predictedMemory: Int
  /// Whether outputs are compared with those of a plain f32 plan although they are f32 themselves.
  package var comparesWithF32 = false
  /// What the machine did besides since the warm-up began.
  private var conditions: Conditions?
  /// How it did under a load pattern, if one was asked for.
  package var scenario: ScenarioRecord?
  /// The simulation of its events, if that was asked for.
  package var simulation: Simulation?
  /// Why the simulation did not give everything.
  package var simulationFailure: CounterError?

  /// Plans it, with what was decided for it, or as the options say.
  package init(
    _ topology: LoadedTopology, on bench: Bench, _ options: MeasurementSettings,
    decided: DecidedTuning? = nil
  ) throws(Failure) {
    let options = options.settled(for: topology.graph)
    self.topology = topology
    self.bench = bench
    self.options = options
    let asked = try topology.selection(options.layers)
    var selection = asked.flags
    selectionText = asked.text
    _ = try PrecisionChoice.runnable(options.precision)
    let planOptions = options.planOptions(threads: bench.threads)
    let (program, prediction) = try topology.checked(for: options)
    predictedMemory = prediction.recorded
    let chosen = try topology.chosenWeights()
    weights = chosen.info
    weightWarnings = chosen.health?.warnings ?? []
    let begin = Clock.now()
    if planOptions.tuning != .fast, decided == nil {
      let cache = TuningCache(machine: bench.machine, threads: bench.threads, isa: options.isa)
      (plan, searchWarning) = try SafeSearch(
        topology: topology, options: options, threads: bench.threads, memory: cache.memory,
        weights: chosen.provider, observer: bench.observer
      ).plan(program, planOptions)
      cache.save()
    } else {
      let memory = decided?.memory ?? TuningMemory()
      memory.restart(.known)
      do throws(ExecutionError) {
        plan = try OneDNNEngine(tunings: memory)
          .plan(program, options: planOptions, weights: chosen.provider)
      } catch {
        throw topology.failure(error)
      }
      searchWarning = decided?.warning
    }
    planningNs = Double(Clock.now() - begin)
    // What a calibration took is not the network's.
    if plan.precision == .int8 { _ = Usage.resetPeak() }
    meter = bench.machine.rooflines.map { roofs in
      RoofsMeter(threads: roofs.threads, machine: bench.machine, isCold: options.cache == "cold")
    }
    leftOut =
      try options.layerTimeout.map { (seconds) throws(Failure) in
        try LayerWatch(
          topology: topology, options: options, threads: bench.threads, seconds: seconds,
          observer: bench.observer
        ).slowLayers()
      } ?? []
    for layer in leftOut { selection[layer] = false }
    let flags = plan.timed(selection)
    self.selection = flags
    runner = leftOut.isEmpty ? plan : PartialPlan(plan, without: leftOut)
    sampler = Sampler(
      runner: runner, instrumented: plan.steps.map { flags[$0.layer] },
      coldLayers: options.cache == "cold" ? plan.stepsOfLayers : nil,
      findsWeightsCold: options.cache == MeasurementSettings.coldWeights)
  }

  /// Warm-up, the first pass included.
  package func warmUp() throws(Failure) {
    conditions = Conditions()
    try attempt { () throws(ExecutionError) in
      try sampler.warmUp(passes: options.warmup, isCancelled: { Interrupt.isRequested })
    }
    // Before the bandwidth buffer, which is the profiler's and not the network's, is touched.
    peakMemory = Usage.peakResidentBytes()
  }

  /// One bare and one timed sample; now and then the roofs beside them.
  package func takePair() throws(Failure) {
    try attempt { () throws(ExecutionError) in
      let begin = Clock.now()
      if meter?.visit() == true {
        try sampler.settle()
        asideNs += Clock.now() - begin
      }
      try sampler.takePair()
    }
  }

  /// One pass that is not kept, when another network ran in between and took the caches.
  package func settle() throws(Failure) {
    try attempt { () throws(ExecutionError) in try sampler.settle() }
  }

  /// Takes pairs until the rule is satisfied.
  package func sample(_ rule: SamplingRule) throws(Failure) {
    let begin = Clock.now()
    let aside = asideNs
    while !Interrupt.isRequested {
      try takePair()
      let seconds = Double(Clock.now() - begin - (asideNs - aside)) * 1e-9
      if rule.isSatisfied(
        count: sampler.taken, clean: sampler.cleanTaken, seconds: seconds,
        halfWidth: sampler.halfWidth)
      {
        break
      }
      let done = rule.progress(count: sampler.taken, seconds: seconds)
      observer.progress(
        "measuring \(topology.graph.name): \(estimate), \(Int(done * 100)) %"
          + TimeLeft.text(elapsed: seconds, done: done))
    }
    sampler.keep(PairLoss.chosen(sampler.lost, wanted: rule.wanted(stride: sampler.stride)))
    observer.progressEnded()
  }

  /// What the samples say so far: `31 samples, median 3.72 ms ±0.4 %`.
  private var estimate: String {
    let median = Quantity.time(Percentiles.median(of: sampler.bare))
    let count = sampler.taken
    let width = sampler.halfWidth.map { " ±\(percent($0))" } ?? ""
    return "\(count) sample\(count == 1 ? "" : "s"), median \(median)\(width)"
  }

  /// Passes of which events are counted at most: they hardly vary, and all are kept.
  private static let mostCounted = 2000

  /// Counts events, if a source was selected.
  package func count() throws(Failure) {
    if bench.counters.name == .simulated, leftOut.isEmpty, !Interrupt.isRequested {
      simulate()
    }
    guard let source = bench.counters.source, plan.capabilities.contains(.countsEvents),
      !Interrupt.isRequested
    else { return }
    let pass = (sampler.bare.last ?? 1e9) * 1e-9
    // A second a group, three in all at least, so that the passes tell what counting costs: times of
    // short layers have several modes, and a comparison of 25 passes errs by some percent.
    let groups = Double(max(source.groups.count, 1))
    let seconds = max(1, 3 / groups)
    let most = max(200 / groups, 20)
    let passes =
      options.iterations.map { min($0, Self.mostCounted) }
      ?? Int(min(max(seconds / max(pass, 1e-6), 3), most))
    try attempt { () throws(ExecutionError) in
      try sampler.count(source, passes: passes, isCancelled: { Interrupt.isRequested })
    }
  }

  private var observer: any SessionObserver { bench.observer }

  private func attempt(_ body: () throws(ExecutionError) -> Void) throws(Failure) {
    do throws(ExecutionError) { try body() } catch {
      throw topology.failure(error)
    }
  }
}

extension NetworkRun {
  /// Ends the run: looks at what it left behind, and states all of it.
  package func finish() -> RunRecord { record(of: findings()) }

  /// What is to be found out after the last sample.
  ///
  /// It may run passes, but none after Ctrl-C.
  ///
  /// Layers that are faster than a roof speak against the roof: bandwidths are then measured once more,
  /// and peaks are what the layers reached, here and for the runs to come.
  package func findings() -> RunFindings {
    var machine = bench.machine
    machine.rooflines = machine.rooflines.map { meter?.found.roofs(calibrated: $0) ?? $0 }
    var judged = rows(on: machine)
    if !Interrupt.isRequested, judged.layers.contains(where: Self.isAboveMemory),
      let calibrated = bench.machine.rooflines
    {
      meter?.repeatCurve()
      machine.rooflines = meter?.found.roofs(calibrated: calibrated)
      judged = rows(on: machine)
    }
    let raised = RoofRepair.peaks(reachedIn: judged)
    if let raised {
      machine.rooflines?.peakFlops = raised
      if let roofs = machine.rooflines {
        Calibration.raise(to: roofs, for: machine, isa: options.isa)
      }
      judged = rows(on: machine)
    }
    // The outputs first: comparing them with f32 runs another pass.
    let digest = knowsValues && !sampler.bare.isEmpty ? outputDigest() : nil
    let environment = RuntimeEnvironment.read()
    return RunFindings(
      rows: judged, raisedPeaks: raised, outputDigest: digest, cosineSimilarity: similarity(),
      activations: knowsValues && !Interrupt.isRequested ? plan.scanActivations() : nil,
      clockNs: Clock.readCost(), spread: KnownSpread(of: judged, sha256: topology.info.sha256),
      advice: AdviceMemory.advice(for: judged), conditions: conditions?.now(),
      threadNodes: Host.numaNodes(of: bench.pinning.cpus.flatMap(CPUList.parse)), host: Host.read(),
      threadWarnings: threadWarnings(environment),
      threadsSleep: environment["OMP_WAIT_POLICY"]?.lowercased() == "passive",
      isInterrupted: Interrupt.isRequested)
  }

  /// How alike the outputs are to those of f32, where that is asked.
  private func similarity() -> Double? {
    guard plan.precision != .f32 || comparesWithF32, knowsValues, !sampler.bare.isEmpty,
      !Interrupt.isRequested
    else { return nil }
    do throws(ExecutionError) { return try plan.cosineSimilarity() } catch {
      observer.note("no comparison with f32: \(topology.describe(error))")
      return nil
    }
  }

  /// The record of what was measured and found: it runs nothing, and the same findings give the same.
  package func record(of findings: RunFindings) -> RunRecord {
    var record = findings.rows
    fillPasses(&record, findings)
    record.shareOut()
    findings.spread.state(in: &record)
    record.advice = findings.advice
    record.scenario = scenario
    record.simulation = simulation?.info
    record.conditions = findings.conditions
    record.peakMemoryBytes = peakMemory
    record.predictedMemoryBytes = predictedMemory
    record.interrupted = findings.isInterrupted
    for layer in leftOut { record.layers[layer].untimed = .timedOut }
    record.warnings = warnings(for: record, findings)
    return record.statingHindrances()
  }

  /// Whether a layer is faster than the bandwidths allow.
  private static func isAboveMemory(_ layer: LayerRecord) -> Bool {
    guard let bound = layer.bound, bound.method == .roofline else { return false }
    return (bound.evidence[.efficiency] ?? 0) > Roofline.suspectAbove
      && (bound.evidence[.memoryNs] ?? 0) > (bound.evidence[.computeNs] ?? 0)
  }

  /// The record with its rows judged by a machine's roofs.
  private func rows(on machine: MachineInfo) -> RunRecord {
    let assembler = RecordAssembler(
      graph: topology.graph, selection: selection, numbers: plan.numbers(of: topology.graph))
    var record = RunRecord(
      of: topology.info, weights: weights, created: created, options: runOptions,
      machine: machine, rows: assembler)
    let measurement = Measurement(
      steps: plan.steps, sampler: sampler, rooflines: machine.rooflines,
      memory: machine.rooflines?.memory(cold: sampler.isCold),
      threads: bench.threads, lastLevelCacheBytes: bench.machine.lastLevelCacheBytes,
      counterSource: sampler.counts.events.isEmpty && bench.counters.name != .none
        ? .estimated : bench.counters.name,
      layerCounters: simulatedCounters,
      cpu: EventCatalogue.entry(id: bench.machine.microarchitecture),
      algorithmWork: plan.algorithmWork)
    assembler.fill(&record, with: measurement, fusedInto: plan.fusedInto)
    return record
  }

  private var runOptions: RunOptions {
    options.runOptions(
      of: topology.graph, on: bench, layers: selectionText, iterations: sampler.bare.count,
      warmup: sampler.warmupPasses)
  }

  private func fillPasses(_ record: inout RunRecord, _ findings: RunFindings) {
    guard !sampler.bare.isEmpty else { return }
    let whole = EndToEnd(
      bare: sampler.bare, batch: record.options.batch, firstInferenceNs: sampler.firstPassNs,
      planningNs: planningNs, outputDigest: findings.outputDigest)
    record.endToEnd = whole
    if sampler.stride > 1 {
      record.endToEnd?.thinning = .init(passes: sampler.taken, stride: sampler.stride)
    }
    record.endToEnd?.disturbance = sampler.disturbance
    record.endToEnd?.droppedPairs = sampler.disturbance.map { $0.disturbed - $0.kept } ?? 0
    record.endToEnd?.cosineSimilarity = findings.cosineSimilarity
    guard !sampler.timed.isEmpty else { return }
    let timed = TimeSummary(samples: sampler.timed)
    record.timedPass = TimedPass(time: timed)
    var inflation = Overhead.Inflation()
    // A cold bare pass begins with cold caches, a cold timed one does so in every layer: their
    // ratio is not what measuring costs.
    if !sampler.isCold {
      inflation.timed = timed.median / whole.time.median - 1
      if !sampler.counts.passes.isEmpty, !sampler.counts.referencePasses.isEmpty {
        let reference = Percentiles.median(of: sampler.counts.referencePasses)
        let counted = Percentiles.median(of: sampler.counts.passes) / reference
        inflation.counted = counted * (timed.median / whole.time.median) - 1
      }
    }
    record.overhead = Overhead(
      clockNs: findings.clockNs,
      countersNs: sampler.counts.readNs.isEmpty
        ? nil : Percentiles.median(of: sampler.counts.readNs),
      inflation: inflation)
  }

  /// Whether values are the network's: what was left out of a pass leaves others behind it.
  package var knowsValues: Bool { leftOut.isEmpty && plan.capabilities.contains(.knowsValues) }

  private func outputDigest() -> String {
    var digest = SHA256()
    for output in plan.outputs() {
      digest.update(output.span.bytes)
    }
    return digest.hexDigest()
  }
}
