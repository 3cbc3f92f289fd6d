import DNNL
import Measuring
import Topology

/// An image in another size, in the memory format of its source.
struct ResamplingLowering: Lowering {
  let context: PlanningContext
  let kind: ResamplingKind

  func lower(_ index: Int) throws(DNNLError) {
    let algorithm: ResamplingAlgorithm = kind == .nearest ? .nearest : .linear
    let source = input(of: index)
    let extents = dims(program.instructions[index].output)
    func make(_ src: MemoryDescriptor, _ type: DataType) throws(DNNLError) -> PrimitiveDescriptor {
      try .resampling(
        engine, algorithm, src: src, dst: MemoryDescriptor.open(extents, type), attributes())
    }
    let types = numbers.followedTypes(
      of: source, rounds: kind != .nearest, to: program.instructions[index].output)
    let (type, form) = try reader.chooseForm(of: source, for: index, types) {
      (form) throws(DNNLError) in
      try make(form, form.dataType ?? .f32)
    }
    let src =
      if let form { try reader.tensor(of: source, as: form) } else {
        try reader.tensor(of: source, for: index, type: type)
      }
    let descriptor = try make(src.descriptor, type)
    let dst = table.newBuffer(try descriptor.required(.dst), as: src.format)
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "resampling", algorithm: algorithm.rawValue, sources: [index]))
    emitter.complete([index], in: dst)
  }
}
