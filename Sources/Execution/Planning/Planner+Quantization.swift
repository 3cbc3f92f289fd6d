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
  ///
  /// With `meetsPadding` some of its windows reach cells that are 0 and not stored, so that the
  /// source's zero point is the primitive's business; else it goes into the bias.
  func productScaling(
    _ index: Int, _ source: ValueID, _ type: DataType, channels: Int, isGrouped: Bool = false,
    meetsPadding: Bool = false
  ) -> ((Float, [Int]) throws(DNNLError) -> Scaling)? {
    guard type.isQuantized, let format = quantized(source) else { return nil }
    return { [self] (factor, folded) throws(DNNLError) in
      let units = try weightUnits(of: index, channels: channels, fold(folded, channels: channels))
      var scaling = Scaling(
        output: units.values.map { $0 * format.scale * factor }, isGrouped: isGrouped)
      if meetsPadding { scaling.zeroPoints = [(.src, format.zeroPoint)] }
      return scaling
    }
  }

  /// Whether the source's zero point goes into the bias of a product.
  func shiftsBias(_ source: ValueID, _ type: DataType, meetsPadding: Bool) -> Bool {
    type.isQuantized && !meetsPadding && quantized(source)?.zeroPoint ?? 0 != 0
  }

  /// The attributes of a product whose support is asked about, before its factors are known.
  func productProbe(_ source: ValueID, _ type: DataType, meetsPadding: Bool) throws(DNNLError)
    -> PrimitiveAttributes
  {
    var scaling = Scaling()
    if type.isQuantized, meetsPadding, let format = quantized(source) {
      scaling.zeroPoints = [(.src, format.zeroPoint)]
    }
    return try attributes([], scaling)
  }

  /// The value of a stored 1 in the weights of each output channel, after a fold.
  func weightUnits(of index: Int, channels: Int, _ fold: BatchNormFold?) throws(DNNLError)
    -> WeightUnits
  {
    if ownsScales, case .own(let steps) = try steps(of: index) {
      return WeightUnits(
        values: (0..<channels).map { channel in
          steps[steps.count == 1 ? 0 : channel] * Float(abs(fold?.factors[channel] ?? 1))
        })
    }
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
    let data = try temporaryWeights(of: index)
    let row = data.count / channels
    let magnitudes = (0..<channels).map { channel in
      data[channel * row..<(channel + 1) * row].reduce(Float(0)) { max($0, abs($1)) }
    }
    weightMagnitudes[index] = magnitudes
    return magnitudes
  }

  /// The weights of a product in plain order, in memory that is soon something else's.
  func temporaryWeights(of index: Int) throws(DNNLError) -> UnsafeMutableBufferPointer<Float> {
    let (slot, place) = try weightSlot(of: index)
    let count = slot.elementCount
    let memory = try constants.temporary(bytes: 4 * count)
    let data = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    weights.fill(
      instruction: index, slot: slot, index: place, threads: options.threads, into: data)
    return data
  }

  /// What is known of the steps that the weights of a product were rounded to.
  func steps(of index: Int) throws(DNNLError) -> WeightSteps {
    let (slot, place) = try weightSlot(of: index)
    return weights.steps(instruction: index, slot: slot, index: place)
  }

  private func weightSlot(of index: Int) throws(DNNLError) -> (WeightSlot, Int) {
    let slots = program.instructions[index].weights
    guard let place = slots.firstIndex(where: { $0.role == .weights }) else {
      throw PlanError("product without weights").thrown
    }
    return (slots[place], place)
  }
}

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

extension Epilogue {
  /// Makes the post-ops give multiples of the result's unit, above its zero point; returns the factor
  /// that the primitive itself has to apply, or `nil` when they cannot.
  ///
  /// Where every post-op of a multiple is the multiple of the post-op, the factor stands before
  /// them; else they compute in true numbers and a last one scales.
  mutating func scaleResult() -> Float? {
    let factor = 1 / format.scale
    let zero = Float(format.zeroPoint)
    if let scaled = scaled(by: factor) {
      postOps = scaled
      return appendLine(1, zero) ? factor : nil
    }
    return appendLine(factor, zero) ? 1 : nil
  }

  /// Appends a factor and an addend; false where that cannot be.
  mutating func appendLine(_ alpha: Float, _ beta: Float) -> Bool {
    if alpha == 1, beta == 0 { return true }
    if case .eltwise(.linear, let first, let second)? = postOps.last {
      postOps[postOps.count - 1] = .eltwise(
        .linear, alpha: first * alpha, beta: second * alpha + beta)
    } else {
      postOps.append(.eltwise(.linear, alpha: alpha, beta: beta))
    }
    let lines = postOps.count { postOp in
      if case .eltwise(.linear, _, _) = postOp { true } else { false }
    }
    return lines == 1 || !Quirk.oneGeneratorAFunction.holds
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
