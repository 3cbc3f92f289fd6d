import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// Networks that say themselves what becomes 8-bit numbers run on integers in their own scales, and give
/// what the naive interpreter gives that rounds where they do.
@Suite struct OwnScaleTests {
  typealias Spec = GraphBuilder.PrimitiveSpec

  /// Numbers that nobody would have calibrated: scales that are not the data's, zero points of both
  /// kinds of integers.
  struct Steps: CustomTestStringConvertible {
    let scale: String
    let zero: Int
    let type: String

    var testDescription: String { "\(scale) from \(zero) in \(type)" }
    var quantize: [String: String] {
      ["scale": scale, "zero-point": "\(zero)", "type": type]
    }
    var dequantize: [String: String] { ["scale": scale, "zero-point": "\(zero)"] }
    /// The same zero point for what a rectifier gives.
    var rectified: Steps { Steps(scale: scale, zero: type == "u8" ? 0 : -128, type: type) }
  }

  static let steps = [
    Steps(scale: "0.0093", zero: 0, type: "s8"), Steps(scale: "0.0093", zero: 117, type: "u8"),
    Steps(scale: "0.0041", zero: -128, type: "s8"), Steps(scale: "0.011", zero: -20, type: "s8"),
  ]

  /// Random numbers rounded to steps of their own, 63 of them to each side at most: even CPUs that
  /// add two products in 16 bits have room for them.
  struct IntegerWeights: WeightProvider {
    var steps: [Float] = [0.004]
    var isWide = false

    func fill(
      instruction: Int, slot: WeightSlot, index: Int, offset: Int,
      into buffer: UnsafeMutableBufferPointer<Float>
    ) {
      SeededWeights(seed: 3).fill(
        instruction: instruction, slot: slot, index: index, offset: offset, into: buffer)
      guard slot.role == .weights else { return }
      let largest: Float = isWide ? 127 : 63
      for place in buffer.indices {
        let row = slot.elementCount / steps.count
        let step = steps[(offset + place) / row]
        buffer[place] = step * min(max((buffer[place] / step).rounded(), -largest), largest)
      }
    }

    func steps(instruction: Int, slot: WeightSlot, index: Int) -> WeightSteps { .own(steps) }
  }

  /// Runs a network with its own scales, fused and not, and compares every output with loops.
  @discardableResult
  func expectOwn(
    _ graph: Graph, _ weights: IntegerWeights = IntegerWeights(), step: Float,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> Plan {
    let program = try graph.program()
    let seeded = SeededWeights(seed: 1)
    let values = ReferenceInterpreter.run(
      program, inputs: (0..<program.inputCount).map { seeded.input($0, of: program) }
    ) { instruction, slot in
      let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
      return weights.values(instruction: instruction, slot: slot, index: index)
    }
    var first: Plan?
    for fusion in [true, false] {
      let plan = try Plan(
        program, options: PlanOptions(threads: 2, fusion: fusion, precision: .int8),
        weights: weights)
      try plan.run()
      try plan.run()
      for (index, output) in program.outputs.enumerated() {
        let differences = zip(plan.readOutput(index), values[output]).map { abs($0 - $1) }
        let worst = differences.max() ?? .infinity
        #expect(
          worst <= 1.001 * step, "fusion \(fusion): off by \(worst), a step is \(step)",
          sourceLocation: sourceLocation)
        // Ties are rounded otherwise now and then; nothing else is.
        let count = differences.count { $0 > step / 2 }
        #expect(
          Double(count) <= 0.01 * Double(differences.count) + 1,
          "fusion \(fusion): \(count) of \(differences.count) are rounded otherwise",
          sourceLocation: sourceLocation)
      }
      first = first ?? plan
    }
    return try #require(first)
  }

  @Test(
    "products take the network's scales and zero points",
    arguments: ["conv", "conv 3", "conv groups", "conv depthwise", "fc", "deconv"], steps)
  func products(name: String, steps: Steps) throws {
    let isRows = name == "fc"
    let filters = name == "conv depthwise" ? 16 : 24
    var net = try isRows ? Net([5, 40], .nc) : Net([1, 16, 9, 9], .nchw)
    let product: Spec
    switch name {
    case "fc": product = try Spec("fc", ["units": "24"])
    case "conv": product = try Spec("conv", ["filters": "24", "kernel": "1"])
    case "conv 3":
      product = try Spec("conv", ["filters": "24", "kernel": "3", "padding": "1", "stride": "2"])
    case "conv groups":
      product = try Spec("conv", ["filters": "24", "kernel": "3", "padding": "1", "groups": "2"])
    case "conv depthwise":
      product = try Spec(
        "conv", ["filters": "16", "kernel": "3", "padding": "1", "groups": "depthwise"])
    default: product = try Spec("deconv", ["filters": "24", "kernel": "3", "stride": "2"])
    }
    try net.layer(
      "in", Spec("quantize", steps.quantize), Spec("dequantize", steps.dequantize))
    let out = Steps(scale: "0.021", zero: steps.zero, type: steps.type)
    try net.layer(
      "product", product, Spec("quantize", out.quantize), Spec("dequantize", out.dequantize))
    let own = IntegerWeights(steps: (0..<filters).map { 0.003 + 0.0001 * Float($0) })
    let plan = try expectOwn(try net.builder.build(), own, step: 0.021)
    if name != "deconv" || steps.zero == (steps.type == "s8" ? -128 : 0) {
      let layer = try #require(
        plan.steps.first { ["convolution", "inner_product", "deconvolution"].contains($0.kind) })
      #expect(layer.precision == .int8, "\(layer.reasonForF32 ?? "")")
    }
  }

  @Test("a rectifier, a pool, a sum and a join stay integers", arguments: steps)
  func chain(steps: Steps) throws {
    var net = try Net([1, 8, 12, 12], .nchw)
    let rectified = steps.rectified
    let pair = { (steps: Steps) throws -> (Spec, Spec) in
      (try Spec("quantize", steps.quantize), try Spec("dequantize", steps.dequantize))
    }
    let (q, d) = try pair(steps)
    let (rq, rd) = try pair(rectified)
    try net.layer("in", q, d)
    let relu = try Spec("activation", ["kind": "relu"])
    try net.layer(
      "a", Spec("conv", ["filters": "16", "kernel": "3", "padding": "1"]), relu, rq, rd)
    try net.layer("pool", Spec("pool", ["kind": "max", "kernel": "2"]))
    try net.layer(
      "b", Spec("conv", ["filters": "16", "kernel": "3", "padding": "1"]), q, d)
    try net.layer("sum", Spec("add", [:], with: ["pool"]), relu, rq, rd)
    try net.layer("mean", Spec("pool", ["kind": "avg", "kernel": "2"]), rq, rd)
    try net.layer(
      "c", from: ["mean"], Spec("conv", ["filters": "8", "kernel": "1"]), relu, rq, rd)
    try net.layer("join", Spec("concat", [:], with: ["mean"]), rq, rd)
    try net.layer("fc", Spec("fc", ["units": "10"]))
    let plan = try expectOwn(try net.builder.build(), step: 0.02)
    let kinds = plan.steps.filter { $0.precision == .int8 && $0.kind != "reorder" }.map(\.kind)
    #expect(
      Set(["convolution", "pooling", "inner_product"]).isSubset(of: Set(kinds)), "\(kinds)")
  }

  @Test("what oneDNN cannot multiply so stays in f32, and says why")
  func fallbacks() throws {
    var net = try Net([4, 32], .nc)
    let steps = Self.steps[1]
    try net.layer("in", Spec("quantize", steps.quantize), Spec("dequantize", steps.dequantize))
    try net.layer("fc", Spec("fc", ["units": "16"]))
    let graph = try net.builder.build()
    let wide = try expectOwn(
      graph, IntegerWeights(steps: [0.0015], isWide: true), step: 0.02)
    let step = try #require(wide.steps.first { $0.kind == "inner_product" })
    if OneDNNEngine().instructionSet?.multiplies(.int8) == true {
      #expect(step.precision == .int8)
    } else {
      #expect(step.reasonForF32?.contains("16 bits") == true)
    }
    let skewed = try expectOwn(graph, IntegerWeights(steps: [0.0001], isWide: false), step: 0.02)
    #expect(skewed.steps.contains { $0.kind == "inner_product" && $0.precision == .int8 })
  }

  @Test("f32 on demand computes what the integers stand for")
  func onDemand() throws {
    var net = try Net([1, 8, 6, 6], .nchw)
    let steps = Self.steps[3]
    let (q, d) = (
      try Spec("quantize", steps.quantize), try Spec("dequantize", steps.dequantize)
    )
    try net.layer("in", q, d)
    try net.layer("a", Spec("conv", ["filters": "8", "kernel": "3"]), q, d)
    let graph = try net.builder.build()
    #expect(graph.quantizesItself)
    let program = try graph.program()
    let plan = try Plan(program, options: PlanOptions(threads: 1), weights: IntegerWeights())
    #expect(plan.steps.allSatisfy { $0.precision == .f32 })
    let own = try Plan(
      program, options: PlanOptions(threads: 1, precision: .int8), weights: IntegerWeights())
    try plan.run()
    try own.run()
    #expect(zip(plan.readOutput(0), own.readOutput(0)).allSatisfy { abs($0 - $1) <= 0.0111 })
    #expect(try #require(try own.cosineSimilarity()) > 0.9999)
  }
}
