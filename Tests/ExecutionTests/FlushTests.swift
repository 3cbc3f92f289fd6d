import Measuring
import TestSupport
import Testing
import Topology

@testable import Execution

/// Emptying the caches of a plan's memory.
@Suite struct FlushTests {
  @Test(arguments: [1, 2])
  func flushingChangesNoResult(threads: Int) throws {
    var net = try Net([2, 8, 12, 12], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("a", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("b", .init("conv", conv), .init("add", with: ["a"]))
    try net.layer("pad", .init("flatten"), .init("pad", ["pads": "0,1,0,1"]))
    try net.layer("fc", .init("fc", ["units": "10"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(threads: threads))
    for layer in plan.stepsOfLayers {
      try plan.flush(steps: layer)
      for step in layer { try plan.run(step: step) }
    }
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) < 1e-4)
  }

  @Test(arguments: [1, 2])
  func droppingWeightsChangesNoResult(threads: Int) throws {
    var net = try Net([2, 8, 12, 12], .nchw)
    try net.layer("a", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("pool", .init("pool", ["kernel": "2"]))
    try net.layer("fc", .init("fc", ["units": "10"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(threads: threads))
    try plan.run()
    try plan.flushWeights(steps: 0..<plan.stepCount)
    try plan.run()
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) < 1e-4)
    // Those of the convolution and of the product are what is dropped; a pool has none.
    var bytes = [0, 0, 0]
    for (step, pieces) in plan.constantMemory.enumerated() {
      bytes[plan.steps[step].layer] += pieces.reduce(0) { $0 + $1.count }
    }
    #expect(bytes[0] >= 4 * 16 * 8 * 9 && bytes[1] == 0 && bytes[2] >= 4 * 10 * 16)
  }

  @Test func everyStepBelongsToOneLayer() throws {
    var net = try Net([1, 8, 12, 12], .nchw)
    try net.layer(
      "a", .init("conv", ["filters": "16", "kernel": "3"]), .init("softmax", ["axis": "1"]))
    try net.layer("b", .init("fc", ["units": "10"]))
    let plan = try Plan(net.program(), options: PlanOptions())
    let layers = plan.stepsOfLayers
    #expect(layers.flatMap { Array($0) } == Array(plan.steps.indices))
    #expect(layers.map { plan.steps[$0.lowerBound].layer } == [0, 1])
    for layer in layers { #expect(Set(layer.map { plan.steps[$0].layer }).count == 1) }
  }
}
