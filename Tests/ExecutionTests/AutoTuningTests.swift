import Foundation
import Profiling
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// `--tuning auto`: what is tried, what is guessed, and that every process plans alike.
@Suite struct AutoTuningTests {
  private func program() throws -> Program {
    var net = try Net([1, 16, 20, 20], .nchw)
    let conv = ["filters": "32", "kernel": "3", "padding": "same"]
    try net.layer("stem", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("a", .init("conv", conv), .init("batch-norm"))
    try net.layer("join", .init("concat", with: ["stem"]))
    try net.layer(
      "b", .init("conv", ["filters": "32", "kernel": "1"]), .init("add", with: ["stem"]),
      .init("activation", ["kind": "relu"]))
    try net.layer("fc", .init("fc", ["units": "10"]))
    return try net.program()
  }

  private func options(budget: Double, isExact: Bool = false) -> PlanOptions {
    PlanOptions(tuning: .auto, budget: budget, isExact: isExact)
  }

  private func choices(_ plan: Plan) -> Set<TuningSource> { Set(plan.steps.compactMap(\.choice)) }

  @Test func withoutABudgetAllIsGuessed() throws {
    let program = try program()
    let memory = TuningMemory()
    let plan = try Plan(program, options: options(budget: 0), tunings: memory)
    try plan.run()
    #expect(choices(plan) == [.guessed])
    #expect(!memory.isChanged)
    #expect(plan.steps.allSatisfy { $0.alternatives.isEmpty })
    let expected = reference(program)
    #expect(error(plan.readOutput(0), expected[program.outputs[0]]) < 1e-4)
    // Nothing says how an implementation was chosen where there was no choice.
    #expect(choices(try Plan(program, options: PlanOptions())).isEmpty)
  }

  @Test func aBudgetIsSpentOnTrialsAndTheyAreRemembered() throws {
    let program = try program()
    let memory = TuningMemory()
    #expect(try Plan.hasOpenPlaces(program, options: options(budget: 60), tunings: memory))
    let plan = try Plan(program, options: options(budget: 60), tunings: memory)
    try plan.run()
    #expect(choices(plan) == [.searched])
    let expected = reference(program)
    #expect(error(plan.readOutput(0), expected[program.outputs[0]]) < 1e-3)
    // Another run tries nothing, and plans alike.
    let later = TuningMemory(found: memory.found, reorders: memory.reorders)
    #expect(try !Plan.hasOpenPlaces(program, options: options(budget: 60), tunings: later))
    let again = try Plan(program, options: options(budget: 0), tunings: later)
    #expect(choices(again) == [.remembered])
    #expect(!later.isChanged)
    #expect(again.steps.map(\.implementation) == plan.steps.map(\.implementation))
    #expect(again.steps.map(\.formats) == plan.steps.map(\.formats))
    // What auto found serves a search, which finds nothing left to try at these places.
    let known = later.found.count
    _ = try Plan(program, options: PlanOptions(tuning: .search), tunings: later)
    #expect(later.found.count == known)
  }

  /// What was decided is all that another process needs: the same plan follows, whatever else is
  /// remembered by then.
  @Test func whatWasDecidedMakesTheSamePlan() throws {
    let program = try program()
    let memory = TuningMemory()
    memory.remember(reorder: 7, for: "of another network")
    let other = TuningMemory(found: ["elsewhere": []], reorders: memory.reorders)
    _ = try Plan(program, options: options(budget: 60), tunings: other)
    let decided = other.decided()
    #expect(decided.mode == .known)
    #expect(decided.found["elsewhere"] == nil && decided.reorders["of another network"] == nil)
    #expect(!decided.found.isEmpty)
    let here = try Plan(program, options: options(budget: 0), tunings: other)
    let there = try Plan(program, options: options(budget: 9), tunings: decided)
    #expect(here.steps == there.steps)
    #expect(choices(there) == [.searched])
    #expect(!decided.isChanged)
  }

  /// 8-bit networks are not calibrated twice only to see what there is to try.
  @Test func eightBitNetworksAreNotSearchedUntold() throws {
    var given = options(budget: 60)
    given.precision = .int8
    #expect(try !Plan.hasOpenPlaces(program(), options: given, tunings: TuningMemory()))
  }

  @Test func exactPlansRefuseWhatRoundsOtherwise() throws {
    var net = try Net([1, 64, 28, 28], .nchw)
    try net.layer("a", .init("conv", ["filters": "64", "kernel": "3", "padding": "same"]))
    let program = try net.program()
    let memory = TuningMemory()
    _ = try Plan(program, options: PlanOptions(tuning: .search), tunings: memory)
    let exact = try Plan(
      program, options: PlanOptions(tuning: .search, isExact: true), tunings: memory)
    #expect(exact.steps.allSatisfy { $0.algorithm != "convolution_winograd" })
    #expect(exact.steps.allSatisfy { $0.numericalError == nil })
    let text = """
      [{"variant": 1, "implementation": "jit_wino", "algorithm": "convolution_winograd",
        "formats": ["a", "b", "c"], "time": 1, "error": 1e-5},
       {"variant": 0, "implementation": "jit", "algorithm": "convolution_direct",
        "formats": ["a", "b", "c"], "time": 2}]
      """
    let found = try JSONDecoder().decode([TunedImplementation].self, from: Data(text.utf8))
    #expect(CandidateSearch.allowed(found, isExact: true).map(\.isRefused) == [true, false])
    #expect(CandidateSearch.allowed(found, isExact: false).map(\.isRefused) == [false, false])
  }

  /// More work is never expected to take less time, whatever the lines of the model say of the rest.
  @Test(arguments: ["jit:avx2", "jit_1x1:avx2", "x64:gemm:jit"])
  func guessesGrowWithTheWork(implementation: String) throws {
    func time(_ channels: Double) -> Double {
      let work = CostModel.Work(
        macs: channels * channels * 784, values: 2 * channels * 784, weights: channels * channels,
        threads: 1)
      return CostModel.convolution(
        work, implementation: implementation, source: "aBcd8b", result: "aBcd8b")
    }
    let times = [time(64), time(128), time(256)]
    #expect(times == times.sorted() && times[0] > 0)
    let small = CostModel.reorder(bytes: 1 << 16, from: "abcd", to: "aBcd8b", threads: 1)
    let large = CostModel.reorder(bytes: 1 << 22, from: "abcd", to: "aBcd8b", threads: 1)
    #expect(small > 0 && large > 8 * small)
  }
}
