/// The value of a stored 1 in the weights of each output channel.
struct WeightUnits {
  let values: [Float]

  subscript(channel: Int) -> Float { values[channel] }

  /// The sum of the integers of each output channel.
  static func sums(_ weights: UnsafeMutableBufferPointer<Float>, channels: Int) -> [Double] {
    let row = weights.count / channels
    return (0..<channels).map { channel in
      weights[channel * row..<(channel + 1) * row].reduce(0) { $0 + Double($1.rounded()) }
    }
  }

  /// Turns weights whose outermost dimensions are the channels into multiples of their units.
  func divide(_ weights: UnsafeMutableBufferPointer<Float>) {
    let row = weights.count / values.count
    for (channel, unit) in values.enumerated() {
      for index in channel * row..<(channel + 1) * row { weights[index] /= unit }
    }
  }
}

/// The weights of each output channel that decide whether they are integers that products take.
struct WeightExtremes {
  /// Of each channel the two largest that are positive, and the two largest magnitudes of negative ones.
  private var positive: [(Float, Float)]
  private var negative: [(Float, Float)]

  init(_ data: UnsafeMutableBufferPointer<Float>, channels: Int) {
    positive = Array(repeating: (0, 0), count: channels)
    negative = positive
    let row = data.count / channels
    for channel in 0..<channels {
      for number in data[channel * row..<(channel + 1) * row] {
        if number >= 0 {
          WeightExtremes.add(number, to: &positive[channel])
        } else {
          WeightExtremes.add(-number, to: &negative[channel])
        }
      }
    }
  }

  private static func add(_ number: Float, to pair: inout (Float, Float)) {
    if number > pair.0 { pair = (number, pair.0) } else if number > pair.1 { pair.1 = number }
  }

  /// Why products cannot take them as integers of these steps; `nil` where they can.
  func obstacle(_ steps: [Float], addsIn16Bits: Bool) -> String? {
    for channel in positive.indices {
      let step = steps[steps.count == 1 ? 0 : channel]
      let (high, low) = (positive[channel].0 / step, negative[channel].0 / step)
      if high > 127.5 || low > 128.5 { return "its weights have a zero point, which oneDNN's lack" }
      guard addsIn16Bits else { continue }
      // 255 times both stays within 16 bits.
      let pairs = [positive[channel], negative[channel]].map { ($0.0 + $0.1) / step }
      if pairs.contains(where: { $0 > 128.25 }) {
        return "this CPU adds two products in 16 bits, which weights above ±64 overflow"
      }
    }
    return nil
  }
}
