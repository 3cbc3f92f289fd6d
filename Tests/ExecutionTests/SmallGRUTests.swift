import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// GRUs of one step and few numbers, whose packed form overruns its memory in oneDNN 2.6.3.
@Suite("Small GRUs")
struct SmallGRUTests {
  @Test("run on plain weights and agree with plain loops", arguments: [(1, 1), (1, 5), (2, 2)])
  func agree(batch: Int, hidden: Int) throws {
    for form in ["false", "true"] {
      var net = try Net([1, batch, 20], .tnc)
      try net.layer(
        "gru", .init("gru", ["hidden": "\(hidden)", "linear-before-reset": form]))
      let plan = try expectAgreement(net.program())
      #expect(plan.steps.allSatisfy { $0.formats["weights"] != "rnn_packed" })
    }
  }
}
