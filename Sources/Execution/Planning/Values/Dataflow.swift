import Measuring
import Topology

/// A program and who reads what in it, with identities looked through.
struct Dataflow {
  /// The program.
  let program: Program
  /// The value that each value really is.
  let canonical: [ValueID]
  /// The instructions that read each canonical value, once for every operand.
  let readers: [[Int]]
  /// Whether a canonical value leaves the network.
  let isOutput: [Bool]
  /// Whether a value is the same in every pass: a constant, or one that was only moved.
  let isConstant: [Bool]

  init(_ program: Program) {
    self.program = program
    var canonical = Array(program.values.indices)
    for instruction in program.instructions {
      if case .identity = instruction.operation {
        canonical[instruction.output] = canonical[instruction.inputs[0]]
      }
    }
    var readers = [[Int]](repeating: [], count: program.values.count)
    for (index, instruction) in program.instructions.enumerated() {
      if case .identity = instruction.operation { continue }
      for input in instruction.inputs { readers[canonical[input]].append(index) }
    }
    var isOutput = [Bool](repeating: false, count: program.values.count)
    for output in program.outputs { isOutput[canonical[output]] = true }
    var isConstant = [Bool](repeating: false, count: program.values.count)
    for instruction in program.instructions where instruction.operation.traits.keepsConstants {
      isConstant[instruction.output] = instruction.inputs.allSatisfy { isConstant[$0] }
    }
    self.isConstant = isConstant
    self.canonical = canonical
    self.readers = readers
    self.isOutput = isOutput
  }

  /// The only instruction that reads a value, with one operand; `nil` when there are more or none,
  /// or the value leaves the network.
  func onlyReader(of value: ValueID) -> Int? {
    isOutput[value] || readers[value].count != 1 ? nil : readers[value][0]
  }

  /// The dims of a value.
  func dims(_ value: ValueID) -> [Int] { program.values[value].dims }

  /// The canonical value of an operand of an instruction.
  func input(_ position: Int = 0, of instruction: Int) -> ValueID {
    canonical[program.instructions[instruction].inputs[position]]
  }
}
