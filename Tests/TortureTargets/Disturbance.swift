import Execution
import TestSupport
import Topology

/// What rounding may do to the values of a network: naive loops run again and again, each result
/// disturbed as the numbers that it is stored in disturb it.
///
/// So the tolerance of a network is measured rather than guessed: a difference of two large numbers, a
/// variance of nearly equal ones or a comparison of neighbours says by itself how far it can be trusted.
struct Disturbance {
  /// The share of an element that one rounding may change.
  let relative: Float
  /// The share of a result's largest magnitude, for what is a sum.
  let absolute: Float
  /// Whether weights and inputs are rounded, too.
  let isNarrow: Bool
  /// Whether they are rounded to multiples of a step.
  let isInteger: Bool

  /// Of a way to plan: 32-bit sums in another order, Winograd's transforms, 16 or 8 bits.
  init(_ setting: TortureCase.Setting) {
    isInteger = setting.precision == "int8"
    switch setting.precision {
    case "bf16": (relative, absolute, isNarrow) = (1 / 128, 1 / 256, true)
    case "int8": (relative, absolute, isNarrow) = (1 / 64, 1 / 40, true)
    default:
      let isWinograd = setting.tuning != "fast" && !setting.isExact
      (relative, absolute, isNarrow) = (4e-6, isWinograd ? 2e-4 : 2e-6, false)
    }
  }

  /// What is allowed without asking how a network reacts: a share of the largest magnitude.
  var floor: Float { isNarrow ? 1 / 64 : max(1e-4, absolute) }

  /// How far the elements of all values moved in several trials.
  func spread(_ program: Program, _ expected: [[Float]], trials: Int) -> [[Float]] {
    var spread = expected.map { [Float](repeating: 0, count: $0.count) }
    let units = isInteger ? ranges(program) : [:]
    for trial in 0..<trials {
      var dice = Dice(seed: UInt64(trial) + 77)
      let seeded = SeededWeights(seed: 1)
      let inputs = (0..<program.inputCount).map { index in
        var data = seeded.input(index, of: program)
        if isNarrow { disturb(&data, absolute, &dice) }
        return data
      }
      let moved = ReferenceInterpreter.run(
        program, inputs: inputs,
        weights: { instruction, slot in
          let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
          var data = seeded.values(instruction: instruction, slot: slot, index: index)
          if isNarrow { disturb(&data, absolute, &dice) }
          return data
        },
        disturb: { instruction, data in
          guard !instruction.operation.isExact else { return }
          var share = instruction.operation.sums ? absolute : 0
          // Its steps round, too.
          if case .recurrent = instruction.operation { share *= 8 }
          disturb(
            &data, share, &dice, offset: instruction.operation.offset,
            range: units[instruction.output])
        })
      for value in spread.indices {
        for place in spread[value].indices {
          let difference = (moved[value][place] - expected[value][place]).magnitude
          spread[value][place] = max(
            spread[value][place], difference.isFinite ? difference : .infinity)
        }
      }
    }
    return spread
  }

  /// The largest magnitude of each value over the inputs that 8-bit scales are made of.
  private func ranges(_ program: Program) -> [ValueID: Float] {
    var ranges: [ValueID: Float] = [:]
    for seed in 1...3 as ClosedRange<UInt64> {
      let inputs = (0..<program.inputCount).map { SeededWeights(seed: seed).input($0, of: program) }
      let values = ReferenceInterpreter.run(program, inputs: inputs) { instruction, slot in
        let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
        return SeededWeights(seed: 1).values(instruction: instruction, slot: slot, index: index)
      }
      for (value, data) in values.enumerated() {
        ranges[value] = data.reduce(ranges[value] ?? 0) { max($0, $1.magnitude) }
      }
    }
    return ranges
  }

  private func disturb(
    _ data: inout [Float], _ absolute: Float, _ dice: inout Dice, offset: Float = 0,
    range: Float? = nil
  ) {
    // Indices and the like are exact in every precision.
    if range == nil, offset == 0, data.allSatisfy({ $0 == $0.rounded() }) { return }
    let largest = range ?? data.reduce(0) { max($0, $1.magnitude) }
    let step = (isInteger ? max(self.absolute, absolute) : absolute) * largest
    for place in data.indices where data[place] != 0 || offset > 0 {
      // Integers have nothing between 0 and a step.
      if isInteger, data[place].magnitude < step, dice.oneIn(2) {
        data[place] = 0
        continue
      }
      let whole = data[place] * relative * Float(dice.signed())
      data[place] += whole + (step + offset) * Float(dice.signed())
    }
  }
}

extension Operation {
  /// Whether it rounds nothing: it moves, chooses or counts.
  fileprivate var isExact: Bool {
    switch self {
    case .concat, .transpose, .slice, .pad, .roll, .expand, .spaceBlocks, .topK, .oneHot, .select,
      .gather, .embedding, .causalMask, .reshape, .constant, .identity, .copy, .reorder, .host:
      true
    case .binary(let kind):
      [.equal, .greater, .greaterOrEqual, .less, .lessOrEqual, .max, .min].contains(kind)
    case .eltwise(let eltwise): eltwise.kind == .round
    case .pooling(let pooling): pooling.kind == .max
    default: false
    }
  }

  /// What an approximation of a function near 0 errs by, because 1 or another number is added to what
  /// it is computed from, or taken from it.
  fileprivate var offset: Float {
    switch self {
    case .logSoftmax: 4e-6
    case .eltwise(let eltwise):
      switch eltwise.kind {
      case .linear: 1e-6 * Float(eltwise.beta.magnitude)
      case .elu, .geluErf, .geluTanh, .log, .logSigmoid, .mish, .softRelu, .tanh: 4e-6
      default: 0
      }
    default: 0
    }
  }

  /// Whether large numbers may cancel in it.
  fileprivate var sums: Bool {
    if case .eltwise = self { return false }
    return true
  }
}
