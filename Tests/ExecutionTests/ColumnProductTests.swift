import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// Products of a few rows: never one that packs the matrix at every call, and the same numbers.
@Suite struct ColumnProductTests {
  /// Rows, what they hold, results: with and without whole vectors.
  @Test(arguments: [[2, 64, 64], [5, 70, 61], [16, 512, 128], [512, 96, 64]])
  func fewRowsReadWhatWasPackedOnce(_ extents: [Int]) throws {
    var net = try Net([extents[0], extents[1]], .nc)
    try net.layer("fc", .init("fc", ["units": "\(extents[2])"]))
    let step = try #require(try expectAgreement(net.program()).steps.first)
    #expect(!Self.packsAtEveryCall(step), "\(step.implementation)")
  }

  @Test func whatStandsBehindIsFusedAsBefore() throws {
    var net = try Net([4, 3, 72], .tnc)
    try net.layer("a", .init("fc", ["units": "80"]), .init("activation", ["kind": "relu"]))
    try net.layer("b", .init("fc", ["units": "80", "bias": "false"]))
    try net.layer("c", .init("fc", ["units": "80"]), .init("add", with: ["a"]))
    try net.layer("d", .init("fc", ["units": "80"]), .init("mul", with: ["b"]))
    let plan = try expectAgreement(net.program())
    #expect(plan.steps.count == 4, "\(plan.steps.map(\.kind))")
    #expect(plan.steps.map(\.postOps.count) == [1, 0, 1, 1])
    #expect(plan.steps.allSatisfy { !Self.packsAtEveryCall($0) })
  }

  @Test func imagesAreFlattened() throws {
    var net = try Net([3, 8, 6, 6], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("fc", .init("fc", ["units": "40"]))
    let plan = try expectAgreement(net.program())
    let step = try #require(plan.steps.last)
    #expect(!Self.packsAtEveryCall(step), "\(step.implementation)")
  }

  /// The products of input and state of several sequences.
  @Test func splitLSTMsToo() throws {
    var net = try Net([4, 3, 40], .tnc)
    try net.layer("lstm", .init("lstm", ["hidden": "48", "direction": "bidirectional"]))
    let program = try net.program()
    let expected = reference(program)
    let plan = try Plan(program, options: PlanOptions(recurrence: .split))
    try plan.run()
    #expect(error(plan.readOutput(0), expected[program.outputs[0]]) < 1e-4)
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    #expect(!Self.packsAtEveryCall(step), "\(step.implementation)")
  }

  private static func packsAtEveryCall(_ step: PlanStep) -> Bool {
    step.implementation.contains("gemm") && !step.implementation.contains("brgemm")
  }
}
