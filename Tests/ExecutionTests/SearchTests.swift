import Profiling
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

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

  /// 64 channels of 28 × 28 and a post-op: where oneDNN has Winograd for it, what it executes is
  /// 49 tiles of 4 × 4.
  @Test func winogradsWorkIsCounted() throws {
    var net = try Net([1, 64, 28, 28], .nchw)
    try net.layer("in", .init("conv", ["filters": "64", "kernel": "1"]))
    try net.layer(
      "conv", .init("conv", ["filters": "64", "kernel": "3", "padding": "same"]),
      .init("activation", ["kind": "relu"]))
    let plan = try Plan(net.program(), options: PlanOptions(tuning: .search))
    let winograd = plan.steps.indices.filter { plan.steps[$0].implementation.contains("wino") }
    #expect(plan.algorithmWork.keys.sorted() == winograd)
    for (step, work) in plan.algorithmWork {
      #expect(work.direct == 2 * 9 * 64 * 64 * 28 * 28)
      if plan.steps[step].implementation.contains("4x3") {
        #expect(work.executed == 49 * (2 * 36 * 64 * 64 + 64 * (288 + 160)))
      }
    }
    #expect(try Plan(net.program(), options: PlanOptions()).algorithmWork.isEmpty)
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

  @Test func whatWasFoundIsNotSearchedAgain() throws {
    var net = try Net([1, 16, 12, 12], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("a", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("b", .init("conv", conv))
    let program = try net.program()
    let first = TuningMemory()
    let plan = try Plan(program, options: PlanOptions(tuning: .search), tunings: first)
    #expect(first.isChanged && !first.found.isEmpty)
    let second = TuningMemory(found: first.found, reorders: first.reorders)
    let again = try Plan(program, options: PlanOptions(tuning: .search), tunings: second)
    #expect(!second.isChanged)
    #expect(plan.steps.map(\.implementation) == again.steps.map(\.implementation))
    #expect(plan.steps.map(\.formats) == again.steps.map(\.formats))
    // A team of another size is another search.
    let other = try Plan(
      program, options: PlanOptions(threads: 2, tuning: .search), tunings: second)
    #expect(second.isChanged && other.steps.count > 0)
  }

  /// One number that JSON cannot hold would lose the whole cache.
  @Test func whatIsKeptCanBeWritten() throws {
    let memory = TuningMemory()
    memory.remember(reorder: .infinity, for: "impossible")
    #expect(!memory.isChanged && memory.reorders.isEmpty)
    memory.remember(reorder: 5, for: "possible")
    #expect(memory.isChanged && memory.reorders == ["possible": 5])
  }

  @Test func winogradSaysHowMuchItRounds() throws {
    guard OneDNN.info.isa.contains("avx512") else { return }
    var net = try Net([1, 64, 28, 28], .nchw)
    try net.layer("a", .init("conv", ["filters": "64", "kernel": "3", "padding": "same"]))
    let memory = TuningMemory()
    _ = try Plan(net.program(), options: PlanOptions(tuning: .search), tunings: memory)
    let entries = memory.found.values.flatMap(\.self)
    let winograd = entries.filter { $0.algorithm == "convolution_winograd" && $0.time != nil }
    // 3.x dropped it on x86.
    #expect(winograd.isEmpty != OneDNN.info.version.hasPrefix("2."))
    for entry in entries {
      if entry.algorithm == "convolution_winograd", entry.time != nil {
        let error = try #require(entry.error)
        #expect(error > 1e-8 && error < 1e-4)
      } else {
        #expect(entry.error == nil)
      }
    }
  }
}
