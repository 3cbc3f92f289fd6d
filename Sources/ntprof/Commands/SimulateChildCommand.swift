import ArgumentParser
import Counters
import Execution
import Machine
import Measuring
import Profiling
import Session
import TopologyXML

/// `ntprof simulate-child`: what `--counters simulated` runs under callgrind; not for users.
///
/// Plans the network on one thread, runs a pass that is not counted (code generation, symbols), then
/// every selected layer with empty caches, then passes in which they follow the other layers.
struct SimulateChildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate-child", abstract: "Run a topology's layers under callgrind.",
    shouldDisplay: false)

  @Argument var topology: String
  @OptionGroup var topologyOptions: TopologyOptions
  @Option var layers: String?
  @Option var seed: UInt64 = 1
  @Flag(name: .customLong("no-fusion")) var noFusion = false
  @Option var isa: String?
  @Option var parent: Int32

  func run() throws {
    let child: SimulationChild
    do throws(CounterError) { child = try SimulationChild(parent: parent) } catch {
      throw Failure(.unavailable, error.reason, remedy: error.remedy)
    }
    if let isa, let fault = OneDNNEngine.capISA(isa) {
      throw Failure(.usage, "--isa \(isa): \(fault)")
    }
    // The parser's memory differs from run to run, and would move everything else.
    TopologyReader.keepParserMemoryApart()
    let loaded = try LoadedTopology(
      topology, batch: topologyOptions.batch, assignments: topologyOptions.assignments,
      weights: topologyOptions.weights, model: topologyOptions.model)
    let selected = try loaded.selection(layers).flags
    // The parent has asked whether it fits; asking again would move addresses, too.
    let program = try loaded.program()
    let weights = try loaded.chosenWeights().provider
    do throws(ExecutionError) {
      let plan = try OneDNNEngine().plan(
        program, options: PlanOptions(threads: 1, fusion: !noFusion, seed: seed), weights: weights)
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
