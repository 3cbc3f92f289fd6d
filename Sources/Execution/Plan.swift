import DNNL
import Machine
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

  let program: Program
  let flow: Dataflow
  let placement: Placement
  /// The command of each step; the complement of an index into ``hostCalls`` for host kernels.
  let script: UnsafeMutableBufferPointer<Int>
  let commands: CommandList
  let hostCalls: [HostCall]
  /// The buffer that each step writes.
  let results: [Tensor]
  /// The memory that each step reads and writes.
  let memory: [[UnsafeRawBufferPointer]]
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
    let planner = try Planner.make(program, options, weights ?? seeded, tunings)
    try planner.plan()
    let assembly = try Assembly.make(planner)
    placement = assembly.placement
    commands = CommandList(placement.stream, assembly.commands)
    hostCalls = assembly.hostCalls
    results = assembly.results
    memory = planner.steps.map(assembly.placement.memory)
    script = .allocate(capacity: assembly.script.count)
    _ = script.initialize(fromContentsOf: assembly.script)
    steps = planner.steps.map(\.step)
    fusedInto = planner.fusedInto
    weightBytes = placement.constants.bytes
    peakActivationBytes = placement.arena.bytes
    scratchpadBytes = placement.scratchpad.bytes
    self.program = program
    self.options = options
    flow = planner.flow
    for index in 0..<program.inputCount {
      seeded.fillInput(index, of: program, into: inputBuffer(index))
    }
  }

  deinit { script.deallocate() }
}

/// What a finished planner becomes: placed memory, commands and host calls.
private struct Assembly {
  let placement: Placement
  var commands: [(primitive: DNNL.Primitive, arguments: [(Argument, Memory)])] = []
  var hostCalls: [HostCall] = []
  var script: [Int] = []
  var results: [Tensor] = []

  static func make(_ planner: Planner) throws(ExecutionError) -> Assembly {
    do throws(DNNLError) {
      var assembly = Assembly(placement: try Placement(planner))
      for step in planner.steps { try assembly.append(step) }
      return assembly
    } catch {
      throw ExecutionError(layer: nil, .library(error))
    }
  }

  private mutating func append(_ step: PendingStep) throws(DNNLError) {
    switch step.body {
    case .primitive(let primitive, let arguments, let scratchpad):
      script.append(commands.count)
      commands.append(try placement.command(primitive, arguments, scratchpad))
    case .host(let kernel, let inputs, let types, let output, let type):
      script.append(~hostCalls.count)
      hostCalls.append(
        HostCall(
          kernel: kernel, inputs: inputs.map { UnsafeBufferPointer(placement.elements($0)) },
          types: types, output: placement.elements(output), type: type))
    }
    results.append(step.result)
  }
}
