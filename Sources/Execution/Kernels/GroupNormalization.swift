import Topology

/// A normalisation by the statistics of groups of channels, which oneDNN 2.6 lacks.
struct GroupNormalization: OperationKernel, ParallelKernel {
  private static let lanes = 16

  let name = "group_normalization"
  let groups: Int
  let epsilon: Double

  init?(_ instruction: Instruction, of program: Program) {
    guard case .groupNormalization(let groups, let epsilon) = instruction.operation else {
      return nil
    }
    self.groups = groups
    self.epsilon = epsilon
  }

  func partCount(types: [TensorType], type: TensorType) -> Int { type.dims[0] * groups }

  /// Inputs: the source, scale and shift.
  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    let channels = type.dims[1]
    let space = type.dims[2...].reduce(1, *)
    let width = channels / groups * space
    for part in parts {
      let start = part * width
      let source = UnsafeBufferPointer(rebasing: inputs[0][start..<start + width])
      let mean = GroupNormalization.sum(source) { $0 } / Float(width)
      let variance = GroupNormalization.sum(source) { ($0 - mean) * ($0 - mean) } / Float(width)
      let factor = 1 / (variance + Float(epsilon)).squareRoot()
      for row in 0..<width / space {
        let channel = (start / space + row) % channels
        let scale = inputs[1][channel] * factor
        let shift = inputs[2][channel]
        // The mean first: of elements that hardly differ the product with a large factor would keep
        // little.
        for index in row * space..<(row + 1) * space {
          output[start + index] = (source[index] - mean) * scale + shift
        }
      }
    }
  }

  /// A sum in several lanes, which the compiler keeps in a vector.
  @inline(__always)
  private static func sum(
    _ values: UnsafeBufferPointer<Float>, _ term: (SIMD16<Float>) -> SIMD16<Float>
  ) -> Float {
    guard let base = values.baseAddress else { return 0 }
    var total = SIMD16<Float>()
    let whole = values.count / lanes * lanes
    for start in stride(from: 0, to: whole, by: lanes) {
      total += term(UnsafeRawPointer(base + start).loadUnaligned(as: SIMD16<Float>.self))
    }
    var sum = total.sum()
    for index in whole..<values.count { sum += term(SIMD16(repeating: values[index]))[0] }
    return sum
  }
}
