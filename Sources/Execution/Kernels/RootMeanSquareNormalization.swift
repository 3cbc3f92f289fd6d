import Topology

/// A normalisation of rows by the root of the mean of their squares, which oneDNN 2.6 lacks.
struct RootMeanSquareNormalization: TeamKernel {
  let name = "rms_normalization"
  let epsilon: Float
  /// Elements of a row.
  let width: Int
  let team: KernelTeam

  func partCount(types: [TensorType], type: TensorType) -> Int { type.elementCount / width }

  /// Inputs: the source and the scale, as wide as a row.
  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    guard let source = inputs[0].baseAddress, let scale = inputs[1].baseAddress,
      let target = output.baseAddress
    else { return }
    for row in parts {
      let from = source + row * width
      let to = target + row * width
      let mean = sumOfSquares(from) / Float(width)
      let factor = 1 / (mean + epsilon).squareRoot()
      for index in 0..<width { to[index] = from[index] * factor * scale[index] }
    }
  }

  /// The squares of a row summed in several lanes, which the compiler keeps in vectors.
  @inline(__always)
  private func sumOfSquares(_ values: UnsafePointer<Float>) -> Float {
    let lanes = 16
    let whole = width / lanes * lanes
    var total = SIMD16<Float>()
    for start in stride(from: 0, to: whole, by: lanes) {
      let part = UnsafeRawPointer(values + start).loadUnaligned(as: SIMD16<Float>.self)
      total += part * part
    }
    var sum = total.sum()
    for index in whole..<width { sum += values[index] * values[index] }
    return sum
  }
}
