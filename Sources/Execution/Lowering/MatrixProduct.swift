import DNNL
import Measuring
import Topology

/// A product of two values on plain memory, with the functions behind it fused.
///
/// Transposed operands are views with their last two strides exchanged. Matrices that all meet
/// the same second one are a single tall matrix.
struct MatrixProductLowering: Lowering {
  let context: PlanningContext
  let product: Topology.MatrixProduct

  func lower(_ index: Int) throws(DNNLError) {
    let output = dims(program.instructions[index].output)
    let (first, second) = (input(0, of: index), input(1, of: index))
    let isTall =
      !product.transposesFirst && dims(first).count == output.count
      && dims(second).dropLast(2).allSatisfy { $0 == 1 }
    let rank = isTall ? 2 : output.count
    let rows = output.dropLast().reduce(1, *)
    let extents = isTall ? [rows, output[output.count - 1]] : output
    // Both factors have all of 8 bits, which only instructions made for it add without saturation.
    let isRefused = options.precision == .int8 && !OneDNN.instructionSet.multiplies(.int8)
    if isRefused { numbers.note("this CPU adds two products in 16 bits, which 8 bits overflow") }
    // Both have a scale of their own, or the product is none of integers.
    let isWhole =
      !numbers.ownsScales || numbers.quantized(first) != nil && numbers.quantized(second) != nil
    let types = isRefused || !isWhole ? [.f32] : numbers.productTypes(of: first)
    let zeros = matrixZeroPoints(first, second)
    let type = try numbers.choose(types) { (type) throws(DNNLError) in
      var probe = Scaling()
      if type.isQuantized { probe.zeroPoints = zeros }
      return try .matrixProduct(
        engine, src: matrices(first, rank: rank, transposed: product.transposesFirst, type),
        weights: matrices(second, rank: rank, transposed: product.transposesSecond, type.weights),
        dst: MemoryDescriptor(extents, type), attributes([], probe))
    }
    let src = try operand(first, rank: rank, transposed: product.transposesFirst, type)
    let weights = try operand(
      second, rank: rank, transposed: product.transposesSecond, type.weights)
    let scale = src.scale * weights.scale
    let site = FusionSite(
      anchor: index, dims: extents, type: type,
      scaling: type.isQuantized
        ? { factor, _ in
          var scaling = Scaling(output: [scale * factor])
          scaling.zeroPoints = zeros
          return scaling
        } : nil,
      reads: [src.buffer, weights.buffer]
    ) { [engine] (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError) in
      try PrimitiveDescriptor.matrixProduct(
        engine, src: src.descriptor, weights: weights.descriptor, dst: dst, attributes)
    }
    let fused = try fuser.fuse(site, dst: MemoryDescriptor(extents))
    try emitter.emit(
      fused, [(.src, .tensor(src)), (.weights, .tensor(weights))],
      StepFacts(kind: "matmul", sources: [index]))
  }

  /// What stands for 0 in the factors of a network that quantises itself.
  private func matrixZeroPoints(_ first: ValueID, _ second: ValueID)
    -> [(argument: Argument, number: Int)]
  {
    guard numbers.ownsScales, let one = numbers.quantized(first),
      let other = numbers.quantized(second)
    else { return [] }
    return [
      (.src, one.zeroPoint),
      (.weights, other.type == .u8 ? other.zeroPoint - 128 : other.zeroPoint),
    ]
  }

  /// A plain value as matrices of a rank: ones before its dims, or leading dims joined.
  private func operand(
    _ value: ValueID, rank: Int, transposed: Bool, _ type: DataType
  ) throws(DNNLError) -> Tensor {
    let plain = try reader.plainTensor(of: value, type)
    let descriptor = try matrices(value, rank: rank, transposed: transposed, type)
    return plain.viewed(as: descriptor)
  }

  private func matrices(
    _ value: ValueID, rank: Int, transposed: Bool, _ type: DataType
  ) throws(DNNLError) -> MemoryDescriptor {
    let own = dims(value)
    var extents = Array(repeating: 1, count: max(0, rank - own.count)) + own
    if extents.count > rank {
      let joined = extents.dropLast().reduce(1, *)
      // A second operand of one matrix keeps its rows; a first one becomes tall.
      extents = [joined, extents[extents.count - 1]]
    }
    guard transposed else { return try MemoryDescriptor(extents, type) }
    var strides = Array(repeating: 1, count: rank)
    for axis in (0..<rank - 1).reversed() { strides[axis] = strides[axis + 1] * extents[axis + 1] }
    extents.swapAt(rank - 1, rank - 2)
    strides.swapAt(rank - 1, rank - 2)
    return try MemoryDescriptor(extents, type, strides: strides)
  }
}
