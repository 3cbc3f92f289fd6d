import Topology

/// Overwrites what lies beyond the diagonal that ends in the last corner of each matrix.
struct CausalMask: HostKernel {
  let name = "causal_mask"
  let value: Float

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let (height, width) = (type.dims[type.shape.rank - 2], type.dims[type.shape.rank - 1])
    for start in stride(from: 0, to: output.count, by: width) {
      let seen = start / width % height + 1 + width - height
      (target + start).update(from: source + start, count: seen)
      (target + start + seen).update(repeating: value, count: width - seen)
    }
  }
}
