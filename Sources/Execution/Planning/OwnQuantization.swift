import DNNL
import Measuring
import Topology

/// Where a program quantises itself: a scale and a zero point of its own, as models have them that
/// were quantised before.
///
/// `quantize` lowers to x / scale, rounded, kept within the 256 numbers of its type, with the zero
/// point added; `dequantize` to a factor and an addend. What lies between is integers, which are
/// stored as u8, signed ones 128 higher: then one kind of source does for all, and the commonest form of what a
/// rectifier gives, −128 to 127 with −128 for 0, needs no zero point.
struct OwnQuantization {
  /// The instructions of one `quantize`.
  struct Run {
    /// In order; the last one makes the integers.
    let instructions: [Int]
    /// What the stored numbers mean of what was quantised.
    let format: NumberFormat
    /// What they mean as integers.
    let integers: NumberFormat
  }

  /// The runs, by their first instruction.
  private(set) var runs: [Int: Run] = [:]
  /// Instructions that only say what integers mean.
  private(set) var views: Set<Int> = []
  /// Whether a value is integers of a run, or such ones moved.
  private var isInteger: [Bool]

  init(_ program: Program, _ flow: Dataflow) {
    isInteger = Array(repeating: false, count: program.values.count)
    for (index, instruction) in program.instructions.enumerated() {
      let traits = instruction.operation.traits
      if let run = OwnQuantization.run(from: index, program, flow) {
        runs[index] = run
        isInteger[program.instructions[run.instructions[run.instructions.count - 1]].output] = true
      } else if let source = instruction.inputs.first.map({ flow.canonical[$0] }),
        isInteger[source], case .eltwise(let eltwise) = instruction.operation,
        OwnQuantization.meaning(of: eltwise, on: NumberFormat(type: .u8)) != nil
      {
        views.insert(index)
      } else if traits.sharesScale, !instruction.inputs.isEmpty,
        instruction.inputs.allSatisfy({ isInteger[flow.canonical[$0]] })
      {
        isInteger[instruction.output] = true
      }
    }
  }

  /// Whether there is nothing that quantises.
  var isEmpty: Bool { runs.isEmpty }

  /// What integers mean behind a factor and an addend; `nil` where none of them would be 0.
  static func meaning(of eltwise: Topology.Eltwise, on format: NumberFormat) -> NumberFormat? {
    guard eltwise.kind == .linear, eltwise.alpha > 0 else { return nil }
    let unit = Double(format.scale) * eltwise.alpha
    let zero = Double(format.zeroPoint) - eltwise.beta / unit
    let nearest = zero.rounded()
    guard abs(zero - nearest) < 1e-3, abs(nearest) <= 1024 else { return nil }
    return NumberFormat(type: format.type, scale: Float(unit), zeroPoint: Int(nearest))
  }

  /// The `quantize` that begins with an instruction.
  private static func run(from first: Int, _ program: Program, _ flow: Dataflow) -> Run? {
    func eltwise(_ index: Int) -> Topology.Eltwise? {
      guard case .eltwise(let eltwise) = program.instructions[index].operation else { return nil }
      return eltwise
    }
    func next(_ index: Int) -> Int? { flow.onlyReader(of: program.instructions[index].output) }
    guard let scaling = eltwise(first), scaling.kind == .linear, scaling.alpha > 0,
      scaling.beta == 0, let second = next(first), eltwise(second)?.kind == .round,
      let third = next(second), let clip = eltwise(third), clip.kind == .clip,
      clip.beta - clip.alpha == 255, clip.alpha == clip.alpha.rounded()
    else { return nil }
    var instructions = [first, second, third]
    var low = clip.alpha
    if let fourth = next(third), let shift = eltwise(fourth), shift.kind == .linear,
      shift.alpha == 1, [0, -128].contains(low + shift.beta)
    {
      instructions.append(fourth)
      low += shift.beta
    }
    guard low == 0 || low == -128 else { return nil }
    return Run(
      instructions: instructions,
      format: NumberFormat(type: .u8, scale: Float(1 / scaling.alpha), zeroPoint: Int(-clip.alpha)),
      integers: NumberFormat(type: .u8, scale: 1, zeroPoint: Int(-low)))
  }
}

extension Planner {
  /// Whether the network says itself what becomes 8-bit numbers, and in which scale.
  var ownsScales: Bool { options.precision == .int8 && !own.isEmpty }

  /// The `quantize` that alone reads a value.
  func ownRun(behind value: ValueID) -> OwnQuantization.Run? {
    guard ownsScales, let reader = flow.onlyReader(of: value) else { return nil }
    return own.runs[reader]
  }

  /// Whether 8-bit numbers of a value may be given on where they are rounded once more.
  ///
  /// Exact only where the network rounds the result itself, in the same scale.
  func roundsAlike(_ value: ValueID, to output: ValueID) -> Bool {
    guard ownsScales else { return true }
    return ownRun(behind: output)?.format == tensors[value]?.first?.format
  }

  /// Quantises a value as the network says: where it lies so already, nothing runs.
  func lowerQuantize(_ run: OwnQuantization.Run, _ index: Int) throws(DNNLError) {
    let source = try tensor(of: input(of: index))
    if source.format == run.format {
      return complete(run.instructions, in: source.read(as: run.integers))
    }
    let target = newBuffer(try Planner.alike(source.descriptor, .u8), as: run.format)
    try emitReorder(from: source, to: target, sources: run.instructions)
    complete(run.instructions, in: target.read(as: run.integers))
  }

  /// Says what integers mean; false where that takes more.
  func lowerDequantize(_ eltwise: Topology.Eltwise, _ index: Int) throws(DNNLError) -> Bool {
    guard ownsScales, own.views.contains(index) else { return false }
    let source = try tensor(of: input(of: index))
    guard source.type == .u8, let meaning = OwnQuantization.meaning(of: eltwise, on: source.format)
    else { return false }
    complete([index], in: source.read(as: meaning))
    return true
  }

  /// The types in which a network that quantises itself multiplies a value with weights.
  ///
  /// Notes why they are not multiplied as integers.
  func ownProductTypes(of value: ValueID, _ index: Int, channels: Int) throws(DNNLError)
    -> [DataType]
  {
    guard let format = tensors[value]?.first?.format, format.type == .u8 else {
      reasonForF32 = "the network does not quantise what it reads"
      return [.f32]
    }
    let slots = program.instructions[index].weights
    guard let place = slots.firstIndex(where: { $0.role == .weights }) else { return [.f32] }
    switch weights.steps(instruction: index, slot: slots[place], index: place) {
    case .free: return [.u8, .f32]
    case .none:
      reasonForF32 = "its weights are not quantised"
      return [.f32]
    case .own(let steps):
      guard steps.count == 1 || steps.count == channels else {
        reasonForF32 = "its weights have \(steps.count) scales for \(channels) channels"
        return [.f32]
      }
      let extremes = WeightExtremes(try temporaryWeights(of: index), channels: channels)
      reasonForF32 = extremes.obstacle(
        steps, addsIn16Bits: !OneDNN.instructionSet.multiplies(.int8))
      return reasonForF32 == nil ? [.u8, .f32] : [.f32]
    }
  }
}

/// The weights of each output channel that decide whether they are integers that products take.
private struct WeightExtremes {
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
