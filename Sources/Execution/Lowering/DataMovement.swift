import DNNL
import Measuring
import Topology

/// A tensor of the network: made once, where its readers find it in plain order.
struct ConstantLowering: Lowering {
  let context: PlanningContext

  func lower(_ index: Int) throws(DNNLError) {
    let descriptor = try MemoryDescriptor(dims(program.instructions[index].output))
    let constant = try loader.load(.weights, of: index, as: descriptor)
    emitter.complete([index], in: table.tensor(of: constant))
  }
}

/// What a network itself rounds a value to: where it lies so already, nothing runs.
struct QuantizeLowering: Lowering {
  let context: PlanningContext
  let run: OwnQuantization.Run

  func lower(_ index: Int) throws(DNNLError) {
    let source = try reader.tensor(of: input(of: index))
    if source.format == run.format {
      return emitter.complete(run.instructions, in: source.read(as: run.integers))
    }
    let target = table.newBuffer(
      try MemoryDescriptor.alike(source.descriptor, .u8), as: run.format)
    try emitter.emitReorder(from: source, to: target, sources: run.instructions)
    emitter.complete(run.instructions, in: target.read(as: run.integers))
  }
}

/// The same elements under other dims: a view of the plain value, no step of its own.
struct ReshapeLowering: Lowering {
  let context: PlanningContext

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let plain = try reader.plainTensor(of: source, numbers.storedType(of: source))
    emitter.complete([index], in: try plain.viewed(dims(program.instructions[index].output)))
  }
}

/// A copy in the same format.
struct CopyLowering: Lowering {
  let context: PlanningContext

  func lower(_ index: Int) throws(DNNLError) {
    let source = try reader.tensor(of: input(of: index))
    let target = table.newBuffer(source.descriptor, as: source.format)
    try emitter.emitReorder(from: source, to: target, sources: [index])
    emitter.complete([index], in: target)
  }
}

/// A value in the format that a tag names.
struct ReorderLowering: Lowering {
  let context: PlanningContext
  let format: String

  func lower(_ index: Int) throws(DNNLError) {
    let source = try reader.tensor(of: input(of: index))
    let extents = source.descriptor.dims
    guard let tag = MemoryFormat(format, rank: extents.count) else {
      throw DNNLError(
        call: "memory format '\(format)' for \(extents.count) dimensions",
        status: .invalidArguments)
    }
    let target = table.newBuffer(
      try MemoryDescriptor(extents, source.type, tag), as: source.format)
    try emitter.emitReorder(from: source, to: target, sources: [index])
    emitter.complete([index], in: target)
  }
}

/// The dimensions in another order: one reorder, whatever format the source has.
struct TransposeLowering: Lowering {
  let context: PlanningContext
  let order: [Int]

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let target = try permuted(source, numbers.storedType(of: source), sources: [index])
    emitter.complete([index], in: target)
  }

  /// A value in plain memory with its dimensions in another order.
  private func permuted(_ value: ValueID, _ type: DataType, sources: [Int])
    throws(DNNLError) -> Tensor
  {
    let source = try reader.tensor(of: value, type: type)
    // The source's own dims, lying as the result does.
    var strides = Array(repeating: 1, count: order.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= source.descriptor.dims[axis]
    }
    let target = try emitter.movedBuffer(
      try MemoryDescriptor(source.descriptor.dims, type, strides: strides), as: source.format)
    try emitter.emitReorder(from: source, to: target, sources: sources)
    return try target.viewed(order.map { source.descriptor.dims[$0] })
  }
}
