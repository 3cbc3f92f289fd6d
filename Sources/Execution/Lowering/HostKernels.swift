import DNNL
import Measuring
import Topology

extension Planner {
  /// An operation that oneDNN lacks, by the host kernel there is for it.
  func lowerHost(_ index: Int) throws(DNNLError) {
    guard let kernel = HostKernels.kernel(of: program.instructions[index], in: program) else {
      throw DNNLError(
        call: "no kernel of \(program.instructions[index].operation)", status: .unimplemented)
    }
    try lower(kernel, index)
  }

  /// A host kernel on plain values and constants.
  func lower(_ kernel: any HostKernel, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    var inputs: [Operand] = []
    for value in instruction.inputs {
      inputs.append(.tensor(try plainTensor(of: flow.canonical[value])))
    }
    for slot in instruction.weights {
      let constant = try load(slot.role, of: index, as: MemoryDescriptor(slot.dims))
      inputs.append(.constant(constant))
    }
    let output = try movedBuffer(MemoryDescriptor(dims(instruction.output)))
    emit(
      kernel, inputs: inputs, types: instruction.inputs.map { program.values[$0] },
      output: output, type: program.values[instruction.output], source: index)
    complete([index], in: output)
  }

  /// A host kernel on the plain f32 source of an instruction, in place of a primitive of which
  /// oneDNN has only reference loops.
  func lower(
    _ kernel: any HostKernel, insteadOf kind: String, _ algorithm: String?, _ index: Int,
    inPlace: Bool
  ) throws(DNNLError) {
    let output = program.instructions[index].output
    let source = input(of: index)
    let src = try plainTensor(of: source)
    let isFree = inPlace && dims(source) == dims(output) && isOverwritable(src, by: [index])
    let dst = isFree ? src : newBuffer(try MemoryDescriptor(dims(output)))
    emit(
      kernel, inputs: [.tensor(src)], types: [program.values[source]], output: dst,
      type: program.values[output], source: index, kind: kind, algorithm: algorithm)
    complete([index], in: dst)
  }
}
