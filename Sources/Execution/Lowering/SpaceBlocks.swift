import DNNL
import Measuring
import Topology

extension Planner {
  /// Blocks of cells made of channels or the reverse: one reorder of plain memory.
  func lower(_ blocks: SpaceBlocks, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let (extents, order) = blocks.transposition(of: dims(source))
    let src = try plainView(of: source, dims: extents, storedType(of: source))
    var strides = Array(repeating: 1, count: order.count)
    var stride = 1
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= extents[axis]
    }
    let target = newBuffer(
      try MemoryDescriptor(extents, src.type, strides: strides), as: src.format)
    try emitReorder(from: src, to: target, sources: [index])
    complete([index], in: try target.viewed(dims(program.instructions[index].output)))
  }
}
