import Execution
import Measuring
import Profiling
import TestSupport
import Testing
import Topology

/// Numbers narrower than f32, against the naive interpreter in f32.
///
/// bf16 keeps 8 bits of the significand: rounding a number errs by 2⁻⁹ of it at most. A result
/// collects the errors of its operands, of the value that each fused step would have stored, and
/// its own; they are compared with the largest magnitude of the result. 8-bit integers err by half
/// a unit, 1/254 of the largest magnitude for signed data.
enum Narrow {
  /// A bound on the error of a result that is `depth` rounded values deep.
  static func tolerance(_ precision: Precision, depth: Int = 1) -> Float {
    switch precision {
    case .f32: 1e-4
    case .bf16: Float(depth + 1) / 256
    case .int8: Float(depth + 1) / 64
    }
  }
}

/// The cosine of the angle between two results.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
  let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
  func square(_ values: [Float]) -> Double { values.reduce(0.0) { $0 + Double($1) * Double($1) } }
  let norms = (square(a) * square(b)).squareRoot()
  return norms == 0 ? (square(a) == square(b) ? 1 : 0) : product / norms
}

/// Plans and runs a program in a precision, fused and not, and compares its outputs.
@discardableResult
func expectAgreement(
  _ program: Program, in precision: Precision, depth: Int = 1, threads: [Int] = [1, 2],
  cosine least: Double = 0.99, sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws -> Plan {
  let values = reference(program)
  let tolerance = Narrow.tolerance(precision, depth: depth)
  var first: Plan?
  for threads in threads {
    for fusion in [true, false] {
      let plan = try Plan(
        program, options: PlanOptions(threads: threads, fusion: fusion, precision: precision))
      try plan.run()
      try plan.run()
      for (index, output) in program.outputs.enumerated() {
        let actual = plan.readOutput(index)
        #expect(
          error(actual, values[output]) <= tolerance,
          "output \(index), \(precision), \(threads) threads, fusion \(fusion)",
          sourceLocation: sourceLocation)
        #expect(
          cosine(actual, values[output]) >= least, "output \(index)",
          sourceLocation: sourceLocation)
      }
      expectConsistency(plan, program, sourceLocation: sourceLocation)
      if first == nil { first = plan }
    }
  }
  return try #require(first)
}

@Suite struct PrecisionTests {
  typealias Case = OperationTests.Case

  /// Indices and labels are no quantities that may be rounded.
  static let cases =
    (OperationTests.convolutions + OperationTests.products + OperationTests.windows
    + OperationTests.elementwise + MoreOperationTests.deconvolutions + MoreOperationTests.products
    + MoreOperationTests.normalizations + MoreOperationTests.movements
    + MoreOperationTests.namesakes).filter {
      $0.attributes["kind"] != "argmax"
    }

  @Test(arguments: cases, [Precision.bf16, .int8])
  func kindsAgreeWithNaiveLoops(_ test: Case, precision: Precision) throws {
    let types = try test.inputs.map { try TensorType(dims: $0.0, $0.1) }
    let graph = try Graph.single(test.element, test.attributes, on: types)
    let isDeep = ["lstm", "gru", "rnn", "attention", "reduce", "quantize"].contains(test.element)
    let depth = (isDeep ? 4 : 1) * (Int(test.attributes["layers"] ?? "") ?? 1)
    try expectAgreement(graph.program(), in: precision, depth: depth, threads: [1])
  }

  /// Where oneDNN has code, it is used; the test says which kinds those are on AVX-512 with bf16.
  @Test(
    .enabled(if: OneDNN.info.isa.hasPrefix("avx512_core_bf16")),
    arguments: [
      "conv", "fc", "lstm", "gru", "rnn", "deconv", "pool", "batch-norm", "layer-norm",
      "softmax", "activation", "add", "concat", "matmul",
    ])
  func runsInBF16(_ element: String) throws {
    let test = try #require(
      (PrecisionTests.cases + [Case("activation", ["kind": "tanh"], ([3, 16], .nc))]).first {
        $0.element == element
      })
    let types = try test.inputs.map { try TensorType(dims: $0.0, $0.1) }
    let program = try Graph.single(element, test.attributes, on: types).program()
    let plan = try Plan(program, options: PlanOptions(precision: .bf16))
    #expect(plan.steps.allSatisfy { $0.reasonForF32 == nil }, "\(plan.steps)")
    #expect(plan.steps.contains { $0.precision == .bf16 && !$0.sources.isEmpty })
  }

  /// Local response normalisation has bf16 code for blocked images only.
  @Test(.enabled(if: OneDNN.info.isa.hasPrefix("avx512_core_bf16")))
  func normalizesBlockedImagesInBF16() throws {
    var net = try Net([1, 16, 9, 9], .nchw)
    try net.layer(
      "conv", .init("conv", ["filters": "32", "kernel": "3"]), .init("lrn", ["size": "5"]),
      .init("pool", ["kernel": "2"]))
    let plan = try expectAgreement(net.program(), in: .bf16, depth: 3)
    #expect(plan.steps.filter { !$0.sources.isEmpty }.allSatisfy { $0.precision == .bf16 })
  }

  /// Convolutions with all that is fused behind them, joined and pooled without leaving 8 bits.
  @Test(.enabled(if: OneDNN.info.isa.hasPrefix("avx512_core")))
  func residualBlockStaysInInt8() throws {
    var net = try Net([2, 3, 16, 16], .nchw)
    try net.layer(
      "stem", .init("conv", ["filters": "16", "kernel": "3", "padding": "same"]),
      .init("batch-norm"), .init("activation", ["kind": "relu"]),
      .init("pool", ["kernel": "2"]))
    try net.layer(
      "shortcut", from: ["stem"], .init("conv", ["filters": "32", "kernel": "1"]),
      .init("batch-norm"))
    try net.layer(
      "a", from: ["stem"], .init("conv", ["filters": "32", "kernel": "3", "padding": "same"]),
      .init("batch-norm"), .init("add", with: ["shortcut"]), .init("activation", ["kind": "relu"]))
    try net.layer(
      "b",
      .init("conv", ["filters": "32", "kernel": "3", "padding": "same", "groups": "depthwise"]),
      .init("batch-norm"), .init("activation", ["kind": "relu6"]))
    try net.layer(
      "c", .init("conv", ["filters": "32", "kernel": "1"]), .init("batch-norm"),
      .init("add", with: ["a"]), .init("activation", ["kind": "hard-swish"]))
    try net.layer("d", from: ["c", "b"], .init("concat"))
    try net.layer("out", .init("global-pool", ["kind": "avg"]), .init("fc", ["units": "10"]))
    let plan = try expectAgreement(net.program(), in: .int8, depth: 5)
    #expect(plan.steps.allSatisfy { $0.reasonForF32 == nil }, "\(plan.steps)")
    // One reorder for the image, which the network's input needs.
    #expect(plan.steps.count { $0.kind == "reorder" } <= 2, "\(plan.steps)")
    #expect(plan.steps.contains { $0.postOps.contains("sum") })
  }

  /// Kinds that compute in 8 bits where their readers do; the LSTM wants VNNI.
  @Test(
    .enabled(if: OneDNN.info.isa.contains("bf16") || OneDNN.info.isa.contains("vnni")),
    arguments: ["conv", "fc", "deconv", "matmul", "lstm"])
  func runsInInt8(_ element: String) throws {
    let test = try #require(PrecisionTests.cases.first { $0.element == element })
    let types = try test.inputs.map { try TensorType(dims: $0.0, $0.1) }
    let program = try Graph.single(element, test.attributes, on: types).program()
    let plan = try Plan(program, options: PlanOptions(precision: .int8))
    #expect(plan.steps.allSatisfy { $0.reasonForF32 == nil }, "\(plan.steps)")
    #expect(plan.steps.contains { $0.precision == .int8 && !$0.sources.isEmpty })
  }

  /// What it is compared with has the weights that the plan has, and not those of the seed.
  @Test(arguments: [Precision.bf16, .int8])
  func isComparedWithF32OfTheSameWeights(_ precision: Precision) throws {
    var net = try Net([1, 3, 12, 12], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("fc", .init("fc", ["units": "31"]))
    let program = try net.program()
    let options = PlanOptions(precision: precision, seed: 1)
    let plan = try Plan(program, options: options, weights: SeededWeights(seed: 99))
    #expect(try #require(try plan.cosineSimilarity()) > 0.99)
    let own = try Plan(program, options: options)
    try own.run()
    #expect(cosine(own.readOutput(0), plan.readOutput(0)) < 0.9)
  }

  @Test(arguments: Array(1...30) + [53, 135, 149, 176, 227, 242, 311, 436, 498, 508])
  func randomGraphsStayCloseInInt8(seed: Int) throws {
    var generator = RandomGraphTests.Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let program = try RandomGraphTests.images(&generator)
    try expectAgreement(program, in: .int8, depth: 12, threads: [1 + seed % 2], cosine: 0.98)
  }

  @Test(arguments: 1...15)
  func randomSequencesStayCloseInInt8(seed: Int) throws {
    var generator = RandomGraphTests.Generator(state: UInt64(seed) &* 0xD6E8_FEB8_6659_FD93)
    let program = try RandomGraphTests.sequences(&generator)
    try expectAgreement(program, in: .int8, depth: 12, threads: [1 + seed % 2], cosine: 0.98)
  }

  @Test(arguments: [Precision.bf16, .int8])
  func oneSeedGivesOneResult(_ precision: Precision) throws {
    var net = try Net([1, 3, 12, 12], .nchw)
    try net.layer(
      "conv", .init("conv", ["filters": "16", "kernel": "3"]), .init("activation", ["kind": "relu"])
    )
    try net.layer("fc", .init("fc", ["units": "7"]))
    let program = try net.program()
    let results = try [1, 2].map { threads in
      let plan = try Plan(
        program, options: PlanOptions(threads: threads, precision: precision, seed: 9))
      try plan.run()
      return plan.readOutput(0)
    }
    #expect(results[0] == results[1])
    let other = try Plan(program, options: PlanOptions(precision: precision, seed: 10))
    try other.run()
    #expect(other.readOutput(0) != results[0])
  }

  @Test(arguments: [Precision.bf16, .int8])
  func searchKeepsTheResult(_ precision: Precision) throws {
    var net = try Net([1, 16, 10, 10], .nchw)
    try net.layer(
      "a", .init("conv", ["filters": "32", "kernel": "3", "padding": "same"]), .init("batch-norm"),
      .init("activation", ["kind": "relu"]))
    try net.layer(
      "b", .init("conv", ["filters": "32", "kernel": "1"]), .init("add", with: ["a"]),
      .init("activation", ["kind": "relu"]))
    try net.layer("pool", .init("pool", ["kernel": "2"]), .init("fc", ["units": "9"]))
    let program = try net.program()
    let plan = try Plan(program, options: PlanOptions(precision: precision, tuning: .search))
    try plan.run()
    #expect(cosine(plan.readOutput(0), reference(program)[program.outputs[0]]) > 0.999)
    #expect(plan.steps.filter { $0.kind == "convolution" }.allSatisfy { !$0.alternatives.isEmpty })
  }

  @Test(arguments: [Precision.bf16, .int8])
  func tellsHowFarItIsFromF32(_ precision: Precision) throws {
    var net = try Net([1, 3, 12, 12], .nchw)
    try net.layer("conv", .init("conv", ["filters": "16", "kernel": "3"]))
    try net.layer("fc", .init("fc", ["units": "31"]), .init("softmax"))
    let program = try net.program()
    let values = reference(program)
    let plan = try Plan(program, options: PlanOptions(precision: precision))
    let similarity = try #require(try plan.cosineSimilarity())
    let expected = cosine(plan.readOutput(0), values[program.outputs[0]])
    #expect(abs(similarity - expected) < 1e-5)
    if plan.steps.contains(where: { $0.precision == precision }) { #expect(similarity < 1) }
    let f32 = try Plan(program)
    #expect(try #require(try f32.cosineSimilarity()) > 0.999_999)
  }

  @Test(arguments: Array(1...30) + [53, 135, 149, 176, 227, 242, 311, 436, 498, 508])
  func randomGraphsAgreeInBF16(seed: Int) throws {
    var generator = RandomGraphTests.Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let program = try RandomGraphTests.images(&generator)
    try expectAgreement(program, in: .bf16, depth: 12, threads: [1 + seed % 2], cosine: 0.999)
  }

  @Test(arguments: 1...15)
  func randomSequencesAgreeInBF16(seed: Int) throws {
    var generator = RandomGraphTests.Generator(state: UInt64(seed) &* 0xD6E8_FEB8_6659_FD93)
    let program = try RandomGraphTests.sequences(&generator)
    try expectAgreement(program, in: .bf16, depth: 12, threads: [1 + seed % 2], cosine: 0.999)
  }
}
