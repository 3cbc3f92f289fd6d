import DNNL
import Topology

extension Planner {
  /// An element-wise function in the format of its source, in place where nobody else needs it.
  func lower(_ eltwise: Topology.Eltwise, _ index: Int) throws(DNNLError) {
    let src = try tensor(of: input(of: index), for: index)
    let algorithm = EltwiseAlgorithm(eltwise.kind)
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.eltwise(
      engine, algorithm, src: src.descriptor, alpha: Float(eltwise.alpha),
      beta: Float(eltwise.beta), attributes)
    let dst = isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "eltwise", algorithm: "eltwise_\(algorithm.name)", sources: [index]))
    complete([index], in: dst)
  }

  /// A binary operation in the format of its first operand, with the functions behind it fused.
  func lower(_ kind: BinaryKind, _ index: Int) throws(DNNLError) {
    let first = try tensor(of: input(0, of: index), for: index)
    let second = input(1, of: index)
    do throws(DNNLError) {
      try lower(kind, index, first, binaryOperand(second, like: first))
    } catch {
      guard error.isUnimplemented else { throw error }
      let plain = try plainTensor(of: input(0, of: index))
      try lower(kind, index, plain, binaryOperand(second, like: plain))
    }
  }

  private func lower(
    _ kind: BinaryKind, _ index: Int, _ src0: Tensor, _ src1: Tensor
  ) throws(DNNLError) {
    let algorithm = BinaryAlgorithm(kind)
    let site = FusionSite(anchor: index, dims: dims(program.instructions[index].output)) {
      [engine] (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError)
        -> PrimitiveDescriptor
      in
      try .binary(
        engine, algorithm, src0: src0.descriptor, src1: src1.descriptor, dst: dst, attributes)
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
    if dims(value) == wanted { return try tensor(of: value, as: first.descriptor) }
    let missing = max(0, wanted.count - dims(value).count)
    return try plainView(of: value, dims: Array(repeating: 1, count: missing) + dims(value))
  }
}
