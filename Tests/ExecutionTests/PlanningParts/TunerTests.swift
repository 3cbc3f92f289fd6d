import DNNL
import Profiling
import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// What a search takes, by times that nothing has to run for.
@Suite struct TunerTests {
  private func parts() throws -> Parts {
    var net = try Net([1, 32, 12, 12], .nchw)
    try net.layer("conv", .init("conv", ["filters": "32", "kernel": "3", "padding": "same"]))
    return try Parts(net.program())
  }

  private func lower(_ parts: Parts, _ context: PlanningContext) throws {
    try context.table.addInput(0)
    let operation = parts.flow.program.instructions[0].operation
    try #require(operation.lowering(in: context)).lower(0)
  }

  /// Each implementation takes half the time of the one before, so that the last one wins; or twice.
  @Test(arguments: [0.5, 2])
  func theFastestIsTaken(ratio: Double) throws {
    let parts = try parts()
    let timer = ScriptedTimer { number, _ in
      (0..<number).reduce(1e6) { time, _ in time * ratio }
    }
    let tunings = TuningMemory()
    let context = parts.context(PlanOptions(tuning: .search), tunings: tunings, timer: timer)
    try lower(parts, context)
    let site = try #require(context.tuner.survey.first)
    #expect(context.tuner.survey.count == 1)
    try #require(site.candidates.count > 1)
    let best = try #require(ratio < 1 ? site.candidates.last : site.candidates.first)
    let step = try #require(context.emitter.steps.last { $0.step.kind == "convolution" }?.step)
    #expect(step.implementation == best.implementation)
    #expect(step.formats["src"] == best.source && step.formats["dst"] == best.result)
    #expect(step.choice == .searched)
    #expect(!step.alternatives.isEmpty)
    // What was found is not timed again.
    let count = timer.timed.count
    let again = parts.context(PlanOptions(tuning: .search), tunings: tunings, timer: timer)
    try lower(parts, again)
    #expect(timer.timed.count == count)
    // Assigned for the network as a whole, where nothing but the place itself costs anything.
    let layouts = try again.tuner.assign()
    #expect(layouts.implementation(of: 0, among: site.candidates)?.isSame(as: best) == true)
  }

  @Test func withoutASearchNothingIsTimed() throws {
    let parts = try parts()
    let timer = ScriptedTimer { _, _ in 1 }
    let context = parts.context(PlanOptions(tuning: .fast), timer: timer)
    try lower(parts, context)
    #expect(timer.timed.isEmpty && context.tuner.survey.isEmpty)
    #expect(context.emitter.steps.allSatisfy { $0.step.choice == nil })
  }

  /// What a budget may be spent on is left open and guessed until somebody tries it.
  @Test func openPlacesAreTriedOnce() throws {
    let parts = try parts()
    let timer = ScriptedTimer { number, _ in 1e6 + Double(number) }
    let tunings = TuningMemory()
    let setting = PlanningContext.Setting(
      flow: parts.flow, options: PlanOptions(tuning: .auto), weights: SeededWeights(seed: 1),
      ranges: nil, tunings: tunings, engine: parts.engine, stream: parts.stream)
    let context = PlanningContext(setting, nil, isSurvey: true, keepsOpen: true, timer: timer)
    try lower(parts, context)
    let search = context.tuner.search
    #expect(timer.timed.isEmpty && search.carriedTime > 0)
    #expect(search.openPlaces.count == 1)
    #expect(try search.tryOpenPlaces(until: .max))
    #expect(!timer.timed.isEmpty && search.openPlaces.isEmpty)
    #expect(tunings.found.count == 1)
    #expect(try !search.tryOpenPlaces(until: .max))
  }

  @Test func movementsAreRemembered() throws {
    let parts = try parts()
    let tunings = TuningMemory()
    let timer = ScriptedTimer { _, _ in 1 }
    let settings = SearchSettings(
      flow: parts.flow, options: PlanOptions(tuning: .search), timer: timer, tunings: tunings)
    let movements = MovementTimes(settings: settings, engine: parts.engine)
    #expect(try movements.reorder([1, 32, 12, 12], from: "abcd", to: "abcd") == 0)
    #expect(tunings.reorders.isEmpty)
    _ = try movements.reorder([1, 32, 12, 12], from: "abcd", to: "acdb")
    #expect(tunings.reorders.count == 1)
    // Within a budget that is not open it is guessed, and not kept.
    let guessing = SearchSettings(
      flow: parts.flow, options: PlanOptions(tuning: .auto), timer: timer, tunings: TuningMemory())
    let guessed = try MovementTimes(settings: guessing, engine: parts.engine)
      .reorder([1, 32, 12, 12], from: "abcd", to: "acdb")
    #expect(guessed > 0 && guessing.tunings.reorders.isEmpty)
  }
}
