/// `argmax`: the index of the largest element along the last axis, which is dropped.
///
/// Of equal elements the first one wins, as in ONNX. The index is written as a `Float`.
struct Argmax: InlayKind, HostKernel {
  static let name = "argmax"
  var name: String { Argmax.name }

  init(_ attributes: Attributes) throws(AttributeError) {}

  func outputType(_ input: TensorType) throws(ShapeError) -> TensorType {
    guard input.shape.rank >= 2 else { throw ShapeError("wants at least 2 dimensions") }
    return try TensorType(dims: Array(input.dims.dropLast()), .other)
  }

  func operation(on input: TensorType) -> Operation { .host(self) }

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let width = types[0].dims[types[0].shape.rank - 1]
    for row in output.indices {
      output[row] = Float(largestIndex(in: inputs[0], from: row * width, count: width))
    }
  }
}

/// The offset of the first largest element among `count` ones from `start`.
func largestIndex(in values: UnsafeBufferPointer<Float>, from start: Int, count: Int) -> Int {
  var best = 0
  for index in 1..<max(count, 1) where values[start + index] > values[start + best] {
    best = index
  }
  return best
}
