public import Measuring
public import Topology

extension Plan {
  /// The memory that a plan of `program` will take, predicted from shapes alone, before anything is made.
  ///
  /// The parts are those of a plan (``weightBytes``, ``peakActivationBytes``, ``scratchpadBytes``); what they
  /// are forecast by stands at `ValueForecast` and `ConstantForecast`. Coefficients that no shape gives were
  /// fitted to the peaks of 40 bundled networks on Zen 3 (AVX2, oneDNN 2.6.3, glibc 2.36): primitives and their
  /// code, and what a search and a calibration leave in the heap. Sizes saturate at `Int.max`.
  public static func predictMemory(_ program: Program, options: PlanOptions = PlanOptions())
    -> PlanMemory
  {
    let flow = Dataflow(program)
    var memory = parts(flow, options)
    if options.precision == .int8, OwnQuantization(program, flow).isEmpty {
      var plain = options
      plain.precision = .f32
      plain.tuning = .fast
      plain.fusion = false
      memory.calibration = parts(flow, plain).peak
    }
    memory.search = search(program, options)
    return memory
  }

  private static func parts(_ flow: Dataflow, _ options: PlanOptions) -> PlanMemory {
    let values = ValueForecast(flow, options)
    let constants = ConstantForecast(flow.program, options, without: values.folded)
    var memory = PlanMemory()
    memory.weights = constants.bytes
    memory.packing = constants.largest
    memory.values = values.bytes
    memory.scratchpad = values.scratchpad
    memory.primitives =
      [
        min(values.steps * codeOfStep, mostCode) * (options.tuning == .fast ? 1 : 2),
        values.steps * step,
        constants.narrowed / heapShare,
      ].total
    return memory
  }

  /// A primitive's code.
  private static let codeOfStep = 72 << 10
  /// Layers that are alike share code.
  private static let mostCode = 10 << 20
  /// A step with its descriptors and arguments, of which networks of 50,000 layers have as many.
  private static let step = 8 << 10
  /// Of the f32 constants of a calibration a part stays in the heap of the C library.
  private static let heapShare = 4

  /// A process that tries implementations holds code of many, the largest operand of each kind, and while it
  /// compares results those of one place three times more; within a budget it comes to half of that.
  private static func search(_ program: Program, _ options: PlanOptions) -> Int {
    let isWithinBudget = options.tuning == .auto
    guard options.tuning != .fast,
      !isWithinBudget || (options.budget > 0 && options.precision != .int8)
    else { return 0 }
    var (source, weights, result, places) = (0, 0, 0, 0)
    for instruction in program.instructions where !instruction.weights.isEmpty {
      guard let input = instruction.inputs.first else { continue }
      source = max(source, program.values[input].elementCount)
      weights = max(weights, instruction.weights.map(\.elementCount).max() ?? 0)
      result = max(result, program.values[instruction.output].elementCount)
      places += 1
    }
    let copies = isWithinBudget ? 2 : 4
    let operands = [source, weights, result].flatMap { [Int](repeating: $0, count: 4 * copies) }
    let code = min(places, mostPlaces) * codeOfPlace / (isWithinBudget ? 2 : 1)
    return [operands.total, code].total
  }

  /// Primitives and code of all implementations of a place.
  private static let codeOfPlace = 700 << 10
  /// So many of oneDNN's primitives stay in its cache.
  private static let mostPlaces = 60
}
