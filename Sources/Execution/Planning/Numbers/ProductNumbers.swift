import DNNL
import Measuring
import Topology

/// The numbers of products with weights: whether they are multiplied as integers, the factors that this
/// takes, and the constants that the primitive reads, with what is folded into them.
final class ProductNumbers {
  private let program: Program
  private let table: ValueTable
  private let loader: ConstantLoader
  private let numbers: NumberPolicy
  /// Largest magnitudes of each output channel's weights, by instruction.
  private var weightMagnitudes: [Int: [Float]] = [:]

  init(
    _ program: Program, _ table: ValueTable, _ loader: ConstantLoader, _ numbers: NumberPolicy
  ) {
    self.program = program
    self.table = table
    self.loader = loader
    self.numbers = numbers
  }

  // MARK: Types

  /// The types to try for a primitive that multiplies `value` with constants of its own.
  func types(of value: ValueID, _ index: Int, channels: Int) throws(DNNLError) -> [DataType] {
    numbers.ownsScales
      ? try ownTypes(of: value, index, channels: channels) : numbers.productTypes(of: value)
  }

  /// The types in which a network that quantises itself multiplies a value with weights.
  ///
  /// Notes why they are not multiplied as integers.
  private func ownTypes(of value: ValueID, _ index: Int, channels: Int) throws(DNNLError)
    -> [DataType]
  {
    guard table.made(value)?.type == .u8 else {
      numbers.note("the network does not quantise what it reads")
      return [.f32]
    }
    guard program.instructions[index].weights.contains(where: { $0.role == .weights }) else {
      return [.f32]
    }
    switch try loader.steps(of: index) {
    case .free: return [.u8, .f32]
    case .none:
      numbers.note("its weights are not quantised")
      return [.f32]
    case .own(let steps):
      guard steps.count == 1 || steps.count == channels else {
        numbers.note("its weights have \(steps.count) scales for \(channels) channels")
        return [.f32]
      }
      let extremes = WeightExtremes(try loader.temporaryWeights(of: index), channels: channels)
      let obstacle = extremes.obstacle(
        steps, addsIn16Bits: !OneDNN.instructionSet.multiplies(.int8))
      numbers.note(obstacle)
      return obstacle == nil ? [.u8, .f32] : [.f32]
    }
  }

  // MARK: Factors

  /// The factors of a product of integers, whose weights have a scale each output channel; `nil`
  /// for one of floating-point numbers.
  ///
  /// With `meetsPadding` some of its windows reach cells that are 0 and not stored, so that the
  /// source's zero point is the primitive's business; else it goes into the bias.
  func scaling(
    _ index: Int, _ source: ValueID, _ type: DataType, channels: Int, isGrouped: Bool = false,
    meetsPadding: Bool = false
  ) -> ((Float, [Int]) throws(DNNLError) -> Scaling)? {
    guard type.isQuantized, let format = numbers.quantized(source) else { return nil }
    return { [self] (factor, folded) throws(DNNLError) in
      let units = try units(of: index, channels: channels, fold(folded, channels: channels))
      var scaling = Scaling(
        output: units.values.map { $0 * format.scale * factor }, isGrouped: isGrouped)
      if meetsPadding { scaling.zeroPoints = [(.src, format.zeroPoint)] }
      return scaling
    }
  }

  /// Whether the source's zero point goes into the bias of a product.
  func shiftsBias(_ source: ValueID, _ type: DataType, meetsPadding: Bool) -> Bool {
    type.isQuantized && !meetsPadding && numbers.quantized(source)?.zeroPoint ?? 0 != 0
  }

  /// The attributes of a product whose support is asked about, before its factors are known.
  func probe(_ source: ValueID, _ type: DataType, meetsPadding: Bool) throws(DNNLError)
    -> PrimitiveAttributes
  {
    var scaling = Scaling()
    if type.isQuantized, meetsPadding, let format = numbers.quantized(source) {
      scaling.zeroPoints = [(.src, format.zeroPoint)]
    }
    return try .planned([], scaling)
  }

  /// The value of a stored 1 in the weights of each output channel, after a fold.
  func units(of index: Int, channels: Int, _ fold: BatchNormFold?) throws(DNNLError)
    -> WeightUnits
  {
    if numbers.ownsScales, case .own(let steps) = try loader.steps(of: index) {
      return WeightUnits(
        values: (0..<channels).map { channel in
          steps[steps.count == 1 ? 0 : channel] * Float(abs(fold?.factors[channel] ?? 1))
        })
    }
    var magnitudes = try magnitudes(of: index, channels: channels)
    if let fold {
      for channel in magnitudes.indices { magnitudes[channel] *= Float(abs(fold.factors[channel])) }
    }
    // Without instructions for it, two products are added in 16 bits: 2 · 255 · 63 still fits.
    let largest: Float = OneDNN.instructionSet.multiplies(.int8) ? 127 : 63
    return WeightUnits(values: magnitudes.map { $0 > 0 ? $0 / largest : 1 })
  }

  private func magnitudes(of index: Int, channels: Int) throws(DNNLError) -> [Float] {
    if let known = weightMagnitudes[index] { return known }
    let data = try loader.temporaryWeights(of: index)
    let row = data.count / channels
    let magnitudes = (0..<channels).map { channel in
      data[channel * row..<(channel + 1) * row].reduce(Float(0)) { max($0, abs($1)) }
    }
    weightMagnitudes[index] = magnitudes
    return magnitudes
  }

  private func fold(_ instructions: [Int], channels: Int) -> BatchNormFold? {
    BatchNormFold(instructions, channels: channels, of: program, loader)
  }

  // MARK: Constants

  /// Source, weights and bias of a convolution or inner product, with what is folded into them.
  func arguments(
    _ index: Int, _ source: Tensor, _ weights: MemoryDescriptor, _ epilogue: Epilogue,
    channels: Int, hasBias: Bool
  ) throws(DNNLError) -> [(Argument, Operand)] {
    let fold = fold(epilogue.folded, channels: channels)
    let units = source.type.isQuantized ? try units(of: index, channels: channels, fold) : nil
    // What a zero point adds to every sum is taken off by the bias, where the primitive does not.
    let zero = epilogue.scaling.zeroPoints.contains { $0.argument == .src } ? 0 : source.zeroPoint
    var sums: [Double] = []
    let edit = { (data: UnsafeMutableBufferPointer<Float>) in
      fold?.scale(data)
      units?.divide(data)
      if units != nil, zero != 0 { sums = WeightUnits.sums(data, channels: channels) }
    }
    let isEdited = fold != nil || units != nil
    let constant = try loader.load(.weights, of: index, as: weights, edit: isEdited ? edit : nil)
    var arguments: [(Argument, Operand)] = [
      (.src, .tensor(source)), (.weights, .constant(constant)),
    ]
    if hasBias || fold != nil || zero != 0 {
      let own = hasBias ? loader.values(.bias, of: index) : nil
      var bias = fold?.bias(own) ?? own ?? Array(repeating: 0, count: channels)
      if let units {
        for channel in bias.indices { bias[channel] /= source.scale * units[channel] }
        for channel in sums.indices { bias[channel] -= Float(Double(zero) * sums[channel]) }
        if !Quirk.biasPrecedesScales.holds {
          for channel in bias.indices { bias[channel] *= epilogue.scaling.output[channel] }
        }
      }
      let descriptor = try MemoryDescriptor([channels])
      arguments.append((.bias, .constant(try loader.makeConstant(bias, as: descriptor))))
    }
    return arguments
  }
}
