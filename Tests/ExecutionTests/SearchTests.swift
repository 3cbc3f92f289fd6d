import Execution
import TestSupport
import Testing
import Topology

/// `--tuning search` keeps the results and says what it tried.
@Suite struct SearchTests {
  @Test func searchKeepsResults() throws {
    var net = try Net([1, 16, 16, 16], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("stem", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("a", .init("conv", conv), .init("batch-norm"))
    try net.layer(
      "b", .init("conv", conv), .init("add", with: ["stem"]), .init("activation", ["kind": "relu"]))
    try net.layer("fc", .init("fc", ["units": "10"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(tuning: .search))
    try plan.run()
    let expected = reference(program)
    // Winograd rounds more.
    #expect(error(plan.readOutput(0), expected[program.outputs[0]]) < 1e-3)
    for step in plan.steps where step.kind == "convolution" || step.kind == "inner_product" {
      #expect(!step.alternatives.isEmpty)
    }
  }

  @Test func searchTimesBothRecurrentFormats() throws {
    var net = try Net([6, 2, 24], .tnc)
    try net.layer("lstm", .init("lstm", ["hidden": "24"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(tuning: .search))
    try plan.run()
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) < 1e-4)
    #expect(plan.steps.count == 1)
  }
}
