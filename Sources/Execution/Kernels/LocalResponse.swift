import Topology

/// A local response normalisation across channels, where oneDNN has only reference loops.
struct LocalResponseKernel: ParallelKernel {
  /// Places of a part.
  private static let tile = 4 * Lanes.scalarCount

  let name = HostKernels.vectorised
  let response: LocalResponse

  func partCount(types: [TensorType], type: TensorType) -> Int {
    let (outer, _, space) = type.split(at: 1)
    return outer * ((space + LocalResponseKernel.tile - 1) / LocalResponseKernel.tile)
  }

  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let target = output.baseAddress else { return }
    let tile = LocalResponseKernel.tile
    let (_, channels, space) = type.split(at: 1)
    let tiles = (space + tile - 1) / tile
    for part in parts {
      let (image, place) = part.quotientAndRemainder(dividingBy: tiles)
      let end = min((place + 1) * tile, space)
      for column in stride(from: place * tile, to: end, by: Lanes.scalarCount) {
        let start = image * channels * space + column
        walk(
          source + start, target + start, channels: channels, space: space,
          width: min(Lanes.scalarCount, end - column))
      }
    }
  }

  /// All channels of a vector of places: x · (k + α/n · Σ x²)^−β.
  @inline(__always)
  private func walk(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, channels: Int,
    space: Int, width: Int
  ) {
    let factor = Float(response.alpha / Double(response.size))
    let (k, beta) = (Float(response.k), Float(response.beta))
    let reach = (response.size - 1) / 2
    for channel in 0..<channels {
      var sum = Lanes(repeating: 0)
      for other in max(0, channel - reach)...min(channels - 1, channel + reach) {
        let value = Lanes(at: source + other * space, count: width)
        sum += value * value
      }
      let base = sum * factor + k
      let power: Lanes
      if beta == 0.75 {
        let root = base.squareRoot()
        power = 1 / (root * root.squareRoot())
      } else {
        power = (base.logarithm * -beta).exponential
      }
      let value = Lanes(at: source + channel * space, count: width)
      (value * power).store(at: target + channel * space, count: width)
    }
  }
}

extension TensorType {
  /// The number of places before an axis, along it, and behind it.
  func split(at axis: Int) -> (outer: Int, count: Int, inner: Int) {
    (dims[..<axis].reduce(1, *), dims[axis], dims[(axis + 1)...].reduce(1, *))
  }
}
