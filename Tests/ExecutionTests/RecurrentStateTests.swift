import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// First states that recurrent layers are given, and last ones that other layers read.
@Suite struct RecurrentStateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var element: String
    var attributes: [String: String] = [:]
    var steps = 4
    var batch = 2

    var states: [String] { element == "lstm" ? ["h", "c"] : ["h"] }
    var testDescription: String { "\(element) \(attributes) \(steps)x\(batch)" }
  }

  static let cases: [Case] = [
    Case(element: "lstm"), Case(element: "gru"), Case(element: "rnn"),
    Case(element: "gru", attributes: ["linear-before-reset": "true"]),
    Case(element: "lstm", attributes: ["direction": "backward"], batch: 1),
    Case(element: "lstm", attributes: ["direction": "bidirectional"], batch: 3),
    Case(element: "gru", attributes: ["direction": "bidirectional-sum"]),
    Case(element: "lstm", attributes: ["layers": "3"]),
    Case(element: "gru", attributes: ["layers": "2", "direction": "bidirectional"]),
    Case(element: "lstm", steps: 1, batch: 20),
  ]

  /// A layer that is given states, whose states another one of the same kind is given.
  private func program(_ test: Case) throws -> Program {
    let hidden = 9
    var attributes = test.attributes
    attributes["hidden"] = "\(hidden)"
    let ways = attributes["direction"]?.hasPrefix("bi") == true ? 2 : 1
    let rows = ways * (Int(attributes["layers"] ?? "") ?? 1)
    var net = try Net([test.steps, test.batch, 6], .tnc)
    for state in test.states {
      try net.builder.addInput(
        name: state, type: TensorType(dims: [rows, test.batch, hidden], .tnc))
    }
    try net.layer("first", from: ["data"], .init(test.element, attributes, with: test.states))
    try net.layer(
      "second", from: ["data"],
      .init(test.element, attributes, with: test.states.map { "first.\($0)" }))
    for state in test.states {
      try net.layer(
        "half-\(state)", from: ["second.\(state)"],
        .init("activation", ["kind": "linear", "alpha": "0.5"]))
    }
    try net.layer("sum", from: ["first", "second"], .init("add"))
    return try net.program()
  }

  @Test(arguments: cases)
  func agreesWithNaiveLoops(_ test: Case) throws { try expectAgreement(program(test)) }

  @Test(arguments: cases, [Precision.bf16, .int8])
  func agreesInOtherPrecisions(_ test: Case, precision: Precision) throws {
    try expectAgreement(program(test), in: precision, depth: 10, threads: [1])
  }

  @Test func statesAreTheLastOutputs() throws {
    var net = try Net([5, 2, 6], .tnc)
    try net.layer("lstm", .init("lstm", ["hidden": "8"]))
    try net.layer("h", from: ["lstm.h"], .init("inlay", ["kind": "copy"]))
    try net.layer("end", from: ["lstm"], .init("slice", ["starts": "-1", "ends": "5"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.outputCount == 2)
    try plan.run()
    #expect(plan.readOutput(0) == plan.readOutput(1))
  }

  /// Who does not read states does not pay for them.
  @Test func unreadStatesAreNotMade() throws {
    var net = try Net([5, 2, 6], .tnc)
    try net.layer("lstm", .init("lstm", ["hidden": "8", "layers": "2"]))
    let program = try net.program()
    #expect(program.instructions.allSatisfy { $0.states.isEmpty })
    #expect(program.instructions.count == 2)
  }
}
