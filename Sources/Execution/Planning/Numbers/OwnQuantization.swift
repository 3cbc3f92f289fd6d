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
