import DNNL
import Measuring
import Topology

/// A host kernel on plain values and constants, for an operation that oneDNN lacks.
struct HostLowering: Lowering {
  let context: PlanningContext
  /// The kernel; `nil` for that of the list of ``HostKernels``.
  let kernel: (any HostKernel)?

  func lower(_ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let kernel = try kernel(of: instruction)
    var inputs: [Operand] = []
    for value in instruction.inputs {
      inputs.append(.tensor(try reader.plainTensor(of: flow.canonical[value])))
    }
    for slot in instruction.weights {
      let constant = try loader.load(slot.role, of: index, as: MemoryDescriptor(slot.dims))
      inputs.append(.constant(constant))
    }
    let output = try emitter.movedBuffer(MemoryDescriptor(dims(instruction.output)))
    emitter.emit(
      kernel, inputs: inputs, types: instruction.inputs.map { program.values[$0] },
      output: output, type: program.values[instruction.output], source: index)
    emitter.complete([index], in: output)
  }

  /// A host kernel on the plain f32 source of an instruction, in place of a primitive of which
  /// oneDNN has only reference loops.
  func lower(
    _ index: Int, insteadOf kind: String, _ algorithm: String?, inPlace: Bool
  ) throws(DNNLError) {
    let kernel = try kernel(of: program.instructions[index])
    let output = program.instructions[index].output
    let source = input(of: index)
    let src = try reader.plainTensor(of: source)
    let isFree = inPlace && dims(source) == dims(output) && table.isOverwritable(src, by: [index])
    let dst = isFree ? src : table.newBuffer(try MemoryDescriptor(dims(output)))
    emitter.emit(
      kernel, inputs: [.tensor(src)], types: [program.values[source]], output: dst,
      type: program.values[output], source: index, kind: kind, algorithm: algorithm)
    emitter.complete([index], in: dst)
  }

  private func kernel(of instruction: Instruction) throws(DNNLError) -> any HostKernel {
    guard let kernel = kernel ?? HostKernels.kernel(of: instruction, in: program) else {
      throw DNNLError(call: "no kernel of \(instruction.operation)", status: .unimplemented)
    }
    return kernel
  }
}
