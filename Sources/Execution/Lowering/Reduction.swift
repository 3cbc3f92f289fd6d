import DNNL
import Topology

extension Planner {
  /// Dimensions folded, on plain memory.
  ///
  /// oneDNN 2.6 has generated code only where the last ones are folded; others are brought there
  /// first, which takes less than its reference loops.
  func lower(_ kind: ReductionKind, _ index: Int) throws(DNNLError) {
    let output = program.instructions[index].output
    let source = input(of: index)
    let rows = dims(output).reduce(1, *)
    let columns = dims(source).reduce(1, *) / rows
    let type = try choose(floatTypes) { (type) throws(DNNLError) in
      try reduction(
        kind, MemoryDescriptor([rows, columns], type), MemoryDescriptor([rows, 1], type))
    }
    let plain = try MemoryDescriptor(dims(source), type)
    let whole = try MemoryDescriptor(dims(output), type)
    let direct = try reduction(kind, plain, whole)
    if Planner.quality(direct.implementation) > 0 {
      return try emitReduction(direct, kind, index, plainTensor(of: source, type), whole)
    }
    let isFolded = dims(source).indices.map { dims(output)[$0] != dims(source)[$0] }
    let order =
      isFolded.indices.filter { !isFolded[$0] } + isFolded.indices.filter { isFolded[$0] }
    let matrix = try MemoryDescriptor([rows, columns], type)
    let column = try MemoryDescriptor([rows, 1], type)
    let rowwise = try reduction(kind, matrix, column)
    guard Planner.quality(rowwise.implementation) > 0 else {
      return try emitReduction(direct, kind, index, plainTensor(of: source, type), whole)
    }
    let isInPlace = order == Array(order.indices)
    let moved =
      try isInPlace ? plainTensor(of: source, type) : permuted(source, order, type, sources: [])
    let src = moved.viewed(as: matrix)
    try emitReduction(rowwise, kind, index, src, column)
  }

  private func emitReduction(
    _ descriptor: borrowing PrimitiveDescriptor, _ kind: ReductionKind, _ index: Int,
    _ src: Tensor, _ result: MemoryDescriptor
  ) throws(DNNLError) {
    let dst = newBuffer(result)
    try emit(
      descriptor, [(.src, .tensor(src)), (.dst, .tensor(dst))],
      StepFacts(
        kind: "reduction", algorithm: Planner.algorithm(kind).rawValue, sources: [index]))
    complete([index], in: try dst.viewed(dims(program.instructions[index].output)))
  }

  private func reduction(
    _ kind: ReductionKind, _ src: MemoryDescriptor, _ dst: MemoryDescriptor
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let attributes = try attributes()
    return try .reduction(
      engine, Planner.algorithm(kind), src: src, dst: dst, p: kind == .l1 ? 1 : 2, attributes)
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
