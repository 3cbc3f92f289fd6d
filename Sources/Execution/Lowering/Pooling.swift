import DNNL
import Topology

extension Planner {
  /// A pooling in the memory format of its source.
  func lower(_ pooling: Topology.Pooling, _ index: Int) throws(DNNLError) {
    let instruction = program.instructions[index]
    let source = input(of: index)
    let algorithm: PoolingAlgorithm =
      switch (pooling.kind, pooling.countIncludePad) {
      case (.max, _): .max
      case (.avg, true): .averageIncludingPadding
      case (.avg, false): .averageExcludingPadding
      }
    let window = Window(
      strides: pooling.stride, dilation: pooling.stride.map { _ in 1 },
      paddingBegin: pooling.paddingBegin, paddingEnd: pooling.paddingEnd)
    let src = try tensor(of: source, for: index)
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.pooling(
      engine, algorithm, src: src.descriptor, dst: anyDescriptor(dims(instruction.output)),
      kernel: pooling.kernel, window, attributes)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "pooling", algorithm: algorithm.rawValue, sources: [index]))
    complete([index], in: dst)
  }
}
