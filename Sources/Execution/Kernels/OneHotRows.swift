import Topology

/// Indices as rows of one value that is on and others that are off.
struct OneHotRows: TeamKernel {
  let name = "one_hot"
  let oneHot: OneHot
  let team: KernelTeam

  /// Rows of the result, each with one value of all of the indices behind the axis; where there are
  /// none, rows along the axis.
  func partCount(types: [TensorType], type: TensorType) -> Int {
    let inner = type.dims[(oneHot.axis + 1)...].reduce(1, *)
    return type.elementCount / (inner == 1 ? type.dims[oneHot.axis] : inner)
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let indices = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let (on, off) = (Float(oneHot.on), Float(oneHot.off))
    let depth = type.dims[oneHot.axis]
    let inner = type.dims[(oneHot.axis + 1)...].reduce(1, *)
    let bound = Float(depth)
    for row in parts {
      if inner == 1 {
        let to = target + row * depth
        to.update(repeating: off, count: depth)
        let index = indices[row].rounded(.towardZero)
        let place = index < 0 ? index + bound : index
        if place >= 0, place < bound { to[Int(place)] = on }
        continue
      }
      let wanted = Float(row % depth)
      let from = indices + row / depth * inner
      let to = target + row * inner
      for column in 0..<inner {
        let index = from[column].rounded(.towardZero)
        to[column] = index == wanted || index == wanted - bound ? on : off
      }
    }
  }
}
