import DNNL
import Topology

extension Planner {
  /// An image in another size, in the memory format of its source.
  func lower(_ kind: ResamplingKind, _ index: Int) throws(DNNLError) {
    let algorithm: ResamplingAlgorithm = kind == .nearest ? .nearest : .linear
    let src = try tensor(of: input(of: index), for: index)
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
}
