import Execution
import Glibc
import Measuring
import TestSupport
import Testing
import Topology

/// Attention in all its forms against loops over samples, heads, steps and channels.
@Suite struct AttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var attributes: [String: String] = [:]
    var steps = 4
    var batch = 2
    var channels = 12
    var heads = 3
    var memory: (steps: Int, channels: Int)?
    var mask: [Int]?
    var past = 0

    var testDescription: String { name }
    var keyHeads: Int { Int(attributes["kv-heads"] ?? "") ?? heads }
    var head: Int { Int(attributes["head-size"] ?? "") ?? channels / heads }
    var fresh: Int { memory?.steps ?? steps }
    var seen: Int { past + fresh }
    var hasBias: Bool { attributes["bias"] != "false" }
  }

  static let cases: [Case] = [
    Case(name: "plain"),
    Case(name: "causal without bias", attributes: ["causal": "true", "bias": "false"], steps: 5),
    Case(name: "grouped queries", attributes: ["kv-heads": "2"], channels: 16, heads: 4),
    Case(name: "one head of keys", attributes: ["kv-heads": "1", "causal": "true"], heads: 6),
    Case(name: "heads of another size", attributes: ["head-size": "6"], channels: 8, heads: 2),
    Case(name: "memory", memory: (7, 10)),
    Case(name: "memory and a mask", batch: 3, memory: (6, 12), mask: [3, 1, 1, 6]),
    Case(name: "one mask for all", mask: [4, 4]),
    Case(name: "a mask a head", mask: [3, 4, 4]),
    Case(name: "a mask for everything", mask: [2, 3, 4, 4]),
    Case(name: "a mask for two windows of each image", batch: 4, mask: [2, 4, 4]),
    Case(name: "past", attributes: ["causal": "true"], steps: 2, past: 5),
    Case(
      name: "a step of decoding",
      attributes: ["causal": "true", "kv-heads": "2", "rotary": "10000", "bias": "false"],
      steps: 1, channels: 16, heads: 4, past: 9),
    Case(name: "rotary", attributes: ["rotary": "500"], steps: 6, channels: 8, heads: 2),
    Case(name: "relative positions", attributes: ["relative-bias": "3"], steps: 9, batch: 4),
    Case(
      name: "a shifted window", attributes: ["relative-bias": "2"], steps: 4, batch: 8,
      mask: [4, 4, 4]),
  ]

  private func program(_ test: Case, readsCache: Bool = true) throws -> Program {
    var net = try Net([test.steps, test.batch, test.channels], .tnc)
    var attributes = test.attributes
    attributes["heads"] = "\(test.heads)"
    var with: [String] = []
    func operand(_ name: String, _ dims: [Int], _ layout: Layout) throws {
      try net.builder.addInput(name: name, type: TensorType(dims: dims, layout))
      attributes[name] = name
      with.append(name)
    }
    if let memory = test.memory {
      try operand("memory", [memory.steps, test.batch, memory.channels], .tnc)
    }
    if let mask = test.mask { try operand("mask", mask, .other) }
    if test.past > 0 {
      for name in ["past-keys", "past-values"] {
        try operand(name, [test.batch, test.keyHeads, test.past, test.head], .nchw)
      }
    }
    try net.layer("attention", from: ["data"], .init("attention", attributes, with: with))
    if readsCache, test.memory == nil {
      for state in ["k", "v"] {
        try net.layer(
          "own-\(state)", from: ["attention.\(state)"], .init("inlay", ["kind": "copy"]))
      }
      try net.layer("result", from: ["attention"], .init("inlay", ["kind": "copy"]))
    }
    return try net.program()
  }

  @Test(arguments: cases)
  func agreesWithLoopsOverItsDefinition(_ test: Case) throws {
    let program = try program(test)
    let expected = Loops(test, program).run()
    let values = reference(program)
    let output = program.outputs.first { program.values[$0].layout == .tnc } ?? 0
    #expect(error(values[output], expected.output) < 1e-5)
    for (state, wanted) in zip(program.outputs.filter { $0 != output }, expected.cache) {
      #expect(error(values[state], wanted) < 1e-5)
    }
    try expectAgreement(program, threads: [1, 2])
  }

  @Test(arguments: cases)
  func countsAreThoseOfTheLoops(_ test: Case) throws {
    let program = try program(test, readsCache: false)
    let macs = program.instructions.reduce(0) { sum, instruction in
      switch instruction.operation {
      case .innerProduct:
        return sum + instruction.weights[0].elementCount * test.batch
          * program.values[instruction.output].dims[0]
      case .matrixProduct:
        let inner = program.values[instruction.inputs[0]].dims[2]
        return sum + program.values[instruction.output].elementCount * inner
      default: return sum
      }
    }
    let parameters = program.instructions.reduce(0) { sum, instruction in
      sum + instruction.weights.reduce(0) { $0 + ($1.pattern == nil ? $1.elementCount : 0) }
    }
    var attributes = test.attributes
    attributes["heads"] = "\(test.heads)"
    for name in ["memory", "mask", "past-keys", "past-values"] {
      let isThere =
        name == "memory" ? test.memory != nil : name == "mask" ? test.mask != nil : test.past > 0
      if isThere { attributes[name] = name }
    }
    let types = (0..<program.inputCount).map { program.values[$0] }
    let cost = try Graph.single("attention", attributes, on: types).cost
    #expect(cost.macs == macs)
    #expect(cost.parameters == parameters)
  }

  @Test(arguments: cases, [Precision.bf16, .int8])
  func agreesInOtherPrecisions(_ test: Case, precision: Precision) throws {
    try expectAgreement(program(test), in: precision, depth: 20, threads: [1])
  }

  /// Steps decoded one after the other, each with the cache of the one before, are those of one pass.
  @Test func aCacheGoesOnWhereItEnded() throws {
    let test = Case(
      name: "all", attributes: ["causal": "true", "kv-heads": "1", "rotary": "100"], steps: 4,
      batch: 1, channels: 8, heads: 2)
    func plan(_ test: Case) throws -> Plan {
      let program = try program(test)
      return try Plan(
        program, options: PlanOptions(threads: 1), weights: WeightsInOrder(program))
    }
    let whole = try plan(test)
    try whole.run()
    let data = SeededWeights(seed: 1).input(0, count: 4 * 8)
    var cache: [[Float]] = []
    for step in 0..<4 {
      var one = test
      one.steps = 1
      one.past = step
      let part = try plan(one)
      part.writeInput(0, Array(data[step * 8..<(step + 1) * 8]))
      if step > 0 {
        for (index, values) in cache.enumerated() { part.writeInput(1 + index, values) }
      }
      try part.run()
      #expect(
        error(part.readOutput(2), Array(whole.readOutput(2)[step * 8..<(step + 1) * 8])) < 1e-5)
      cache = [part.readOutput(0), part.readOutput(1)]
    }
    #expect(error(cache[0], whole.readOutput(0)) < 1e-5)
    #expect(error(cache[1], whole.readOutput(1)) < 1e-5)
  }
}

/// Weights that depend on how many operations with weights stand before, so that programs of other
/// sizes have the same.
private struct WeightsInOrder: WeightProvider {
  private let places: [Int: Int]

  init(_ program: Program) {
    let weighted = program.instructions.indices.filter { !program.instructions[$0].weights.isEmpty }
    places = Dictionary(uniqueKeysWithValues: zip(weighted, weighted.indices))
  }

  func fill(
    instruction: Int, slot: WeightSlot, index: Int, offset: Int,
    into buffer: UnsafeMutableBufferPointer<Float>
  ) {
    SeededWeights(seed: 1).fill(
      instruction: places[instruction] ?? 0, slot: slot, index: index, offset: offset, into: buffer)
  }
}

/// The definition of attention, loop by loop, in `Double`.
private struct Loops {
  let test: AttentionTests.Case
  let inputs: [[Float]]
  private var weights: [(weights: [Float], bias: [Float]?)] = []
  private var table: [Float] = []

  init(_ test: AttentionTests.Case, _ program: Program) {
    self.test = test
    let seeded = SeededWeights(seed: 1)
    inputs = (0..<program.inputCount).map { seeded.input($0, of: program) }
    for (index, instruction) in program.instructions.enumerated() {
      let values = instruction.weights.indices.map { place in
        seeded.values(instruction: index, slot: instruction.weights[place], index: place)
      }
      if case .innerProduct = instruction.operation {
        weights.append((values[0], values.count > 1 ? values[1] : nil))
      }
      if case .constant("relative-bias") = instruction.operation { table = values[0] }
    }
  }

  /// Row `row` of a projection of `width` values.
  private func project(_ source: [Float], _ row: Int, _ width: Int, _ number: Int) -> [Double] {
    let (matrix, bias) = weights[number]
    return (0..<matrix.count / width).map { unit in
      (0..<width).reduce(Double(bias?[unit] ?? 0)) { sum, channel in
        sum + Double(matrix[unit * width + channel]) * Double(source[row * width + channel])
      }
    }
  }

  private func turned(_ head: [Double], _ position: Int) -> [Double] {
    guard let base = Double(test.attributes["rotary"] ?? "") else { return head }
    let half = head.count / 2
    return head.indices.map { channel in
      let pair = channel % half
      let angle = Double(position) / pow(base, 2 * Double(pair) / Double(head.count))
      let other = channel < half ? -head[channel + half] : head[channel - half]
      return head[channel] * cos(angle) + other * sin(angle)
    }
  }

  private func mask(_ sample: Int, _ head: Int, _ step: Int, _ seen: Int) -> Double {
    guard let dims = test.mask else { return 0 }
    let data = inputs[test.memory == nil ? 1 : 2]
    var place = [sample, head, step, seen]
    if dims.count == 3, dims[0] != test.heads {
      place = [sample % dims[0], step, seen]
    } else {
      place = Array(place.suffix(dims.count))
    }
    let index = zip(place, dims).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
    return Double(data[index])
  }

  private func bias(_ head: Int, _ step: Int, _ seen: Int) -> Double {
    guard let window = Int(test.attributes["relative-bias"] ?? "") else { return 0 }
    let row = step / window - seen / window + window - 1
    let column = step % window - seen % window + window - 1
    return Double(table[(row * (2 * window - 1) + column) * test.heads + head])
  }

  func run() -> (output: [Float], cache: [[Float]]) {
    let source = test.memory == nil ? inputs[0] : inputs[1]
    let width = test.memory?.channels ?? test.channels
    var keys: [[[[Double]]]] = []  // sample, head, step, channel
    var values: [[[[Double]]]] = []
    for sample in 0..<test.batch {
      var parts: [[[[Double]]]] = [[], []]
      for kind in 0..<2 {
        parts[kind] = (0..<test.keyHeads).map { head in
          var rows: [[Double]] = []
          for step in 0..<test.past {
            let cache = inputs[inputs.count - 2 + kind]
            let start = ((sample * test.keyHeads + head) * test.past + step) * test.head
            rows.append(cache[start..<start + test.head].map(Double.init))
          }
          for step in 0..<test.fresh {
            let made = project(source, step * test.batch + sample, width, 1 + kind)
            let own = Array(made[head * test.head..<(head + 1) * test.head])
            rows.append(kind == 0 ? turned(own, test.past + step) : own)
          }
          return rows
        }
      }
      keys.append(parts[0])
      values.append(parts[1])
    }
    var mixed = [Float](repeating: 0, count: test.steps * test.batch * test.heads * test.head)
    for sample in 0..<test.batch {
      for head in 0..<test.heads {
        let shared = head / (test.heads / test.keyHeads)
        for step in 0..<test.steps {
          let row = step * test.batch + sample
          let all = project(inputs[0], row, test.channels, 0)
          let query = turned(
            Array(all[head * test.head..<(head + 1) * test.head]), test.past + step)
          var scores = (0..<test.seen).map { seen -> Double in
            if test.attributes["causal"] == "true", seen > step + test.seen - test.steps {
              return -.infinity
            }
            let product = zip(query, keys[sample][shared][seen]).reduce(0) { $0 + $1.0 * $1.1 }
            return product / Double(test.head).squareRoot() + mask(sample, head, step, seen)
              + bias(head, step, seen)
          }
          let most = scores.max() ?? 0
          scores = scores.map { exp($0 - most) }
          let sum = scores.reduce(0, +)
          for channel in 0..<test.head {
            let value = (0..<test.seen).reduce(0.0) {
              $0 + scores[$1] / sum * values[sample][shared][$1][channel]
            }
            mixed[(row * test.heads + head) * test.head + channel] = Float(value)
          }
        }
      }
    }
    let rows = test.steps * test.batch
    let output = (0..<rows).flatMap { row in
      project(mixed, row, test.heads * test.head, 3).map { Float($0) }
    }
    let cache = [keys, values].map { $0.joined().joined().joined().map { Float($0) } }
    return (output, cache)
  }
}
