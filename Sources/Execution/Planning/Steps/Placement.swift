import DNNL
import Measuring
import Topology

/// The memory of a plan: constants, the arena of activations and the scratchpad, with addresses.
final class Placement {
  let engine: DNNL.Engine
  let stream: Stream
  let constants: ConstantStore
  let arena: HugeBuffer
  let scratchpad: HugeBuffer
  /// Where each canonical value lies.
  let tensors: [ValueID: [Tensor]]
  private let offsets: [Int]
  /// Where the buffers of constants begin.
  private let fixed: [UnsafeMutableRawPointer?]

  /// Gives every buffer its place that was made for the steps of a plan.
  init(_ context: PlanningContext) throws(DNNLError) {
    engine = context.engine
    stream = context.stream
    constants = context.loader.store
    tensors = context.table.tensors
    let keepsAll = context.options.keepAllValues
    let buffers = context.table.buffers
    let steps = context.emitter.steps
    let intervals = buffers.map { buffer in
      let isPermanent = keepsAll || buffer.isPinned
      return Arena.Interval(
        size: buffer.home == nil && buffer.constant == nil ? buffer.size : 0,
        first: isPermanent ? 0 : buffer.first,
        last: isPermanent ? .max : buffer.last)
    }
    let (offsets, size) = Arena.place(intervals, steps: steps.count)
    // Parts were made before the buffers that they became part of.
    var resolved = offsets
    for index in buffers.indices.reversed() {
      if let home = buffers[index].home {
        resolved[index] = resolved[home.buffer] + home.offset
      }
    }
    self.offsets = resolved
    fixed = buffers.map(\.constant)
    arena = try HugeBuffer(bytes: size)
    arena.base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    let scratch = steps.map(\.scratchpadSize).max() ?? 0
    scratchpad = try HugeBuffer(bytes: scratch)
    scratchpad.base.initializeMemory(as: UInt8.self, repeating: 0, count: scratch)
  }

  /// Where a tensor begins.
  func data(_ tensor: Tensor) -> UnsafeMutableRawPointer {
    (fixed[tensor.buffer] ?? arena.base + offsets[tensor.buffer]) + tensor.offset
  }

  /// The elements of a tensor in plain order.
  func elements(_ tensor: Tensor) -> UnsafeMutableBufferPointer<Float> {
    let count = tensor.descriptor.dims.reduce(1, *)
    return UnsafeMutableBufferPointer(
      start: data(tensor).bindMemory(to: Float.self, capacity: count), count: count)
  }

  /// The elements of an operand in plain order.
  func elements(_ operand: Operand) -> UnsafeMutableBufferPointer<Float> {
    switch operand {
    case .tensor(let tensor): return elements(tensor)
    case .constant(let constant):
      let count = constant.descriptor.dims.reduce(1, *)
      return UnsafeMutableBufferPointer(
        start: constant.data.bindMemory(to: Float.self, capacity: count), count: count)
    }
  }

  /// The command of a primitive's step.
  func command(
    _ primitive: DNNL.Primitive, _ arguments: [(Argument, Operand)], _ scratchpad: MemoryDescriptor?
  ) throws(DNNLError) -> (primitive: DNNL.Primitive, arguments: [(Argument, Memory)]) {
    var list: [(Argument, Memory)] = []
    for (argument, operand) in arguments {
      let data =
        switch operand {
        case .tensor(let tensor): self.data(tensor)
        case .constant(let constant): constant.data
        }
      list.append((argument, try Memory(operand.descriptor, engine, data: data)))
    }
    if let scratchpad {
      list.append((.scratchpad, try Memory(scratchpad, engine, data: self.scratchpad.base)))
    }
    return (primitive, list)
  }
}

extension PendingStep {
  /// Bytes of working memory.
  var scratchpadSize: Int {
    commands.reduce(0) { most, command in
      guard case .primitive(_, _, let scratchpad?) = command else { return most }
      return max(most, scratchpad.size)
    }
  }
}
