import Topology

/// Copies slices of the data along an axis, chosen by indices.
struct GatherCopy: OperationKernel, ParallelKernel {
  let name: String
  /// The axis of the data.
  let axis: Int
  /// Which input is the data, and its dims.
  let data: (input: Int, dims: [Int])
  /// Which input holds the indices.
  let indices: Int

  init?(_ instruction: Instruction, of program: Program) {
    switch instruction.operation {
    case .gather(let axis):
      name = "gather"
      self.axis = axis
      data = (0, program.values[instruction.inputs[0]].dims)
      indices = 1
    case .embedding:
      name = "embedding"
      axis = 0
      data = (1, instruction.weights[0].dims)
      indices = 0
    default: return nil
    }
  }

  func partCount(types: [TensorType], type: TensorType) -> Int {
    data.dims[..<axis].reduce(1, *) * types[indices].elementCount
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[data.input].baseAddress, let target = output.baseAddress else {
      return
    }
    let extent = data.dims[axis]
    let inner = data.dims[(axis + 1)...].reduce(1, *)
    let chosen = inputs[indices]
    for part in parts {
      let (slab, index) = part.quotientAndRemainder(dividingBy: chosen.count)
      let place = GatherCopy.place(chosen[index], of: extent)
      (target + part * inner).update(from: source + (slab * extent + place) * inner, count: inner)
    }
  }

  /// An index as a place: truncated, counted from the end where negative, kept inside.
  private static func place(_ value: Float, of extent: Int) -> Int {
    let bound = Float(extent)
    let index = value.isNaN ? 0 : Int(min(max(value, -bound), bound))
    return min(index < 0 ? index + extent : index, extent - 1)
  }
}
