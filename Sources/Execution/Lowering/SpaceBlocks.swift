import DNNL
import Measuring
import Topology

/// Blocks of cells made of channels or the reverse: one reorder of plain memory.
struct SpaceBlocksLowering: Lowering {
  let context: PlanningContext
  let blocks: SpaceBlocks

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let (extents, order) = blocks.transposition(of: dims(source))
    let src = try reader.plainView(of: source, dims: extents, numbers.storedType(of: source))
    var strides = Array(repeating: 1, count: order.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= extents[axis]
    }
    let target = table.newBuffer(
      try MemoryDescriptor(extents, src.type, strides: strides), as: src.format)
    try emitter.emitReorder(from: src, to: target, sources: [index])
    emitter.complete([index], in: try target.viewed(dims(program.instructions[index].output)))
  }
}
