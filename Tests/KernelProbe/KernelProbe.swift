import Execution
import Glibc
import Measuring
import TestSupport
import Topology

/// `kernel-probe ISA PRECISION`: plans and runs every case of the table, with oneDNN held to an
/// instruction set, for such a cap holds for a whole process; `-` caps nothing.
///
/// Prints a line for each case that runs as reference loops or differs from naive loops, then the
/// number of cases; ends with status 1 if there was such a line, and 75 where the precision cannot be
/// run.
@main
enum KernelProbe {
  static func main() throws {
    guard CommandLine.arguments.count == 3,
      let precision = Precision(rawValue: CommandLine.arguments[2])
    else { fail("usage: kernel-probe ISA PRECISION", status: 64) }
    let isa = CommandLine.arguments[1]
    if isa != "-", let problem = OneDNNEngine.capISA(isa) { fail(problem, status: 64) }
    if let obstacle = OneDNNEngine().obstacle(to: precision) { fail(obstacle, status: 75) }
    let cases = try Cases.all()
    var failures = 0
    for (index, test) in cases.enumerated() {
      // By turns, and otherwise for the next shape in the same format.
      let isFused = (index + index / 4) % 2 == 0
      let options = PlanOptions(
        threads: isFused ? 1 : 2, fusion: isFused, precision: precision)
      for line in try check(test, options) {
        print("\(test.name): \(line)")
        failures += 1
      }
    }
    print("\(cases.count) cases, \(failures) failures")
    exit(failures == 0 ? 0 : 1)
  }

  /// What is wrong with a case.
  private static func check(_ test: Case, _ options: PlanOptions) throws -> [String] {
    let expected = reference(test.program)
    var problems: [String] = []
    let plan = try Plan(test.program, options: options)
    for step in plan.steps where step.implementation.contains("ref") {
      problems.append("\(step.kind) \(step.implementation) \(step.formats)")
    }
    // Twice, so that a pass that destroys what the next one reads is caught.
    try plan.run()
    try plan.run()
    for (index, output) in test.program.outputs.enumerated() {
      let error = error(plan.readOutput(index), expected[output])
      if error > tolerance(options.precision) {
        let names = plan.steps.map { "\($0.kind) \($0.implementation)" }
        problems.append("differs by \(error), \(options.threads) threads: \(names)")
      }
    }
    return problems
  }

  private static func tolerance(_ precision: Precision) -> Float {
    switch precision {
    case .f32: 1e-4
    case .bf16: 0.03
    case .int8: 0.06
    }
  }

  /// What the naive interpreter makes of a program with seeded weights and inputs.
  private static func reference(_ program: Program) -> [[Float]] {
    let weights = SeededWeights(seed: 1)
    let inputs = (0..<program.inputCount).map { weights.input($0, of: program) }
    return ReferenceInterpreter.run(program, inputs: inputs) { instruction, slot in
      let index = program.instructions[instruction].weights.firstIndex(of: slot) ?? 0
      return weights.values(instruction: instruction, slot: slot, index: index)
    }
  }

  /// The largest difference over the largest magnitude of the reference.
  private static func error(_ actual: [Float], _ expected: [Float]) -> Float {
    guard actual.count == expected.count else { return .infinity }
    var (difference, magnitude) = (Float(0), Float(0))
    for (a, b) in zip(actual, expected) {
      if !(a.isFinite && b.isFinite) { return a == b ? 0 : .infinity }
      difference = max(difference, abs(a - b))
      magnitude = max(magnitude, abs(b))
    }
    return magnitude == 0 ? difference : difference / magnitude
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    print(message)
    exit(status)
  }
}
