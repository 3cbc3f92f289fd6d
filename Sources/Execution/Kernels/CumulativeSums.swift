import Topology

/// Sums of what lies before along an axis.
struct CumulativeSums: HostKernel {
  /// Neighbouring sums that one thread walks together.
  private static let lanes = 256

  let name = "cumsum"
  let sum: CumulativeSum
  let team: KernelTeam

  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let sources = inputs[0].baseAddress, let targets = output.baseAddress else { return }
    nonisolated(unsafe) let (source, target) = (sources, targets)
    let count = type.dims[sum.axis]
    let inner = type.dims[(sum.axis + 1)...].reduce(1, *)
    let blocks = (inner + CumulativeSums.lanes - 1) / CumulativeSums.lanes
    let outer = output.count / (count * inner)
    team.share(outer * blocks, elements: output.count / (outer * blocks)) { places in
      for place in places {
        let first = place % blocks * CumulativeSums.lanes
        let start = place / blocks * count * inner + first
        let width = min(CumulativeSums.lanes, inner - first)
        if width == 1 {
          scan(source + start, target + start, count, inner)
        } else {
          scan(source + start, target + start, count, inner, width: width)
        }
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
