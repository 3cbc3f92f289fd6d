import DNNL
import Measuring
import Profiling
import Topology

/// The steps of a plan as they are made, in order.
///
/// While constants are folded, what reads and writes nothing else is done at once instead.
final class Emitter {
  /// The steps so far.
  private(set) var steps: [PendingStep] = []
  /// Layers without a step, and the layer into whose step they were fused.
  private(set) var fusedInto: [Int: Int] = [:]
  /// The layer that steps are made for.
  private(set) var layer = 0
  /// Whether what is emitted is done at once, on constants, and not in each pass.
  private(set) var isFolding = false

  private let flow: Dataflow
  private let engine: DNNL.Engine
  private let table: ValueTable
  private let loader: ConstantLoader
  private let numbers: NumberPolicy

  init(
    _ flow: Dataflow, _ engine: DNNL.Engine, _ table: ValueTable, _ loader: ConstantLoader,
    _ numbers: NumberPolicy
  ) {
    self.flow = flow
    self.engine = engine
    self.table = table
    self.loader = loader
    self.numbers = numbers
  }

  /// What follows is made for a layer.
  func begin(layer: Int) { self.layer = layer }

  /// What follows belongs to the last step: bringing what it made to where it leaves the network.
  func beginEnd() { layer = steps.last?.step.layer ?? layer }

  /// Does at once what `body` emits on constants alone, if so asked or already so doing.
  func folding<Result>(if isWanted: Bool, _ body: () throws(DNNLError) -> Result)
    throws(DNNLError) -> Result
  {
    let before = isFolding
    isFolding = before || isWanted
    defer { isFolding = before }
    return try body()
  }

  /// Memory for what only moves data: that of a constant where constants are moved.
  func movedBuffer(_ descriptor: MemoryDescriptor, as format: NumberFormat = NumberFormat())
    throws(DNNLError) -> Tensor
  {
    guard isFolding else { return table.newBuffer(descriptor, as: format) }
    return table.tensor(of: try loader.store.allocate(descriptor)).read(as: format)
  }

  // MARK: Results

  /// Marks instructions as computed by the steps made so far; the result of the last one lies in
  /// `tensor`.
  func complete(_ instructions: [Int], in tensor: Tensor) {
    for index in instructions {
      let home = flow.program.instructions[index].layer
      if home != layer { fusedInto[home] = layer }
    }
    table.complete(instructions, in: tensor)
  }

  /// Registers what an instruction makes beside its result.
  func complete(state value: ValueID, in tensor: Tensor) {
    table.complete(state: value, in: tensor)
  }

  // MARK: Steps

  /// Appends a step of given commands, which writes `result`.
  func append(_ step: PlanStep, _ commands: [PendingCommand], result: Tensor) {
    steps.append(PendingStep(step: step, commands: commands, result: result))
    table.advance()
  }

  /// Appends a primitive as a step.
  func emit(
    _ descriptor: borrowing PrimitiveDescriptor, _ arguments: [(Argument, Operand)],
    _ facts: StepFacts
  ) throws(DNNLError) {
    let primitive = try DNNL.Primitive(descriptor)
    let scratchpad = try descriptor.descriptor(.scratchpad)
    if isFolding, arguments.allSatisfy({ table.isConstant($0.1) }) {
      return try loader.fold(primitive, arguments, scratchpad, in: table)
    }
    var formats: [String: String] = [:]
    var result: Tensor?
    var traffic = StepTraffic(reread: facts.reread)
    for (argument, operand) in arguments {
      if let name = Emitter.names[argument] { formats[name] = operand.descriptor.format }
      switch operand {
      case .tensor(let tensor):
        let bytes = tensor.logicalBytes
        if argument == .dst {
          result = tensor
          traffic.writtenBytes += bytes
        }
        traffic.activationBytes += argument == .src ? facts.touched.source(bytes) : bytes
        table.touch(tensor)
      case .constant(let constant):
        let bytes = constant.descriptor.logicalBytes
        traffic.weightBytes += argument == .weights ? facts.touched.weights(bytes) : bytes
      }
    }
    guard let result else {
      throw PlanError("\(facts.kind) without dst").thrown
    }
    if facts.postOps.contains("sum") { traffic.activationBytes += result.logicalBytes }
    let source = arguments.first { $0.0 == .src || $0.0 == .multipleSrc(0) }?.1.descriptor
    let precision = Precision(source?.dataType ?? .f32)
    let step = PlanStep(
      layer: layer, sources: facts.sources, kind: facts.kind,
      implementation: descriptor.implementation, algorithm: facts.algorithm, formats: formats,
      postOps: facts.postOps, traffic: traffic,
      skippedFlops: Implementation.unfolds(descriptor.implementation) ? -facts.paddingFlops : 0,
      alternatives: facts.alternatives,
      numericalError: facts.numericalError, choice: facts.choice, precision: precision,
      reasonForF32: numbers.takeReason(precision, facts))
    append(
      step, [.primitive(primitive, arguments, scratchpad: scratchpad)], result: result)
  }

  /// Appends a host kernel as a step; of a constant it reads no more than it writes.
  ///
  /// `kind` is that of the primitive which it stands in for.
  func emit(
    _ kernel: any HostKernel, inputs: [Operand], types: [TensorType], output: Tensor,
    type: TensorType, source: Int, kind: String = "host", algorithm: String? = nil
  ) {
    if isFolding, (inputs + [.tensor(output)]).allSatisfy(table.isConstant) {
      return loader.fold(kernel, inputs, types, output, type, in: table)
    }
    var traffic = StepTraffic(
      activationBytes: output.logicalBytes, writtenBytes: output.logicalBytes)
    for operand in inputs {
      switch operand {
      case .tensor(let tensor):
        traffic.activationBytes += tensor.logicalBytes
        table.touch(tensor)
      case .constant(let constant):
        traffic.weightBytes += min(constant.descriptor.size, output.logicalBytes)
      }
    }
    table.touch(output)
    var formats: [String: String] = [:]
    if kind != "host" {
      for (name, operand) in zip(["src", "src1"], inputs) {
        formats[name] = operand.descriptor.format
      }
      formats["dst"] = output.descriptor.format
    }
    let step = PlanStep(
      layer: layer, sources: [source], kind: kind, implementation: kernel.name,
      algorithm: algorithm, formats: formats, postOps: [], traffic: traffic, alternatives: [],
      numericalError: nil,
      reasonForF32: numbers.precision == .f32 ? nil : "ntprof itself computes it, in f32")
    append(
      step, [.host(kernel, inputs: inputs, types: types, output: output, type)], result: output)
  }

  /// Appends a reorder as a step.
  ///
  /// By default numbers keep their value: 8-bit ones change with the scales of the two.
  func emitReorder(
    from source: Tensor, to target: Tensor, sources: [Int], _ scaling: Scaling? = nil
  )
    throws(DNNLError)
  {
    let own = Scaling.conversion(from: source.format, to: target.format)
    let attributes = try PrimitiveAttributes.planned([], scaling ?? own)
    let descriptor = try PrimitiveDescriptor.reorder(
      engine, src: source.descriptor, dst: target.descriptor, attributes)
    try emit(
      descriptor, [(.src, .tensor(source)), (.dst, .tensor(target))],
      StepFacts(kind: "reorder", sources: sources))
  }

  /// Appends a fused primitive: `arguments` are the anchor's own, without dst.
  func emit(
    _ fused: borrowing Fused, _ arguments: [(Argument, Operand)], _ facts: StepFacts,
    reusing inPlace: Tensor? = nil
  ) throws(DNNLError) {
    let epilogue = fused.epilogue
    let result = try fused.descriptor.required(.dst)
    let format = epilogue.meaning ?? epilogue.format
    let target: Tensor
    if let overwritten = epilogue.accumulator {
      target = overwritten.viewed(as: result).read(as: format)
    } else if let inPlace, inPlace.descriptor == result {
      target = inPlace.viewed(as: result).read(as: format)
    } else {
      target = table.newBuffer(result, as: format)
    }
    var arguments = arguments
    for (postOp, tensor) in epilogue.operands {
      arguments.append((.postOp(postOp), .tensor(tensor)))
    }
    arguments.append((.dst, .tensor(target)))
    var facts = facts
    facts.sources += epilogue.links.flatMap(\.instructions)
    facts.postOps = epilogue.names
    facts.alternatives = epilogue.alternatives
    facts.numericalError = epilogue.numericalError
    facts.choice = epilogue.choice
    try emit(fused.descriptor, arguments, facts)
    let value = flow.program.instructions[facts.sources[facts.sources.count - 1]].output
    let extents = flow.dims(value)
    complete(
      facts.sources, in: try facts.isColumn ? target.viewed(extents) : target.reshaped(extents))
  }

  private static let names: [Argument: String] = [
    .src: "src", .src1: "src1", .weights: "weights", .weightsIteration: "weights_iter",
    .dst: "dst", .multipleSrc(0): "src", .multipleSrc(1): "src1",
  ]
}
