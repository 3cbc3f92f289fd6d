import Topology

/// Indices as rows of one value that is on and others that are off.
struct OneHotRows: HostKernel {
  let name = "one_hot"
  let oneHot: OneHot
  let team: KernelTeam

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let sources = inputs[0].baseAddress, let targets = output.baseAddress else { return }
    nonisolated(unsafe) let (indices, target) = (sources, targets)
    let (on, off) = (Float(oneHot.on), Float(oneHot.off))
    let depth = type.dims[oneHot.axis]
    let inner = type.dims[(oneHot.axis + 1)...].reduce(1, *)
    let bound = Float(depth)
    if inner == 1 {
      team.share(output.count / depth, elements: depth) { rows in
        for row in rows {
          let to = target + row * depth
          to.update(repeating: off, count: depth)
          let index = indices[row].rounded(.towardZero)
          let place = index < 0 ? index + bound : index
          if place >= 0, place < bound { to[Int(place)] = on }
        }
      }
      return
    }
    // Row by row of the result, so that it is written once and in order.
    team.share(output.count / inner, elements: inner) { rows in
      for row in rows {
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
}
