import Execution
import Measuring
import TestSupport
import Testing
import Topology

/// A graph of several layers, given as element and attributes.
struct Net {
  var builder = GraphBuilder(name: "net")

  init(_ dims: [Int], _ layout: Layout) throws {
    try builder.addInput(name: "data", type: TensorType(dims: dims, layout))
  }

  /// Adds a layer of primitives.
  mutating func layer(
    _ name: String, from inputs: [String]? = nil, _ primitives: GraphBuilder.PrimitiveSpec...
  ) throws {
    try builder.addLayer(name: name, inputs: inputs, primitives: primitives)
  }

  func program() throws -> Program { try builder.build().program() }
}

/// What the naive interpreter makes of a program with seeded weights and inputs: every value.
func reference(_ program: Program, seed: UInt64 = 1) -> [[Float]] {
  let weights = SeededWeights(seed: seed)
  let inputs = (0..<program.inputCount).map { weights.input($0, of: program) }
  return ReferenceInterpreter.run(program, inputs: inputs) { instruction, slot in
    let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
    return weights.values(instruction: instruction, slot: slot, index: index)
  }
}

/// The largest difference over the largest magnitude of the reference.
func error(_ actual: [Float], _ expected: [Float]) -> Float {
  guard actual.count == expected.count else { return .infinity }
  var difference: Float = 0
  var magnitude: Float = 0
  for (a, b) in zip(actual, expected) {
    if !(a.isFinite && b.isFinite) { return .infinity }
    difference = max(difference, abs(a - b))
    magnitude = max(magnitude, abs(b))
  }
  return magnitude == 0 ? difference : difference / magnitude
}

/// Plans and runs a program every way and compares its outputs with the reference.
@discardableResult
func expectAgreement(
  _ program: Program, threads: [Int] = [1, 2], tolerance: Float = 1e-4,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws -> Plan {
  let values = reference(program)
  let variants = threads.flatMap { threads in
    [
      PlanOptions(threads: threads),
      PlanOptions(threads: threads, fusion: false),
      PlanOptions(threads: threads, keepAllValues: true),
    ]
  }
  var first: Plan?
  for options in variants {
    let plan = try Plan(program, options: options)
    // Twice, so that a pass that destroys what the next one reads is caught.
    try plan.run()
    try plan.run()
    for (index, output) in program.outputs.enumerated() {
      let difference = error(plan.readOutput(index), values[output])
      #expect(
        difference <= tolerance, "output \(index) with \(options)", sourceLocation: sourceLocation)
    }
    if options.keepAllValues {
      for value in program.values.indices {
        guard let data = try plan.readValue(value) else { continue }
        #expect(
          error(data, values[value]) <= tolerance, "value \(value)", sourceLocation: sourceLocation)
      }
    }
    expectConsistency(plan, program, sourceLocation: sourceLocation)
    if first == nil { first = plan }
  }
  return try #require(first)
}

/// Steps are contiguous by layer, every instruction is computed once, fused layers have no step.
func expectConsistency(
  _ plan: Plan, _ program: Program, sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(
    plan.steps.map(\.layer) == plan.steps.map(\.layer).sorted(), sourceLocation: sourceLocation)
  let computed = plan.steps.flatMap(\.sources)
  #expect(Set(computed).count == computed.count, sourceLocation: sourceLocation)
  let layers = Set(plan.steps.map(\.layer))
  for fused in plan.fusedInto.keys {
    #expect(!layers.contains(fused), "layer \(fused) is fused", sourceLocation: sourceLocation)
  }
}
