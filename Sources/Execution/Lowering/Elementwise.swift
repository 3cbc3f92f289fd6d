import DNNL
import Measuring
import Topology

/// An element-wise function in the format of its source, in place where nobody else needs it.
struct ElementwiseLowering: Lowering {
  let context: PlanningContext
  let eltwise: Topology.Eltwise

  func lower(_ index: Int) throws(DNNLError) {
    // What only says what integers mean takes no step.
    if let made = table.made(input(of: index)),
      let meaning = numbers.meaning(behind: eltwise, index, of: made)
    {
      return emitter.complete([index], in: made.read(as: meaning))
    }
    let source = input(of: index)
    let algorithm = EltwiseAlgorithm(eltwise.kind)
    func make(_ src: MemoryDescriptor) throws(DNNLError) -> PrimitiveDescriptor {
      try .eltwise(
        engine, algorithm, src: src, alpha: Float(eltwise.alpha), beta: Float(eltwise.beta),
        attributes())
    }
    let isCentred = table.made(source)?.zeroPoint == 0
    let types =
      eltwise.keepsScale && isCentred ? numbers.followedTypes(of: source) : numbers.floatTypes
    let (type, form) = try reader.chooseForm(of: source, for: index, types, make)
    let src =
      if let form { try reader.tensor(of: source, as: form) } else {
        try reader.tensor(of: source, for: index, type: type)
      }
    let descriptor = try make(src.descriptor)
    let dst =
      table.isOverwritable(src, by: [index]) ? src : table.newBuffer(src.descriptor, as: src.format)
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "eltwise", algorithm: "eltwise_\(algorithm.name)", sources: [index]))
    emitter.complete([index], in: dst)
  }
}

extension Topology.Eltwise {
  /// Whether the function of a multiple is the multiple of the function, so that 8-bit data keeps
  /// its scale.
  fileprivate var keepsScale: Bool { kind == .relu && alpha == 0 }
}
