import Topology

/// A normalisation of rows by the root of the mean of their squares, which oneDNN 2.6 lacks.
struct RootMeanSquareNormalization: HostKernel {
  let name = "rms_normalization"
  let epsilon: Float
  let team: KernelTeam

  /// Inputs: the source and the scale, as wide as a row.
  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let sources = inputs[0].baseAddress, let scales = inputs[1].baseAddress,
      let targets = output.baseAddress
    else { return }
    let width = inputs[1].count
    nonisolated(unsafe) let (source, scale, target) = (sources, scales, targets)
    team.share(output.count / width, elements: width) { rows in
      for row in rows {
        let from = source + row * width
        let to = target + row * width
        let mean = sumOfSquares(from, width) / Float(width)
        let factor = 1 / (mean + epsilon).squareRoot()
        for index in 0..<width { to[index] = from[index] * factor * scale[index] }
      }
    }
  }

  /// A sum in several lanes, which the compiler keeps in vectors.
  @inline(__always)
  private func sumOfSquares(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    let lanes = 16
    let whole = count / lanes * lanes
    var total = SIMD16<Float>()
    for start in stride(from: 0, to: whole, by: lanes) {
      let part = UnsafeRawPointer(values + start).loadUnaligned(as: SIMD16<Float>.self)
      total.addProduct(part, part)
    }
    var sum = total.sum()
    for index in whole..<count { sum += values[index] * values[index] }
    return sum
  }
}
