import DNNL
import Topology

extension Planner {
  /// Several values joined, in the format of the first.
  func lowerConcat(axis: Int, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let values = instruction.inputs.map { flow.canonical[$0] }
    var sources: [Tensor] = []
    for value in values { sources.append(try tensor(of: value, for: index)) }
    // Left to itself oneDNN may put the joined axis outermost (`Bacd8b`), which suits the copy but
    // no primitive behind it.
    let extents = dims(instruction.output)
    let alike = MemoryFormat(sources[0].descriptor.format, rank: extents.count) ?? .plain
    do throws(DNNLError) {
      try emitConcat(axis: axis, index, sources, alike)
    } catch {
      guard error.isUnimplemented || error.status == .invalidArguments else { throw error }
      sources = []
      for value in values { sources.append(try plainTensor(of: value)) }
      try emitConcat(axis: axis, index, sources, .plain)
    }
  }

  private func emitConcat(
    axis: Int, _ index: Int, _ sources: [Tensor], _ format: MemoryFormat
  ) throws(DNNLError) {
    let output = program.instructions[index].output
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.concat(
      engine, axis: axis, src: sources.map(\.descriptor),
      dst: MemoryDescriptor(dims(output), .f32, format), attributes)
    let dst = newBuffer(try descriptor.required(.dst))
    var arguments = sources.enumerated().map { position, tensor in
      (Argument.multipleSrc(position), Operand.tensor(tensor))
    }
    arguments.append((.dst, .tensor(dst)))
    try emit(descriptor, arguments, StepFacts(kind: "concat", sources: [index]))
    complete([index], in: dst)
  }

  /// The same elements under other dims: a view of the plain value, no step of its own.
  func lowerReshape(_ index: Int) throws(DNNLError) {
    let plain = try plainTensor(of: input(of: index))
    let descriptor = try MemoryDescriptor(dims(program.instructions[index].output))
    complete([index], in: Tensor(buffer: plain.buffer, descriptor: descriptor))
  }

  /// A copy in the same format.
  func lowerCopy(_ index: Int) throws(DNNLError) {
    let source = try tensor(of: input(of: index))
    let target = newBuffer(source.descriptor)
    try emitReorder(from: source, to: target, sources: [index])
    complete([index], in: target)
  }

  /// The value in the format that a tag names.
  func lowerReorder(to format: String, _ index: Int) throws(DNNLError) {
    let source = try tensor(of: input(of: index))
    let extents = source.descriptor.dims
    guard let tag = MemoryFormat(format, rank: extents.count) else {
      throw DNNLError(
        call: "memory format '\(format)' for \(extents.count) dimensions",
        status: .invalidArguments)
    }
    let target = newBuffer(try MemoryDescriptor(extents, .f32, tag))
    try emitReorder(from: source, to: target, sources: [index])
    complete([index], in: target)
  }

  /// The dimensions in another order: one reorder, whatever format the source has.
  func lowerTranspose(order: [Int], _ index: Int) throws(DNNLError) {
    let target = try permuted(input(of: index), order, sources: [index])
    complete([index], in: target)
  }

  /// A value in plain memory with its dimensions in another order.
  func permuted(_ value: ValueID, _ order: [Int], sources: [Int]) throws(DNNLError) -> Tensor {
    let source = try tensor(of: value)
    // The source's own dims, lying as the result does.
    var strides = Array(repeating: 1, count: order.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= source.descriptor.dims[axis]
    }
    let target = newBuffer(try MemoryDescriptor(source.descriptor.dims, strides: strides))
    try emitReorder(from: source, to: target, sources: sources)
    let extents = order.map { source.descriptor.dims[$0] }
    return Tensor(buffer: target.buffer, descriptor: try MemoryDescriptor(extents))
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
    let output = newBuffer(try MemoryDescriptor(dims(instruction.output)))
    emit(
      kernel, inputs: inputs, types: instruction.inputs.map { program.values[$0] },
      output: output, type: program.values[instruction.output], source: index)
    complete([index], in: output)
  }
}
