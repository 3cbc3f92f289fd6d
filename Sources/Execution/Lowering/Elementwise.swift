import DNNL
import Measuring
import Topology

extension Planner {
  /// An element-wise function in the format of its source, in place where nobody else needs it.
  func lower(_ eltwise: Topology.Eltwise, _ index: Int) throws(DNNLError) {
    if try lowerDequantize(eltwise, index) { return }
    let source = input(of: index)
    let algorithm = EltwiseAlgorithm(eltwise.kind)
    func make(_ src: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .eltwise(
        engine, algorithm, src: src, alpha: Float(eltwise.alpha), beta: Float(eltwise.beta),
        attributes())
    }
    let isCentred = tensors[source]?.first?.zeroPoint == 0
    let types = eltwise.keepsScale && isCentred ? followedTypes(of: source) : floatTypes
    let (type, form) = try chooseForm(of: source, for: index, types, make)
    let src =
      if let form { try tensor(of: source, as: form) } else {
        try tensor(of: source, for: index, type: type)
      }
    let descriptor = try make(src.descriptor)
    let dst =
      isOverwritable(src, by: [index]) ? src : newBuffer(src.descriptor, as: src.format)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "eltwise", algorithm: "eltwise_\(algorithm.name)", sources: [index]))
    complete([index], in: dst)
  }
}

extension Topology.Eltwise {
  /// Whether the function of a multiple is the multiple of the function, so that 8-bit data keeps
  /// its scale.
  fileprivate var keepsScale: Bool { kind == .relu && alpha == 0 }
}
