import Topology

/// Copies slices of the data along an axis, chosen by indices.
struct GatherCopy: HostKernel {
  let name: String
  /// The axis of the data.
  let axis: Int
  /// Which input is the data, and its dims.
  let data: (input: Int, dims: [Int])
  /// Which input holds the indices.
  let indices: Int

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[data.input].baseAddress, var target = output.baseAddress else {
      return
    }
    let extent = data.dims[axis]
    let outer = data.dims[..<axis].reduce(1, *)
    let inner = data.dims[(axis + 1)...].reduce(1, *)
    for slab in 0..<outer {
      for value in inputs[indices] {
        let place = GatherCopy.place(value, of: extent)
        target.update(from: source + (slab * extent + place) * inner, count: inner)
        target += inner
      }
    }
  }

  /// An index as a place: truncated, counted from the end where negative, kept inside.
  private static func place(_ value: Float, of extent: Int) -> Int {
    let bound = Float(extent)
    let index = value.isNaN ? 0 : Int(min(max(value, -bound), bound))
    return min(index < 0 ? index + extent : index, extent - 1)
  }
}
