import DNNL
import Topology

extension Planner {
  /// An image in another size, in the memory format of its source.
  func lower(_ kind: ResamplingKind, _ index: Int) throws(DNNLError) {
    let algorithm: ResamplingAlgorithm = kind == .nearest ? .nearest : .linear
    let src = try tensor(of: input(of: index))
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.resampling(
      engine, algorithm, src: src.descriptor,
      dst: anyDescriptor(dims(program.instructions[index].output)), attributes)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "resampling", algorithm: algorithm.rawValue, sources: [index]))
    complete([index], in: dst)
  }

  /// Dimensions folded, on plain memory.
  func lower(_ kind: ReductionKind, _ index: Int) throws(DNNLError) {
    let (algorithm, p): (ReductionAlgorithm, Float) =
      switch kind {
      case .sum: (.sum, 0)
      case .mean: (.mean, 0)
      case .max: (.max, 0)
      case .min: (.min, 0)
      case .prod: (.mul, 0)
      case .l1: (.norm, 1)
      case .l2: (.norm, 2)
      }
    let src = try plainTensor(of: input(of: index))
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.reduction(
      engine, algorithm, src: src.descriptor,
      dst: MemoryDescriptor(dims(program.instructions[index].output)), p: p, attributes)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "reduction", algorithm: algorithm.rawValue, sources: [index]))
    complete([index], in: dst)
  }
}
