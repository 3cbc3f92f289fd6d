import DNNL
import Measuring
import Topology

extension Planner {
  /// A tensor of the network: made once, where its readers find it in plain order.
  func lowerConstant(_ index: Int) throws(DNNLError) {
    let descriptor = try MemoryDescriptor(dims(program.instructions[index].output))
    complete([index], in: tensor(of: try load(.weights, of: index, as: descriptor)))
  }

  /// Whether an operand is there before the first pass.
  func isConstant(_ operand: Operand) -> Bool {
    switch operand {
    case .constant: true
    case .tensor(let tensor): buffers[tensor.buffer].constant != nil
    }
  }

  /// Runs a primitive at once.
  func fold(
    _ primitive: DNNL.Primitive, _ arguments: [(Argument, Operand)],
    _ scratchpad: MemoryDescriptor?
  ) throws(DNNLError) {
    if isSurvey { return }
    var list: [(Argument, Memory)] = []
    for (argument, operand) in arguments {
      list.append((argument, try Memory(operand.descriptor, engine, data: data(operand))))
    }
    if let scratchpad {
      let memory = try constants.temporary(bytes: scratchpad.size)
      list.append((.scratchpad, try Memory(scratchpad, engine, data: memory)))
    }
    try primitive.execute(stream, list)
  }

  /// Runs a host kernel at once.
  func fold(
    _ kernel: any HostKernel, _ inputs: [Operand], _ types: [TensorType], _ output: Tensor,
    _ type: TensorType
  ) {
    if isSurvey { return }
    kernel.run(
      inputs: inputs.map { UnsafeBufferPointer(elements($0)) }, types: types,
      output: elements(.tensor(output)), type: type)
  }

  private func data(_ operand: Operand) -> UnsafeMutableRawPointer {
    switch operand {
    case .constant(let constant): return constant.data
    case .tensor(let tensor):
      guard let base = buffers[tensor.buffer].constant else {
        preconditionFailure("only constants are there before a pass")
      }
      return base + tensor.offset
    }
  }

  private func elements(_ operand: Operand) -> UnsafeMutableBufferPointer<Float> {
    let count = operand.descriptor.dims.reduce(1, *)
    return UnsafeMutableBufferPointer(
      start: data(operand).bindMemory(to: Float.self, capacity: count), count: count)
  }
}
