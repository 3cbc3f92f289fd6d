import DNNL
import Measuring
import Topology

/// 8-bit forms: which values get one, and the factors that products of integers take.
extension Planner {
  /// Whether a value is worth an 8-bit form: some reader multiplies it, or passes it on to one
  /// that does.
  func isQuantized(_ value: ValueID) -> Bool {
    if let known = isWorthQuantizing[value] { return known }
    var answer = false
    // Values are made in order, so a walk along readers ends.
    for reader in flow.readers[value] where !answer {
      let instruction = program.instructions[reader]
      switch instruction.operation.traits.quantization {
      case .multiplies: answer = true
      case .passesOn: answer = isQuantized(instruction.output)
      case .none: continue
      }
    }
    isWorthQuantizing[value] = answer
    return answer
  }

  /// The factors of a product of integers, whose weights have a scale each output channel; `nil`
  /// for one of floating-point numbers.
  func productScaling(
    _ index: Int, _ source: ValueID, _ type: DataType, channels: Int, isGrouped: Bool = false
  ) -> ((Float, [Int]) throws(DNNLError) -> Scaling)? {
    guard type.isQuantized, let format = quantized(source) else { return nil }
    return { [self] (factor, folded) throws(DNNLError) in
      let units = try weightUnits(of: index, channels: channels, fold(folded, channels: channels))
      return Scaling(
        output: units.values.map { $0 * format.scale * factor }, isGrouped: isGrouped)
    }
  }

  /// The value of a stored 1 in the weights of each output channel, after a fold.
  func weightUnits(of index: Int, channels: Int, _ fold: BatchNormFold?) throws(DNNLError)
    -> WeightUnits
  {
    var magnitudes = try weightMagnitudes(of: index, channels: channels)
    if let fold {
      for channel in magnitudes.indices { magnitudes[channel] *= Float(abs(fold.factors[channel])) }
    }
    // Without instructions for it, two products are added in 16 bits: 2 · 255 · 63 still fits.
    let largest: Float = OneDNN.instructionSet.multiplies(.int8) ? 127 : 63
    return WeightUnits(values: magnitudes.map { $0 > 0 ? $0 / largest : 1 })
  }

  private func weightMagnitudes(of index: Int, channels: Int) throws(DNNLError) -> [Float] {
    if let known = weightMagnitudes[index] { return known }
    let slots = program.instructions[index].weights
    guard let place = slots.firstIndex(where: { $0.role == .weights }) else {
      throw PlanError("product without weights").thrown
    }
    let count = slots[place].elementCount
    let memory = try constants.temporary(bytes: 4 * count)
    let data = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    weights.fill(
      instruction: index, slot: slots[place], index: place, threads: options.threads, into: data)
    let row = count / channels
    let magnitudes = (0..<channels).map { channel in
      data[channel * row..<(channel + 1) * row].reduce(Float(0)) { max($0, abs($1)) }
    }
    weightMagnitudes[index] = magnitudes
    return magnitudes
  }
}

/// The value of a stored 1 in the weights of each output channel.
struct WeightUnits {
  let values: [Float]

  subscript(channel: Int) -> Float { values[channel] }

  /// Turns weights whose outermost dimensions are the channels into multiples of their units.
  func divide(_ weights: UnsafeMutableBufferPointer<Float>) {
    let row = weights.count / values.count
    for (channel, unit) in values.enumerated() {
      for index in channel * row..<(channel + 1) * row { weights[index] /= unit }
    }
  }
}

extension Epilogue {
  /// Makes the post-ops give multiples of the result's unit; returns the factor that the primitive
  /// itself has to apply, or `nil` when they cannot.
  ///
  /// Where every post-op of a multiple is the multiple of the post-op, the factor stands before
  /// them; else they compute in true numbers and a last one scales.
  mutating func scaleResult() -> Float? {
    let factor = 1 / format.scale
    if let scaled = scaled(by: factor) {
      postOps = scaled
      return factor
    }
    let isScaledAlready = postOps.contains { postOp in
      if case .eltwise(let algorithm, _, _) = postOp { algorithm == .linear } else { false }
    }
    if factor != 1, isScaledAlready, Quirk.oneGeneratorAFunction.holds { return nil }
    if factor != 1 { postOps.append(.eltwise(.linear, alpha: factor, beta: 0)) }
    return 1
  }

  private func scaled(by factor: Float) -> [PostOp]? {
    var scaled: [PostOp] = []
    for postOp in postOps {
      switch postOp {
      case .sum(let scale, let type): scaled.append(.sum(scale: scale * factor, type: type))
      case .binary(.mul, _), .binary(.div, _): scaled.append(postOp)
      case .binary: return factor == 1 ? postOps : nil
      case .eltwise(let algorithm, let alpha, let beta):
        switch algorithm {
        case .relu, .abs: scaled.append(postOp)
        case .boundedRelu:
          scaled.append(.eltwise(algorithm, alpha: alpha * factor, beta: beta))
        case .clip:
          scaled.append(.eltwise(algorithm, alpha: alpha * factor, beta: beta * factor))
        case .linear: scaled.append(.eltwise(algorithm, alpha: alpha, beta: beta * factor))
        default: return factor == 1 ? postOps : nil
        }
      }
    }
    return scaled
  }
}
