import DNNL
import Machine
import Measuring
import Topology

/// Turns a program into steps: one walk over its instructions in order.
///
/// Values are placed in activation buffers as they are made; a reader that wants another memory
/// format gets a reorder step. Addresses come last, when all lifetimes are known.
final class Planner {
  let program: Program
  let options: PlanOptions
  let weights: any WeightProvider
  let engine: DNNL.Engine
  let stream: Stream
  let flow: Dataflow
  let constants = ConstantStore()
  /// What a search times implementations with.
  let trial: Trial
  /// What searches found.
  let tunings: TuningMemory
  /// What a search assigned to the network as a whole; `nil` while it is surveyed.
  let layouts: Layouts?
  /// The places with several implementations, in order.
  var survey: [SurveyedSite] = []
  /// The places that nothing is known of, in order.
  var openPlaces: [OpenPlace] = []
  /// Whether those are kept.
  var keepsOpen = false
  /// The time of all places with several implementations, as far as it is known or guessed, ns.
  var carriedTime = 0.0
  /// Whether what is not known is tried, now, in ``PlanOptions/Tuning/auto``.
  var isTrying = false
  /// When trying ends; ns of ``Machine/Clock``.
  var deadline: UInt64 = 0
  /// Whether this only looks at what there is to choose from, so that constants stay empty.
  let isSurvey: Bool

  /// The steps so far.
  var steps: [PendingStep] = []
  /// The activation buffers so far.
  var buffers: [ActivationBuffer] = []
  /// Where each canonical value lies: as it was made first, then reordered copies.
  var tensors: [ValueID: [Tensor]] = [:]
  /// Layers without a step, and the layer into whose step they were fused.
  var fusedInto: [Int: Int] = [:]
  /// Whether what is emitted is done at once, on constants, and not in each pass.
  var isFolding = false
  /// Constants that were packed, for layers that share them.
  var packed: [WeightOwner: [Constant]] = [:]
  /// The layer that steps are made for.
  var layer = 0
  /// Why the step about to be made computes in f32 where another precision was asked for.
  var reasonForF32: String?
  /// What the values of a network to be quantised lie between.
  let ranges: ValueRanges?
  /// Whether each value is worth an 8-bit form, as far as that was asked.
  var isWorthQuantizing: [ValueID: Bool] = [:]
  /// Largest magnitudes of each output channel's weights, by instruction.
  var weightMagnitudes: [Int: [Float]] = [:]
  /// Where the network quantises itself.
  let own: OwnQuantization

  /// How many instructions of each layer compute something.
  let instructionsOfLayer: [Int: Int]

  private var isPlanned: [Bool]
  /// Outputs made that may not lie in plain order yet.
  private var openOutputs: [ValueID] = []
  /// Operands that have yet to read each value.
  private var remaining: [Int]

  init(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ ranges: ValueRanges?, engine: DNNL.Engine, stream: Stream, _ tunings: TuningMemory,
    _ layouts: Layouts?, isSurvey: Bool
  ) {
    self.program = program
    self.options = options
    self.weights = weights
    self.ranges = ranges
    self.engine = engine
    self.stream = stream
    self.tunings = tunings
    self.layouts = layouts
    self.isSurvey = isSurvey
    trial = Trial(
      engine, stream,
      isCold: options.tuning != .fast && Planner.exceedsCache(program, options),
      budget: options.tuning == .auto ? Trial.shortBudget : Trial.longBudget)
    flow = Dataflow(program)
    own = OwnQuantization(program, flow)
    isPlanned = program.instructions.map {
      if case .identity = $0.operation { true } else { false }
    }
    remaining = flow.readers.map(\.count)
    var counts: [Int: Int] = [:]
    let views = options.precision == .int8 ? own.views : []
    for (index, instruction) in program.instructions.enumerated()
    where !isPlanned[index] && !flow.isConstant[instruction.output] && !views.contains(index) {
      counts[instruction.layer, default: 0] += 1
    }
    instructionsOfLayer = counts
  }

  /// Makes a planner with an engine and stream of its own; a search surveys the program first.
  ///
  /// With `isSurvey` its own walk is one that only looks, too.
  static func make(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ ranges: ValueRanges?, _ tunings: TuningMemory, isSurvey: Bool = false
  ) throws(ExecutionError) -> Planner {
    let engine: DNNL.Engine
    let stream: Stream
    do throws(DNNLError) {
      engine = try DNNL.Engine()
      stream = try Stream(engine)
    } catch {
      throw ExecutionError(layer: nil, error)
    }
    func planner(_ layouts: Layouts?, isSurvey: Bool) -> Planner {
      Planner(
        program, options, weights, ranges, engine: engine, stream: stream, tunings, layouts,
        isSurvey: isSurvey)
    }
    guard options.tuning != .fast else { return planner(nil, isSurvey: isSurvey) }
    if options.tuning == .auto, tunings.mode == .trial {
      try explore(budget: options.budget) { planner($0, isSurvey: true) }
    }
    let survey = planner(nil, isSurvey: true)
    try survey.plan()
    do throws(DNNLError) {
      return planner(try Layouts(survey), isSurvey: isSurvey)
    } catch {
      throw ExecutionError(layer: nil, error)
    }
  }

  /// What a search within a budget would try.
  static func outlook(
    _ program: Program, _ options: PlanOptions, _ weights: any WeightProvider,
    _ tunings: TuningMemory
  ) throws(ExecutionError) -> Outlook {
    let engine: DNNL.Engine
    let stream: Stream
    do throws(DNNLError) {
      engine = try DNNL.Engine()
      stream = try Stream(engine)
    } catch {
      throw ExecutionError(layer: nil, error)
    }
    let survey = Planner(
      program, options, weights, nil, engine: engine, stream: stream, tunings, nil, isSurvey: true)
    survey.keepsOpen = true
    try survey.plan()
    // Their closures hold the planner.
    defer { survey.openPlaces = [] }
    return Outlook(survey)
  }

  /// Whether the constants are too large to stay in the last cache from one pass to the next.
  private static func exceedsCache(_ program: Program, _ options: PlanOptions) -> Bool {
    let bytes = program.instructions.reduce(0) { sum, instruction in
      sum + instruction.weights.reduce(0) { $0 + options.precision.bytes * $1.elementCount }
    }
    return bytes > CacheLevel.lastLevelBytes
  }

  /// Plans every instruction and brings the outputs to plain order.
  func plan() throws(ExecutionError) {
    do throws(DNNLError) {
      for value in 0..<program.inputCount {
        let tensor = try newTensor(MemoryDescriptor(dims(value)), for: value)
        buffers[tensor.buffer].isPinned = true
      }
      try foldConstants()
      for index in program.instructions.indices where !isPlanned[index] {
        layer = program.instructions[index].layer
        try lower(index)
        try bringOutputsToPlainOrder()
      }
      layer = steps.last?.step.layer ?? layer
      openOutputs = Set(program.outputs.map { flow.canonical[$0] }).sorted()
      try bringOutputsToPlainOrder()
    } catch {
      throw ExecutionError(layer: layer, error)
    }
    constants.releaseTemporary()
  }

  /// Makes what is the same in every pass.
  private func foldConstants() throws(DNNLError) {
    isFolding = true
    defer { isFolding = false }
    for (index, instruction) in program.instructions.enumerated()
    where !isPlanned[index] && flow.isConstant[instruction.output] {
      layer = instruction.layer
      try lower(index)
    }
  }

  /// Brings outputs made so far to plain order, to stay there.
  ///
  /// Done right behind the layer whose output it is: a network of many outputs would otherwise keep
  /// each of them twice until its end.
  private func bringOutputsToPlainOrder() throws(DNNLError) {
    while let output = openOutputs.popLast() {
      let tensor = try plainTensor(of: output)
      buffers[tensor.buffer].last = .max
    }
  }

  /// Marks instructions as computed by steps made for `layer`; their result lies in `tensor`.
  func complete(_ instructions: [Int], in tensor: Tensor) {
    for index in instructions {
      let instruction = program.instructions[index]
      isPlanned[index] = true
      for input in instruction.inputs { remaining[flow.canonical[input]] -= 1 }
      if instruction.layer != layer { fusedInto[instruction.layer] = layer }
    }
    guard let last = instructions.last else { return }
    let value = program.instructions[last].output
    // Values that nobody will read again no longer matter to what may be overwritten.
    buffers[tensor.buffer].values = buffers[tensor.buffer].values.filter { value in
      remaining[value] > 0 || flow.isOutput[value]
    }
    buffers[tensor.buffer].values.insert(value)
    tensors[value] = [tensor]
    if flow.isOutput[value] { openOutputs.append(value) }
  }

  /// Registers what an instruction makes beside its result.
  func complete(state value: ValueID, in tensor: Tensor) {
    buffers[tensor.buffer].values.insert(value)
    tensors[value] = [tensor]
    if flow.isOutput[value] { openOutputs.append(value) }
  }

  /// Whether an instruction is part of a step already.
  func isPlanned(_ instruction: Int) -> Bool { isPlanned[instruction] }

  /// Whether nothing but `instructions` has yet to read what lies in a tensor's buffer.
  func isOverwritable(_ tensor: Tensor, by instructions: [Int]) -> Bool {
    let buffer = buffers[tensor.buffer]
    if options.keepAllValues || buffer.isPinned { return false }
    return buffer.values.allSatisfy { value in
      let uses = instructions.reduce(0) { count, index in
        count + program.instructions[index].inputs.count { flow.canonical[$0] == value }
      }
      return !flow.isOutput[value] && remaining[value] == uses
    }
  }

  /// The dims of a value.
  func dims(_ value: ValueID) -> [Int] { program.values[value].dims }

  /// The canonical value of an operand of an instruction.
  func input(_ position: Int = 0, of instruction: Int) -> ValueID {
    flow.canonical[program.instructions[instruction].inputs[position]]
  }

  private func lower(_ index: Int) throws(DNNLError) {
    reasonForF32 = nil
    if ownsScales, let run = own.runs[index] { return try lowerQuantize(run, index) }
    switch program.instructions[index].operation {
    case .convolution(let convolution): try lower(convolution, index)
    case .innerProduct: try lowerInnerProduct(index)
    case .recurrent(let recurrent): try lower(recurrent, index)
    case .pooling(let pooling): try lower(pooling, index)
    case .eltwise(let eltwise): try lower(eltwise, index)
    case .binary(let kind): try lower(kind, index)
    case .concat(let axis): try lowerConcat(axis: axis, index)
    case .softmax(let axis): try lowerSoftmax(axis: axis, logarithm: false, index)
    case .logSoftmax(let axis): try lowerSoftmax(axis: axis, logarithm: true, index)
    case .batchNormalization(let epsilon): try lowerBatchNormalization(epsilon: epsilon, index)
    case .layerNormalization(let epsilon): try lowerLayerNormalization(epsilon: epsilon, index)
    case .localResponse(let response): try lower(response, index)
    case .deconvolution(let convolution): try lowerDeconvolution(convolution, index)
    case .matrixProduct(let product): try lower(product, index)
    case .resampling(let kind): try lower(kind, index)
    case .reduction(let kind): try lower(kind, index)
    case .transpose(let order): try lowerTranspose(order: order, index)
    case .parametricRelu: try lowerParametricRelu(index)
    case .spaceBlocks(let blocks): try lower(blocks, index)
    case .slice, .pad, .gather, .embedding, .groupNormalization, .causalMask, .roll, .expand,
      .rootMeanSquareNormalization, .cumulativeSum, .topK, .oneHot, .select:
      try lowerHost(index)
    case .reshape: try lowerReshape(index)
    case .copy: try lowerCopy(index)
    case .reorder(let format): try lowerReorder(to: format, index)
    case .host(let kernel): try lower(kernel, index)
    case .constant: try lowerConstant(index)
    case .identity: break
    }
  }
}
