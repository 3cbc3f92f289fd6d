import Counters
import Engines
import Execution
import Machine
import Measuring
import Profiling
import TopologyXML

/// Does what processes are started for that work for another ntprof.
package struct ChildWork {
  private let task: ChildTask
  private let input: () -> [UInt8]
  private let output: ([UInt8]) throws(Failure) -> Void

  private var settings: MeasurementSettings { task.settings.measurement }

  /// Takes a task.
  ///
  /// - Parameters:
  ///   - task: What it is told.
  ///   - input: Reads what its parent gives it besides.
  ///   - output: Gives its parent what it did.
  package init(
    _ task: ChildTask, input: @escaping () -> [UInt8],
    output: @escaping ([UInt8]) throws(Failure) -> Void
  ) {
    self.task = task
    self.input = input
    self.output = output
  }

  /// Does it.
  package func run() throws(Failure) {
    if case .simulate = task.work { return try simulate() }
    guard ChildProcess.endWithParent(task.parentID) else {
      throw Failure(.software, "the process that this one works for has ended")
    }
    switch task.work {
    case .measure(let decided, let similarity):
      try measure(decided: decided, similarity: similarity)
    case .decide: try decide()
    case .search: try search()
    case .watch(let leftOut): try watch(without: leftOut)
    case .simulate: break
    }
  }

  private func load(comparing isCompared: Bool = false) throws(Failure) -> LoadedTopology {
    let loaded = try LoadedTopology(task.settings.network)
    _ = try loaded.selection(settings.layers)
    try loaded.checkMemory(settings, comparing: isCompared)
    Interrupt.install()
    return loaded
  }

  /// Measures as `profile` does, and gives the record.
  private func measure(decided: Bool, similarity: Bool) throws(Failure) {
    let loaded = try load(comparing: similarity)
    let tunings = decided ? DecidedTuning(input()) : nil
    let record: RunRecord
    if settings.engine != .onednn {
      let bench = try Bench(
        settings.with(settings.engine), for: [loaded.graph], observer: SilentObserver())
      let run = try EngineRun(loaded, on: bench, settings)
      try run.sample()
      record = run.record()
    } else {
      let bench = try Bench(settings, for: [loaded.graph], observer: SilentObserver())
      let run = try NetworkRun(loaded, on: bench, settings, decided: tunings)
      run.comparesWithF32 = similarity
      try run.warmUp()
      try run.sample(settings.rule)
      try run.count()
      record = run.finish()
    }
    try output(RecordCoding.encode(record))
    if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
  }

  /// Decides what is to run, and gives that.
  private func decide() throws(Failure) {
    let topology = try load()
    let observer = SilentObserver()
    let (threads, pin, _) = try Bench.team(settings, on: Host.read(), observer)
    defer { withExtendedLifetime(pin) {} }
    var machine = CounterSources.machineInfo()
    machine.onednn = OneDNN.info
    let program = try topology.program(for: settings)
    let options = settings.settled(for: topology.graph).planOptions(threads: threads)
    let cache = TuningCache(machine: machine, threads: threads, isa: settings.isa)
    let search = SafeSearch(
      topology: topology, options: settings, threads: threads, memory: cache.memory,
      weights: try topology.chosenWeights().provider, observer: observer)
    _ = try search.decide(program, options)
    cache.save()
    try search.settle(program, options)
    if Interrupt.isRequested { throw Failure(.interrupted, "interrupted") }
    try output(SearchJournal.encode(cache.memory.decided()))
  }

  /// Reads what is known, tries the rest, and gives what it is about to do and what it found, so that its parent knows
  /// what crashed it.
  private func search() throws(Failure) {
    // A crash is expected here, and no reason for a file.
    OwnProcess.leaveNoCore()
    let memory = SearchJournal.memory(input())
    let loaded = try LoadedTopology(task.settings.network)
    let program = try loaded.program(for: settings)
    let (threads, pin, _) = try Bench.team(settings, on: Host.read(), SilentObserver())
    defer { withExtendedLifetime(pin) {} }
    let weights = try loaded.chosenWeights().provider
    memory.journal = { event in _ = try? output(SearchJournal.line(event)) }
    do throws(ExecutionError) {
      try Plan.search(
        program, options: settings.planOptions(threads: threads), weights: weights,
        tunings: memory)
    } catch {
      throw Failure(.software, "\(loaded.source): \(loaded.describe(error))")
    }
  }

  /// Runs every layer once and says before each which one it is, so that its parent knows what hangs.
  private func watch(without leftOut: [Int]) throws(Failure) {
    let loaded = try LoadedTopology(task.settings.network)
    let program = try loaded.program(for: settings)
    let (threads, pin, _) = try Bench.team(settings, on: Host.read(), SilentObserver())
    defer { withExtendedLifetime(pin) {} }
    let weights = try loaded.chosenWeights().provider
    do throws(ExecutionError) {
      let plan = try OneDNNEngine().plan(
        program, options: settings.planOptions(threads: threads), weights: weights)
      for step in 0..<plan.stepCount where !leftOut.contains(plan.steps[step].layer) {
        LayerWatch.tell(plan.steps[step].layer)
        try plan.run(step: step)
      }
    } catch {
      throw loaded.failure(error)
    }
  }
}

extension ChildWork {
  /// Plans the network on one thread, runs a pass that is not counted (code generation, symbols), then every selected
  /// layer with empty caches, then passes in which they follow the other layers.
  private func simulate() throws(Failure) {
    let child: SimulationChild
    do throws(CounterError) { child = try SimulationChild(parent: task.parentID) } catch {
      throw Failure(.unavailable, error.reason, remedy: error.remedy)
    }
    if let isa = settings.isa, let fault = OneDNNEngine.capISA(isa) {
      throw Failure(.usage, "--isa \(isa): \(fault)")
    }
    // The parser's memory differs from run to run, and would move everything else.
    TopologyReader.keepParserMemoryApart()
    let loaded = try LoadedTopology(task.settings.network)
    let selected = try loaded.selection(settings.layers).flags
    // The parent has asked whether it fits; asking again would move addresses, too.
    let program = try loaded.program()
    let weights = try loaded.chosenWeights().provider
    do throws(ExecutionError) {
      let plan = try OneDNNEngine().plan(
        program,
        options: PlanOptions(threads: 1, fusion: !settings.noFusion, seed: settings.seed),
        weights: weights)
      child.report(
        SimulatedProgram(
          topology: loaded.info.sha256, isa: OneDNN.info.isa, steps: plan.steps.map(\.simulated)))
      for step in 0..<plan.stepCount { try plan.run(step: step) }
      try count(plan, selected, child)
    } catch {
      throw loaded.failure(error)
    }
  }

  private func count(
    _ plan: any PlannedNetwork, _ selected: [Bool], _ child: SimulationChild
  ) throws(ExecutionError) {
    var step = 0
    while step < plan.stepCount {
      let layer = plan.steps[step].layer
      var end = step
      while end < plan.stepCount, plan.steps[end].layer == layer { end += 1 }
      if selected[layer] {
        try child.countCold(layer: layer, steps: step..<end) { (step) throws(ExecutionError) in
          try plan.run(step: step)
        }
      } else {
        for other in step..<end { try plan.run(step: other) }
      }
      step = end
    }
    let passes = SimulatedPasses(
      bytes: plan.steps.map { $0.traffic.weightBytes + $0.traffic.activationBytes },
      selected: plan.steps.map { selected[$0.layer] }, cacheBytes: CacheLevel.lastLevelBytes)
    try child.countInPasses(passes, layerOf: plan.steps.map(\.layer)) {
      (step) throws(ExecutionError) in
      try plan.run(step: step)
    }
  }
}

extension PlanStep {
  /// The step as both sides of a simulation compare it.
  var simulated: SimulatedProgram.Step {
    SimulatedProgram.Step(layer: layer, kind: kind, implementation: implementation)
  }
}
