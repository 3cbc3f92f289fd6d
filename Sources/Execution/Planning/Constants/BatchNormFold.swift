import Measuring
import Topology

/// Batch normalisations as one factor and one addend a channel: y = factor·x + addend.
struct BatchNormFold {
  private(set) var factors: [Double]
  private(set) var addends: [Double]

  /// The fold that changes nothing.
  init(channels: Int) {
    factors = Array(repeating: 1, count: channels)
    addends = Array(repeating: 0, count: channels)
  }

  /// Appends a normalisation behind those before.
  mutating func append(
    scale: [Float], shift: [Float], mean: [Float], variance: [Float], epsilon: Double
  ) {
    for channel in factors.indices {
      let factor = Double(scale[channel]) / (Double(variance[channel]) + epsilon).squareRoot()
      factors[channel] *= factor
      addends[channel] =
        (addends[channel] - Double(mean[channel])) * factor + Double(shift[channel])
    }
  }

  /// Scales weights whose outermost dimensions are the channels.
  func scale(_ weights: UnsafeMutableBufferPointer<Float>) {
    let row = weights.count / factors.count
    for (channel, factor) in factors.enumerated() {
      let factor = Float(factor)
      for index in channel * row..<(channel + 1) * row { weights[index] *= factor }
    }
  }

  /// The bias behind the fold.
  func bias(_ bias: [Float]?) -> [Float] {
    factors.indices.map { channel in
      Float(Double(bias?[channel] ?? 0) * factors[channel] + addends[channel])
    }
  }
}

extension BatchNormFold {
  /// The fold of batch-norm instructions, in order; `nil` when there are none.
  init?(
    _ instructions: [Int], channels: Int, of program: Program, _ loader: ConstantLoader
  ) {
    guard !instructions.isEmpty else { return nil }
    self.init(channels: channels)
    for index in instructions {
      guard case .batchNormalization(let epsilon) = program.instructions[index].operation,
        let scale = loader.values(.scale, of: index), let shift = loader.values(.shift, of: index),
        let mean = loader.values(.mean, of: index),
        let variance = loader.values(.variance, of: index)
      else { continue }
      append(scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
    }
  }
}
