import DNNL
import Measuring
import Topology

/// Dimensions folded, on plain memory.
///
/// oneDNN 2.6 has generated code only where the last ones are folded, and none of norms.
struct ReductionLowering: Lowering {
  let context: PlanningContext
  let kind: ReductionKind

  func lower(_ index: Int) throws(DNNLError) {
    let (extents, result) = (dims(input(of: index)), dims(program.instructions[index].output))
    let rows = result.reduce(1, *)
    // Where the last dimensions are folded the source is a matrix, whose rows are.
    let isFolded = extents.indices.filter { extents[$0] > 1 }.map { result[$0] == 1 }
    let isMatrix = isFolded == isFolded.sorted { !$0 && $1 }
    let source = isMatrix ? [rows, extents.reduce(1, *) / rows] : extents
    let target = isMatrix ? [rows, 1] : result
    func make(_ type: DataType) throws(DNNLError) -> PrimitiveDescriptor {
      let attributes = try attributes()
      return try .reduction(
        engine, Self.algorithm(kind), src: MemoryDescriptor(source, type),
        dst: MemoryDescriptor(target, type), p: kind == .l1 ? 1 : 2, attributes)
    }
    let algorithm = Self.algorithm(kind).rawValue
    let type = try numbers.choose(numbers.floatTypes, make)
    let descriptor = try make(type)
    guard Implementation.quality(descriptor.implementation) > 0 else {
      return try HostLowering(
        context: context, kernel: Folding(kind, source: extents, result: result)
      ).lower(index, insteadOf: "reduction", algorithm, inPlace: false)
    }
    let src = try reader.plainView(of: input(of: index), dims: source, type)
    let dst = table.newBuffer(try MemoryDescriptor(target, type))
    try emitter.emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(kind: "reduction", algorithm: algorithm, sources: [index]))
    emitter.complete([index], in: try dst.viewed(result))
  }

  private static func algorithm(_ kind: ReductionKind) -> ReductionAlgorithm {
    switch kind {
    case .sum: .sum
    case .mean: .mean
    case .max: .max
    case .min: .min
    case .prod: .mul
    case .l1, .l2: .norm
    }
  }
}
