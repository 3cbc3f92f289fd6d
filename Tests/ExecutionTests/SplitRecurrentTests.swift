import Execution
import Measuring
import Profiling
import TestSupport
import Testing
import Topology

/// An LSTM that is split into products gives what naive loops and oneDNN's primitive give.
@Suite struct SplitRecurrentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var steps = 4
    var batch = 1
    var inputs = 6
    var hidden = 8
    var layers = 1
    var direction = Topology.Recurrent.Direction.forward

    var testDescription: String {
      "\(steps)x\(batch)x\(inputs), \(layers) x \(hidden), \(direction.rawValue)"
    }

    func program(behind: GraphBuilder.PrimitiveSpec? = nil) throws -> Program {
      var net = try Net([steps, batch, inputs], .tnc)
      try net.layer(
        "lstm",
        .init(
          "lstm",
          [
            "hidden": "\(hidden)", "layers": "\(layers)", "direction": direction.rawValue,
          ]))
      if let behind { try net.layer("behind", behind) }
      return try net.program()
    }
  }

  static let cases = [
    Case(), Case(batch: 2), Case(steps: 1), Case(steps: 2, batch: 3),
    Case(steps: 5, inputs: 7, hidden: 9, direction: .backward),
    Case(steps: 3, batch: 2, inputs: 5, hidden: 17, direction: .bidirectional),
    Case(steps: 6, inputs: 33, hidden: 64, direction: .bidirectional),
    Case(steps: 3, batch: 2, direction: .bidirectionalSum),
    Case(steps: 3, batch: 17, inputs: 3, hidden: 5, direction: .bidirectionalSum),
    Case(steps: 1, batch: 2, direction: .bidirectional),
    Case(steps: 3, batch: 2, inputs: 11, hidden: 8, layers: 3, direction: .backward),
    Case(steps: 4, inputs: 5, hidden: 6, layers: 2, direction: .bidirectional),
  ]

  static let variants = [1, 2].flatMap { threads in
    [
      PlanOptions(threads: threads, recurrence: .split),
      PlanOptions(threads: threads, fusion: false, recurrence: .split),
      PlanOptions(threads: threads, keepAllValues: true, recurrence: .split),
      PlanOptions(threads: threads, recurrence: .sliced),
    ]
  }

  @Test(arguments: cases) func agreesWithLoops(_ test: Case) throws {
    // A function behind it, which may run in the memory of the result.
    let program = try test.program(behind: .init("activation", ["kind": "abs"]))
    let values = reference(program)
    for options in Self.variants {
      let plan = try Plan(program, options: options)
      try plan.run()
      try plan.run()
      #expect(error(plan.readOutput(0), values[program.outputs[0]]) <= 1e-4, "\(options)")
      expectConsistency(plan, program)
      let steps = plan.steps.filter { $0.kind == "rnn" }
      #expect(steps.count == test.layers)
      #expect(steps.allSatisfy { $0.implementation.hasPrefix("split:") })
      guard options.keepAllValues else { continue }
      for value in program.values.indices {
        guard let data = try plan.readValue(value) else { continue }
        #expect(error(data, values[value]) <= 1e-4, "value \(value)")
      }
    }
  }

  @Test func slicesAreConvolutions() throws {
    let program = try Case(steps: 5, inputs: 3, hidden: 128, direction: .bidirectional).program()
    let values = reference(program)
    let plain = try Plan(program, options: PlanOptions(recurrence: .split))
    for threads in [1, 2] {
      let sliced = try Plan(program, options: PlanOptions(threads: threads, recurrence: .sliced))
      try sliced.run()
      #expect(error(sliced.readOutput(0), values[program.outputs[0]]) <= 1e-4)
      expectConsistency(sliced, program)
      // Sixteen products where there was one, at all steps but the first of both directions.
      #expect(sliced.steps[0].commandCount == plain.steps[0].commandCount + 2 * 4 * 15)
      // `brgconv…` with AVX-512, `jit_1x1` below.
      #expect(["conv", "1x1"].contains { sliced.steps[0].implementation.contains($0) })
      #expect(sliced.steps[0].traffic == plain.steps[0].traffic)
    }
  }

  @Test(arguments: cases) func agreesWithThePrimitive(_ test: Case) throws {
    let program = try test.program()
    let split = try Plan(program, options: PlanOptions(recurrence: .split))
    let primitive = try Plan(program, options: PlanOptions(recurrence: .primitive))
    try split.run()
    try primitive.run()
    #expect(primitive.steps.allSatisfy { !$0.implementation.hasPrefix("split:") })
    #expect(error(split.readOutput(0), primitive.readOutput(0)) <= 1e-5)
  }

  /// In bf16 both forms round the same numbers: input, weights and every output.
  @Test(arguments: cases) func agreesInBF16(_ test: Case) throws {
    let program = try test.program(behind: .init("activation", ["kind": "abs"]))
    let values = reference(program)
    let plans = try [PlanOptions.Recurrence.split, .sliced, .primitive].map {
      try Plan(program, options: PlanOptions(precision: .bf16, recurrence: $0))
    }
    for plan in plans {
      try plan.run()
      try plan.run()
    }
    let primitive = try #require(plans[2].steps.first { $0.kind == "rnn" })
    for plan in plans.dropLast() {
      let steps = plan.steps.filter { $0.kind == "rnn" }
      #expect(steps.count == test.layers)
      #expect(steps.allSatisfy { $0.implementation.hasPrefix("split:") })
      #expect(steps.allSatisfy { $0.precision == primitive.precision })
      #expect(error(plan.readOutput(0), plans[2].readOutput(0)) <= 0.02)
      #expect(cosine(plan.readOutput(0), values[program.outputs[0]]) > 0.999)
      expectConsistency(plan, program)
    }
  }

  /// Saturated gates: a candidate as 2·logistic(2x) − 1 must not lose what tanh keeps.
  @Test func largeInputsSaturate() throws {
    let program = try Case(steps: 4, batch: 2).program()
    let plans = try [PlanOptions.Recurrence.split, .primitive].map {
      try Plan(program, options: PlanOptions(recurrence: $0))
    }
    let inputs = (0..<48).map { Float($0 % 7 - 3) * 40 }
    for plan in plans {
      plan.writeInput(0, inputs)
      try plan.run()
    }
    #expect(error(plans[0].readOutput(0), plans[1].readOutput(0)) <= 1e-5)
  }

  /// The weights of the state are read once for every step but the first, whose state is zero.
  @Test(arguments: [(1, 0), (2, 0), (6, 4)]) func traffic(steps: Int, again: Int) throws {
    let test = Case(steps: steps, inputs: 48, hidden: 32, direction: .bidirectional)
    let plan = try Plan(test.program(), options: PlanOptions(recurrence: .split))
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    let (inputs, states) = (2 * 4 * 4 * 32 * 48, 2 * 4 * 4 * 32 * 32)
    #expect(step.traffic.reread.bytes == again * states)
    #expect(step.skippedFlops == 2 * 2 * 4 * 32 * 32 * test.batch)
    #expect(step.traffic.weightBytes == inputs + 2 * 4 * 4 * 32 + (steps > 1 ? states : 0))
    #expect(step.traffic.activationBytes == 4 * steps * (48 + 64))
    #expect(step.commandCount == 2 * (1 + 4 * steps) + 1)
    try plan.flush(steps: 0..<plan.stepCount)
  }

  /// Without a search the shape decides.
  @Test(arguments: [
    (Case(steps: 2, hidden: 256), true), (Case(steps: 2, batch: 15, hidden: 256), true),
    (Case(steps: 1, hidden: 256), false), (Case(steps: 2, batch: 16, hidden: 256), false),
    (Case(steps: 2, hidden: 255), false),
  ]) func rule(test: Case, isSplit: Bool) throws { try expect(test, .f32, isSplit: isSplit) }

  /// Below AVX-512 nothing computes in bf16, and f32's rule holds.
  @Test(
    .enabled(if: OneDNN.info.isa.hasPrefix("avx512_core")),
    arguments: [
      (Case(steps: 2, hidden: 512), true), (Case(steps: 2, batch: 3, hidden: 512), true),
      (Case(steps: 1, hidden: 512), false), (Case(steps: 2, batch: 4, hidden: 512), false),
      (Case(steps: 2, hidden: 511), false),
    ]) func ruleInBF16(test: Case, isSplit: Bool) throws
  {
    try expect(test, .bf16, isSplit: isSplit)
  }

  private func expect(_ test: Case, _ precision: Precision, isSplit: Bool) throws {
    let plan = try Plan(test.program(), options: PlanOptions(precision: precision))
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    #expect(step.implementation.hasPrefix("split:") == isSplit)
  }

  /// Other cells and other numbers stay with oneDNN's primitive.
  @Test(arguments: [
    ("gru", Precision.f32), ("rnn", .f32), ("gru", .bf16), ("lstm", .int8),
  ]) func othersStay(element: String, precision: Precision) throws {
    var net = try Net([4, 1, 6], .tnc)
    try net.layer("cell", .init(element, ["hidden": "8"]))
    let plan = try Plan(
      net.program(), options: PlanOptions(precision: precision, recurrence: .split))
    let steps = plan.steps.filter { $0.kind == "rnn" && $0.precision == precision }
    if steps.isEmpty { return }
    #expect(steps.allSatisfy { !$0.implementation.hasPrefix("split:") })
  }

  /// A search times both forms and lists the one it does not take.
  @Test func searchKnowsBoth() throws {
    let program = try Case(steps: 4, inputs: 16, hidden: 32).program()
    let memory = TuningMemory()
    let options = PlanOptions(tuning: .search)
    let plan = try Plan(program, options: options, tunings: memory)
    let step = try #require(plan.steps.first { $0.kind == "rnn" })
    let names = [step.implementation] + step.alternatives.map(\.implementation)
    #expect(names.filter { $0.hasPrefix("split:") }.count == 1)
    #expect(names.contains { !$0.hasPrefix("split:") })
    #expect(step.alternatives.contains { $0.time != nil })
    try plan.run()
    #expect(error(plan.readOutput(0), reference(program)[program.outputs[0]]) <= 1e-4)
    let again = TuningMemory(found: memory.found, reorders: memory.reorders)
    let second = try Plan(program, options: options, tunings: again)
    #expect(!again.isChanged)
    #expect(second.steps.map(\.implementation) == plan.steps.map(\.implementation))
  }
}
