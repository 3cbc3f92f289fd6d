import DNNL
import Machine
public import Measuring
public import Topology

/// A program made ready to run: primitives, reorders and memory, in execution order.
///
/// A plan belongs to the thread that makes it, because oneDNN's team of threads does. Making one
/// sets the size of that team.
public final class Plan {
  /// What a pass does, in order; the steps of a layer follow one another.
  public let steps: [PlanStep]
  /// Layers that have no step because they were fused, and the layer whose steps compute them.
  public let fusedInto: [Int: Int]
  /// Bytes of the packed constants.
  public let weightBytes: Int
  /// Bytes of the arena that holds inputs, activations and outputs.
  public let peakActivationBytes: Int
  /// Bytes of the working memory that primitives share.
  public let scratchpadBytes: Int
  /// How it was made.
  public let options: PlanOptions
  /// What the network gives in f32 on its own inputs, where a calibration has computed it.
  let referenceOutputs: [[Float]]?

  /// Where the constants came from.
  let weights: any WeightProvider
  let program: Program
  let flow: Dataflow
  let placement: Placement
  /// The commands of all steps; the complement of an index into ``hostCalls`` for host kernels.
  let script: UnsafeMutableBufferPointer<Int>
  /// Where the commands of each step begin in ``script``, and where the last one's end.
  let bounds: UnsafeMutableBufferPointer<Int>
  let commands: CommandList
  let hostCalls: [HostCall]
  /// The buffer that each step writes.
  let results: [Tensor]
  /// The memory that each step reads and writes.
  let memory: [[UnsafeRawBufferPointer]]
  /// The memory of the constants that each step reads.
  let constantMemory: [[UnsafeRawBufferPointer]]
  /// Empties caches; made when it is first needed.
  var flusher: CacheFlush?

  /// Plans a program and fills its inputs from the seed.
  ///
  /// - Parameters:
  ///   - program: What to compute.
  ///   - options: How.
  ///   - weights: Where constants come from; `nil` makes them from the options' seed.
  ///   - tunings: What earlier searches found on this machine; this one adds to it.
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public init(
    _ program: Program, options: PlanOptions = PlanOptions(),
    weights: (any WeightProvider)? = nil, tunings: TuningMemory = TuningMemory()
  ) throws(ExecutionError) {
    do throws(ThreadTeamError) { try ThreadTeam.setCount(options.threads) } catch {
      throw ExecutionError(layer: nil, .threads(error))
    }
    let seeded = SeededWeights(seed: options.seed)
    let calibration =
      try options.calibrates(program) ? Calibration(program, options, weights ?? seeded) : nil
    let planner = try Planner.make(
      program, options, weights ?? seeded, calibration?.ranges, tunings)
    try planner.plan()
    let context = planner.context
    let assembly = try Assembly.make(context)
    placement = assembly.placement
    commands = CommandList(placement.stream, assembly.commands)
    hostCalls = assembly.hostCalls
    results = assembly.results
    memory = context.emitter.steps.map(assembly.placement.memory)
    constantMemory = context.emitter.steps.map(assembly.placement.constantMemory)
    script = .allocate(capacity: assembly.script.count)
    _ = script.initialize(fromContentsOf: assembly.script)
    bounds = .allocate(capacity: assembly.bounds.count)
    _ = bounds.initialize(fromContentsOf: assembly.bounds)
    steps = context.emitter.steps.map(\.step)
    fusedInto = context.emitter.fusedInto
    weightBytes = placement.constants.bytes
    peakActivationBytes = placement.arena.bytes
    scratchpadBytes = placement.scratchpad.bytes
    referenceOutputs = calibration?.outputs
    self.weights = weights ?? seeded
    self.program = program
    self.options = options
    flow = context.flow
    for index in 0..<program.inputCount {
      seeded.fillInput(index, of: program, into: inputBuffer(index))
    }
  }

  /// Tries what a search asks for and `tunings` does not know, and makes no plan.
  ///
  /// Afterwards a plan of the same program and options finds everything known, or as much as the budget
  /// of ``PlanOptions/Tuning/auto`` allowed for. `tunings.journal` is
  /// told of every trial, so that another process knows which one it was that ended this one.
  ///
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public static func search(
    _ program: Program, options: PlanOptions, weights: (any WeightProvider)? = nil,
    tunings: TuningMemory
  ) throws(ExecutionError) {
    do throws(ThreadTeamError) { try ThreadTeam.setCount(options.threads) } catch {
      throw ExecutionError(layer: nil, .threads(error))
    }
    let seeded = SeededWeights(seed: options.seed)
    let calibration =
      try options.calibrates(program) ? Calibration(program, options, weights ?? seeded) : nil
    let planner = try Planner.make(
      program, options, weights ?? seeded, calibration?.ranges, tunings, isSurvey: true)
    // What its budget allowed is tried by now.
    if options.tuning == .auto, tunings.mode == .trial { return }
    try planner.plan()
  }

  /// Whether ``PlanOptions/Tuning/auto`` would find something to try within its budget.
  ///
  /// Tries nothing, and makes no plan.
  ///
  /// - Throws: ``ExecutionError`` naming the layer that cannot be planned.
  public static func hasOpenPlaces(
    _ program: Program, options: PlanOptions, weights: (any WeightProvider)? = nil,
    tunings: TuningMemory
  ) throws(ExecutionError) -> Bool {
    guard options.tuning == .auto, options.budget > 0, options.precision != .int8 else {
      return false
    }
    do throws(ThreadTeamError) { try ThreadTeam.setCount(options.threads) } catch {
      throw ExecutionError(layer: nil, .threads(error))
    }
    return try Planner.outlook(
      program, options, weights ?? SeededWeights(seed: options.seed), tunings
    ).places.contains { $0.effort < options.budget * 1e9 }
  }

  deinit {
    script.deallocate()
    bounds.deallocate()
  }
}

extension PlanOptions {
  /// Whether scales are found by a run in f32: not of a network that has its own.
  fileprivate func calibrates(_ program: Program) -> Bool {
    precision == .int8 && OwnQuantization(program, Dataflow(program)).isEmpty
  }
}

extension Plan {
  /// Runs the network unfused in f32 to see what its values lie between.
  fileprivate struct Calibration {
    /// How many sets of seeded inputs are run, the network's own first.
    static let inputSets: UInt64 = 3

    let ranges: ValueRanges
    let outputs: [[Float]]

    init(_ program: Program, _ options: PlanOptions, _ weights: any WeightProvider)
      throws(ExecutionError)
    {
      let plan = try Plan(
        program, options: PlanOptions(threads: options.threads, fusion: false, seed: options.seed),
        weights: weights)
      var ranges = ValueRanges(program, plan.flow)
      for (value, isConstant) in plan.flow.isConstant.enumerated() where isConstant {
        guard let tensor = plan.placement.tensors[value]?.first else { continue }
        ranges.add(value, plan.numbers(of: tensor))
      }
      var outputs: [[Float]] = []
      for set in 0..<Calibration.inputSets {
        let seeded = SeededWeights(seed: options.seed &+ set)
        for index in 0..<program.inputCount {
          seeded.fillInput(index, of: program, into: plan.inputBuffer(index))
          ranges.add(index, UnsafeBufferPointer(plan.inputBuffer(index)))
        }
        for step in 0..<plan.stepCount {
          try plan.run(step: step)
          guard let last = plan.steps[step].sources.last else { continue }
          ranges.add(program.instructions[last].output, plan.numbers(of: plan.results[step]))
        }
        if set == 0 { outputs = plan.outputs() }
      }
      self.ranges = ranges
      self.outputs = outputs
    }
  }

  /// Everything in the memory of an f32 tensor, padding included.
  private func numbers(of tensor: Tensor) -> UnsafeBufferPointer<Float> {
    UnsafeRawBufferPointer(start: placement.data(tensor), count: tensor.descriptor.size)
      .bindMemory(to: Float.self)
  }

  /// How alike the network's outputs are to those of f32, on its own inputs: the least cosine of
  /// the angles between them.
  ///
  /// Runs one pass here and, where no calibration has, one of an f32 plan.
  ///
  /// - Returns: The cosine, or `nil` where either output holds NaN or infinities, to which there is no
  ///   angle.
  /// - Throws: ``ExecutionError`` from a pass or the f32 plan.
  public func cosineSimilarity() throws(ExecutionError) -> Double? {
    let expected: [[Float]]
    if let referenceOutputs {
      expected = referenceOutputs
    } else {
      let reference = try Plan(
        program, options: PlanOptions(threads: options.threads, seed: options.seed),
        weights: weights)
      try reference.run()
      expected = reference.outputs()
    }
    try run()
    let cosines = zip(outputs(), expected).map(Plan.cosine)
    return cosines.contains { !$0.isFinite } ? nil : cosines.min() ?? 1
  }

  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      first += Double(x) * Double(x)
      second += Double(y) * Double(y)
    }
    if first == 0 || second == 0 { return first == second ? 1 : 0 }
    return product / (first * second).squareRoot()
  }
}

/// What a finished planner becomes: placed memory, commands and host calls.
private struct Assembly {
  let placement: Placement
  let threads: Int
  var commands: [(primitive: DNNL.Primitive, arguments: [(Argument, Memory)])] = []
  var hostCalls: [HostCall] = []
  var script: [Int] = []
  var bounds = [0]
  var results: [Tensor] = []

  static func make(_ context: PlanningContext) throws(ExecutionError) -> Assembly {
    do throws(DNNLError) {
      var assembly = Assembly(
        placement: try Placement(context), threads: context.options.threads)
      for step in context.emitter.steps { try assembly.append(step) }
      return assembly
    } catch {
      throw ExecutionError(layer: nil, error)
    }
  }

  private mutating func append(_ step: PendingStep) throws(DNNLError) {
    for command in step.commands {
      switch command {
      case .primitive(let primitive, let arguments, let scratchpad):
        script.append(commands.count)
        commands.append(try placement.command(primitive, arguments, scratchpad))
      case .host(let kernel, let inputs, let types, let output, let type):
        script.append(~hostCalls.count)
        hostCalls.append(
          HostCall(
            kernel, inputs: inputs.map { UnsafeBufferPointer(placement.elements($0)) },
            types: types, output: placement.elements(output), type: type, threads: threads))
      }
    }
    bounds.append(script.count)
    results.append(step.result)
  }
}
