import DNNL
import Topology

extension Planner {
  /// An element-wise function in the format of its source, in place where nobody else needs it.
  func lower(_ eltwise: Topology.Eltwise, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let algorithm = EltwiseAlgorithm(eltwise.kind)
    func make(_ src: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .eltwise(
        engine, algorithm, src: src, alpha: Float(eltwise.alpha), beta: Float(eltwise.beta),
        attributes())
    }
    let lying = try tensor(of: source).descriptor
    let types = eltwise.keepsScale ? followedTypes(of: source) : floatTypes
    let type = try choose(types) { (type) throws(DNNLError) in
      try make(Planner.alike(lying, type))
    }
    let src = try tensor(of: source, for: index, type: type)
    let descriptor = try make(src.descriptor)
    let dst =
      isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor, scale: src.scale)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "eltwise", algorithm: "eltwise_\(algorithm.name)", sources: [index]))
    complete([index], in: dst)
  }

  /// A binary operation in the format of its first operand, with the functions behind it fused.
  func lower(_ kind: BinaryKind, _ index: Int) throws(DNNLError) {
    let (first, second) = (input(0, of: index), input(1, of: index))
    let lying = try tensor(of: first).descriptor
    let types = binaryTypes(kind, index)
    let type = try choose(types) { (type) throws(DNNLError) in
      let src0 = try Planner.alike(lying, type)
      let src1 =
        try dims(second) == dims(first)
        ? Planner.alike(lying, quantized(second)?.type ?? type)
        : MemoryDescriptor(leading(dims(second), rank: src0.dims.count), type)
      return try .binary(
        engine, BinaryAlgorithm(kind), src0: src0, src1: src1, dst: src0, attributes())
    }
    let src = try tensor(of: first, for: index, type: type)
    do throws(DNNLError) {
      try lower(kind, index, src, binaryOperand(second, like: src))
    } catch {
      guard error.isUnimplemented else { throw error }
      let plain = try plainTensor(of: first, type)
      try lower(kind, index, plain, binaryOperand(second, like: plain))
    }
  }

  /// The types to try: 8 bits where an operand is made of them and the result is wanted in them.
  private func binaryTypes(_ kind: BinaryKind, _ index: Int) -> [DataType] {
    if kind.isComparison {
      reasonForF32 = "rounded numbers would compare otherwise"
      return [.f32]
    }
    guard options.precision == .int8 else { return floatTypes }
    let (first, second) = (input(0, of: index), input(1, of: index))
    let isNear = storedType(of: first).isQuantized || storedType(of: second).isQuantized
    guard isNear, isQuantized(program.instructions[index].output), quantized(second) != nil,
      let format = quantized(first)
    else { return [.f32] }
    return [format.type, .f32]
  }

  private func lower(
    _ kind: BinaryKind, _ index: Int, _ src0: Tensor, _ src1: Tensor
  ) throws(DNNLError) {
    let algorithm = BinaryAlgorithm(kind)
    var site = FusionSite(
      anchor: index, dims: dims(program.instructions[index].output), type: src0.type,
      keepsType: !src0.type.isQuantized
    ) {
      [engine] (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError)
        -> PrimitiveDescriptor
      in
      try .binary(
        engine, algorithm, src0: src0.descriptor, src1: src1.descriptor, dst: dst, attributes)
    }
    if src0.type.isQuantized {
      let scales = (src0.scale, src1.scale)
      let isProduct = kind == .mul || kind == .div
      site.scaling = { factor, _ in
        var scaling = Scaling()
        scaling.operands = [
          (.src, scales.0 * factor), (.src1, isProduct ? scales.1 : scales.1 * factor),
        ]
        return scaling
      }
    }
    // Where a block of channels is padded, oneDNN 2.6's code below AVX-512 goes wrong in place and
    // with post-ops.
    let isPadded = src0.descriptor.size != src0.logicalBytes
    let fused = try isPadded ? alone(site, dst: src0.descriptor) : fuse(site, dst: src0.descriptor)
    let readers = [index] + fused.epilogue.links.map(\.instruction)
    let others = [src1.buffer] + fused.epilogue.operands.map(\.tensor.buffer)
    let inPlace =
      !isPadded && !others.contains(src0.buffer) && isOverwritable(src0, by: readers)
    try emit(
      fused, [(.src, .tensor(src0)), (.src1, .tensor(src1))],
      StepFacts(kind: "binary", algorithm: "binary_\(algorithm.rawValue)", sources: [index]),
      reusing: inPlace ? src0 : nil)
  }

  /// The second operand: in the first one's format, or plain with leading ones when broadcast.
  private func binaryOperand(_ value: ValueID, like first: Tensor) throws(DNNLError) -> Tensor {
    let wanted = first.descriptor.dims
    // 8-bit operands may differ in their sign.
    let type = first.type.isQuantized ? quantized(value)?.type ?? first.type : first.type
    if dims(value) == wanted {
      return try tensor(of: value, as: Planner.alike(first.descriptor, type))
    }
    return try plainView(of: value, dims: leading(dims(value), rank: wanted.count), type)
  }

  /// Dims with ones before them.
  private func leading(_ dims: [Int], rank: Int) -> [Int] {
    Array(repeating: 1, count: max(0, rank - dims.count)) + dims
  }
}

extension Topology.Eltwise {
  /// Whether the function of a multiple is the multiple of the function, so that 8-bit data keeps
  /// its scale.
  fileprivate var keepsScale: Bool { kind == .relu && alpha == 0 }
}
