import Topology

/// Overwrites what lies above the diagonal of square matrices.
struct CausalMask: HostKernel {
  let name = "causal_mask"
  let value: Float

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let width = type.dims[type.shape.rank - 1]
    for start in stride(from: 0, to: output.count, by: width) {
      let seen = start / width % width + 1
      (target + start).update(from: source + start, count: seen)
      (target + start + seen).update(repeating: value, count: width - seen)
    }
  }
}
