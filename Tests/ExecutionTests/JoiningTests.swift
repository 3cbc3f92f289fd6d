import TestSupport
import Testing
import Topology

@testable import Execution
@testable import Measuring

/// Joining in place: where it is possible, and that nothing is overwritten that is still read.
@Suite struct JoiningTests {
  @Test func outermost() {
    #expect(Joining.isOutermost(1, of: [1, 32, 7, 7], in: "aBcd16b"))
    #expect(Joining.isOutermost(1, of: [1, 3, 7, 7], in: "abcd"))
    #expect(Joining.isOutermost(0, of: [2, 3, 7, 7], in: "abcd"))
    #expect(Joining.isOutermost(1, of: [1, 3, 1, 1], in: "acdb"))
    #expect(!Joining.isOutermost(1, of: [2, 32, 7, 7], in: "aBcd16b"))
    #expect(!Joining.isOutermost(1, of: [1, 24, 7, 7], in: "aBcd16b"))
    #expect(!Joining.isOutermost(1, of: [1, 32, 7, 7], in: "acdb"))
    #expect(!Joining.isOutermost(2, of: [1, 32, 7, 7], in: "aBcd16b"))
    #expect(!Joining.isOutermost(1, of: [1, 32, 7, 7], in: "ABcd16b16a"))
  }

  /// Dense blocks, where every value is joined to all before it and read again.
  @Test(arguments: [1, 2], PlanOptions.Tuning.allCases)
  func denseBlock(batch: Int, tuning: PlanOptions.Tuning) throws {
    var net = try Net([batch, 16, 9, 9], .nchw)
    let conv = ["filters": "16", "kernel": "3", "padding": "same"]
    try net.layer("stem", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("a", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("join1", .init("concat", with: ["stem"]))
    try net.layer(
      "b", .init("batch-norm"), .init("activation", ["kind": "relu"]), .init("conv", conv))
    try net.layer("join2", .init("concat", with: ["join1"]))
    try net.layer("c", .init("activation", ["kind": "tanh"]), .init("conv", conv))
    try net.layer("join3", .init("concat", with: ["join2", "a"]))
    try net.layer(
      "head", .init("conv", ["filters": "16", "kernel": "1"]), .init("add", with: ["c"]))
    try expectAgreement(try net.program(), tuning)
  }

  /// Values that cannot be part of one buffer: joined twice, with themselves, the network's input.
  @Test(arguments: PlanOptions.Tuning.allCases)
  func copies(tuning: PlanOptions.Tuning) throws {
    var net = try Net([1, 16, 8, 8], .nchw)
    let conv = ["filters": "16", "kernel": "1"]
    try net.layer("a", .init("conv", conv))
    try net.layer("b", .init("conv", conv), .init("activation", ["kind": "relu"]))
    try net.layer("ab", .init("concat", with: ["a"]))
    try net.layer("bb", from: ["b"], .init("concat", with: ["b", "a"]))
    try net.layer("all", .init("concat", with: ["ab", "data"]))
    try net.layer("sum", .init("conv", conv), .init("add", with: ["a"]), .init("add", with: ["b"]))
    try expectAgreement(try net.program(), tuning)
  }

  /// Times that are drawn by lot instead of measured, so that any choice may win.
  @Test("random graphs in random formats", arguments: 1...16)
  func anyFormats(seed: Int) throws {
    var generator = RandomGraphTests.Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let program = try RandomGraphTests.images(&generator)
    let measured = TuningMemory()
    try expectAgreement(program, .search, measured)
    for _ in 0..<4 {
      // In the order of the keys, so that the lots are the same in every run.
      var found: [String: [TunedImplementation]] = [:]
      for (key, entries) in measured.found.sorted(by: { $0.key < $1.key }) {
        found[key] = entries.map { entry in
          TunedImplementation(
            variant: entry.variant, implementation: entry.implementation,
            algorithm: entry.algorithm, formats: entry.formats,
            time: entry.time.map { _ in Double(1 + generator.below(1000)) }, error: entry.error)
        }
      }
      var reorders: [String: Double] = [:]
      for (key, time) in measured.reorders.sorted(by: { $0.key < $1.key }) {
        reorders[key] = time.isFinite ? Double(generator.below(200)) : time
      }
      try expectAgreement(program, .search, TuningMemory(found: found, reorders: reorders))
    }
  }

  private func expectAgreement(
    _ program: Program, _ tuning: PlanOptions.Tuning, _ tunings: TuningMemory = TuningMemory()
  ) throws {
    let expected = reference(program)
    let plan = try Plan(program, options: PlanOptions(tuning: tuning), tunings: tunings)
    // Twice: the second pass finds what the first one left in the arena.
    for _ in 0..<2 {
      try plan.run()
      for (index, output) in program.outputs.enumerated() {
        #expect(error(plan.readOutput(index), expected[output]) < 1e-3)
      }
    }
  }
}
