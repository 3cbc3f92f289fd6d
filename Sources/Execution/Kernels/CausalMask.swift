import Topology

/// Overwrites what lies beyond the diagonal that ends in the last corner of each matrix.
struct CausalMask: OperationKernel, ParallelKernel {
  let name = "causal_mask"
  let value: Float

  init?(_ instruction: Instruction, of program: Program) {
    guard case .causalMask(let value) = instruction.operation else { return nil }
    self.value = value
  }

  func partCount(types: [TensorType], type: TensorType) -> Int {
    type.elementCount / max(1, type.dims[type.shape.rank - 1])
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let (height, width) = (type.dims[type.shape.rank - 2], type.dims[type.shape.rank - 1])
    for row in parts {
      let start = row * width
      let seen = row % height + 1 + width - height
      (target + start).update(from: source + start, count: seen)
      (target + start + seen).update(repeating: value, count: width - seen)
    }
  }
}
