import Topology

/// Sums of what lies before along an axis.
struct CumulativeSums: TeamKernel {
  /// Neighbouring sums that one thread walks together.
  private static let lanes = 256

  let name = "cumsum"
  let sum: CumulativeSum
  let team: KernelTeam

  func partCount(types: [TensorType], type: TensorType) -> Int {
    let inner = type.dims[(sum.axis + 1)...].reduce(1, *)
    return type.dims[..<sum.axis].reduce(blocks(inner), *)
  }

  private func blocks(_ inner: Int) -> Int {
    (inner + CumulativeSums.lanes - 1) / CumulativeSums.lanes
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let count = type.dims[sum.axis]
    let inner = type.dims[(sum.axis + 1)...].reduce(1, *)
    for part in parts {
      let (slab, block) = part.quotientAndRemainder(dividingBy: blocks(inner))
      let first = block * CumulativeSums.lanes
      let start = slab * count * inner + first
      let width = min(CumulativeSums.lanes, inner - first)
      if width == 1 {
        scan(source + start, target + start, count, inner)
      } else {
        scan(source + start, target + start, count, inner, width: width)
      }
    }
  }

  /// One sum.
  @inline(__always)
  private func scan(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int,
    _ inner: Int
  ) {
    var total: Float = 0
    for step in 0..<count {
      let place = (sum.isReversed ? count - 1 - step : step) * inner
      let next = total + source[place]
      target[place] = sum.isExclusive ? total : next
      total = next
    }
  }

  /// `width` sums side by side, row by row, each row the one before it and what it adds.
  private func scan(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ count: Int,
    _ inner: Int, width: Int
  ) {
    func row(_ step: Int) -> Int { (sum.isReversed ? count - 1 - step : step) * inner }
    for step in 0..<count {
      let to = target + row(step)
      if step == 0 {
        if sum.isExclusive {
          to.update(repeating: 0, count: width)
        } else {
          to.update(from: source + row(0), count: width)
        }
        continue
      }
      let before = target + row(step - 1)
      let from = source + row(sum.isExclusive ? step - 1 : step)
      for lane in 0..<width { to[lane] = before[lane] + from[lane] }
    }
  }
}
