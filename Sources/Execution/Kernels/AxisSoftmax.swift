import Topology

/// A softmax, or its logarithm, along an axis whose neighbours lie apart, where oneDNN has only
/// reference loops.
///
/// A vector of places walks the axis three times: for the largest element, for the sum of the
/// powers, and to divide by it.
struct AxisSoftmax: ParallelKernel {
  /// Places of a part: two cache lines.
  private static let tile = 4 * Lanes.scalarCount

  let name = HostKernels.vectorised
  let axis: Int
  let logarithm: Bool

  func partCount(types: [TensorType], type: TensorType) -> Int {
    let (outer, _, inner) = type.split(at: axis)
    return outer * ((inner + AxisSoftmax.tile - 1) / AxisSoftmax.tile)
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let (_, count, inner) = type.split(at: axis)
    let tiles = (inner + AxisSoftmax.tile - 1) / AxisSoftmax.tile
    for part in parts {
      let (slab, tile) = part.quotientAndRemainder(dividingBy: tiles)
      let end = min((tile + 1) * AxisSoftmax.tile, inner)
      for column in stride(from: tile * AxisSoftmax.tile, to: end, by: Lanes.scalarCount) {
        let start = slab * count * inner + column
        let width = min(Lanes.scalarCount, end - column)
        walk(source + start, target + start, count: count, inner: inner, width: width)
      }
    }
  }

  @inline(__always)
  private func walk(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, count: Int, inner: Int,
    width: Int
  ) {
    var largest = Lanes(at: source, count: width)
    for place in 1..<max(1, count) {
      largest = .larger(largest, Lanes(at: source + place * inner, count: width))
    }
    var sum = Lanes(repeating: 0)
    for place in 0..<count {
      let difference = Lanes(at: source + place * inner, count: width) - largest
      let power = difference.exponential
      sum += power
      (logarithm ? difference : power).store(at: target + place * inner, count: width)
    }
    if logarithm {
      let shift = sum.logarithm
      for place in 0..<count {
        let result = target + place * inner
        (Lanes(at: result, count: width) - shift).store(at: result, count: width)
      }
    } else {
      let factor = 1 / sum
      for place in 0..<count {
        let result = target + place * inner
        (Lanes(at: result, count: width) * factor).store(at: result, count: width)
      }
    }
  }
}
