import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// The bytes that an LSTM moves depend on what runs: the packed implementation reads both weight
/// matrices at every step, the plain one multiplies the inputs of all steps at once and reads the
/// recurrent matrix again only.
@Suite struct RecurrentTrafficTests {
  @Test(arguments: [(steps: 6, batch: 2), (steps: 6, batch: 16), (steps: 1, batch: 2)])
  func rereadsAreTheImplementations(steps: Int, batch: Int) throws {
    let (inputs, hidden) = (48, 32)
    var net = try Net([steps, batch, inputs], .tnc)
    try net.layer("lstm", .init("lstm", ["hidden": "\(hidden)"]))
    let plan = try Plan(net.program(), options: PlanOptions())
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    let layer = 4 * 4 * hidden * inputs
    let iteration = 4 * 4 * hidden * hidden
    let again = step.implementation.contains("brgemm") ? layer + iteration : iteration
    #expect(step.traffic.reread.bytes == (steps - 1) * again)
    #expect(step.traffic.reread.setBytes == again)
    #expect(step.traffic.weightBytes >= layer + iteration)
  }

  /// One direction ends before the other begins.
  @Test func twoDirectionsCycleByThemselves() throws {
    let (inputs, hidden) = (48, 32)
    var net = try Net([6, 2, inputs], .tnc)
    try net.layer(
      "lstm", .init("lstm", ["hidden": "\(hidden)", "direction": "bidirectional"]))
    let plan = try Plan(net.program(), options: PlanOptions())
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    let iteration = 4 * 4 * hidden * hidden
    let layer = step.implementation.contains("brgemm") ? 4 * 4 * hidden * inputs : 0
    #expect(step.traffic.reread.setBytes == iteration + layer)
    #expect(step.traffic.reread.bytes == 2 * 5 * (iteration + layer))
  }
}
