import DNNL
import Measuring
import Profiling
import Topology

/// What a primitive's step says about itself.
struct StepFacts {
  var kind: String
  var algorithm: String?
  var sources: [Int]
  var postOps: [String] = []
  var reread = WeightReread()
  /// The parts of source and weights that a window meets; whole by default.
  var touched = TouchedParts()
  /// Operations of taps in the padding, which an implementation that unfolds its input executes.
  var paddingFlops = 0
  var alternatives: [Alternative] = []
  var numericalError: Double?
  var choice: TuningSource?
  /// Whether its result, a column of places with the channels last, is the value in plain order.
  var isColumn = false
}

extension Planner {
  /// PrimitiveAttributes of every primitive here: the plan provides the scratchpad.
  func attributes(_ postOps: [PostOp] = [], _ scaling: Scaling = Scaling()) throws(DNNLError)
    -> PrimitiveAttributes
  {
    try PrimitiveAttributes.make(postOps: postOps, scaling: scaling, userScratchpad: true)
  }

  /// Appends a primitive as a step.
  func emit(
    _ descriptor: borrowing PrimitiveDescriptor, _ arguments: [(Argument, Operand)],
    _ facts: StepFacts
  ) throws(DNNLError) {
    let primitive = try DNNL.Primitive(descriptor)
    let scratchpad = try descriptor.descriptor(.scratchpad)
    if isFolding, arguments.allSatisfy({ isConstant($0.1) }) {
      return try fold(primitive, arguments, scratchpad)
    }
    var formats: [String: String] = [:]
    var result: Tensor?
    var traffic = StepTraffic(reread: facts.reread)
    for (argument, operand) in arguments {
      if let name = Planner.names[argument] { formats[name] = operand.descriptor.format }
      switch operand {
      case .tensor(let tensor):
        let bytes = tensor.logicalBytes
        if argument == .dst {
          result = tensor
          traffic.writtenBytes += bytes
        }
        traffic.activationBytes += argument == .src ? facts.touched.source(bytes) : bytes
        touch(tensor)
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
      skippedFlops: Planner.unfolds(descriptor.implementation) ? -facts.paddingFlops : 0,
      alternatives: facts.alternatives,
      numericalError: facts.numericalError, choice: facts.choice, precision: precision,
      reasonForF32: takeReason(precision, facts))
    steps.append(
      PendingStep(
        step: step, commands: [.primitive(primitive, arguments, scratchpad: scratchpad)],
        result: result))
  }

  /// Whether a convolution unfolds its input to a matrix, zeros of the padding included.
  private static func unfolds(_ implementation: String) -> Bool {
    implementation.hasPrefix("gemm") || implementation.contains(":gemm")
  }

  /// Appends a host kernel as a step; of a constant it reads no more than it writes.
  ///
  /// `kind` is that of the primitive which it stands in for.
  func emit(
    _ kernel: any HostKernel, inputs: [Operand], types: [TensorType], output: Tensor,
    type: TensorType, source: Int, kind: String = "host", algorithm: String? = nil
  ) {
    if isFolding, (inputs + [.tensor(output)]).allSatisfy(isConstant) {
      return fold(kernel, inputs, types, output, type)
    }
    var traffic = StepTraffic(
      activationBytes: output.logicalBytes, writtenBytes: output.logicalBytes)
    for operand in inputs {
      switch operand {
      case .tensor(let tensor):
        traffic.activationBytes += tensor.logicalBytes
        touch(tensor)
      case .constant(let constant):
        traffic.weightBytes += min(constant.descriptor.size, output.logicalBytes)
      }
    }
    touch(output)
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
      reasonForF32: options.precision == .f32 ? nil : "ntprof itself computes it, in f32")
    steps.append(
      PendingStep(
        step: step, commands: [.host(kernel, inputs: inputs, types: types, output: output, type)],
        result: output))
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
    let attributes = try attributes([], scaling ?? own)
    let descriptor = try PrimitiveDescriptor.reorder(
      engine, src: source.descriptor, dst: target.descriptor, attributes)
    try emit(
      descriptor, [(.src, .tensor(source)), (.dst, .tensor(target))],
      StepFacts(kind: "reorder", sources: sources))
  }

  /// Why a step that computes something does so in f32; `nil` where that was asked for.
  func takeReason(_ precision: Precision, _ facts: StepFacts) -> String? {
    let computes = facts.kind != "reorder" && !facts.sources.isEmpty
    guard computes, options.precision != .f32, precision == .f32 else { return nil }
    defer { reasonForF32 = nil }
    if let reasonForF32 { return reasonForF32 }
    let follows = ["pooling", "concat", "resampling", "binary"].contains(facts.kind)
    return options.precision == .bf16 || follows
      ? "what it reads is in f32" : "8 bits would cost accuracy"
  }

  /// Extends the life of a tensor's buffer to the step about to be appended.
  func touch(_ tensor: Tensor) {
    buffers[tensor.buffer].last = max(buffers[tensor.buffer].last, steps.count)
  }

  private static let names: [Argument: String] = [
    .src: "src", .src1: "src1", .weights: "weights", .weightsIteration: "weights_iter",
    .dst: "dst", .multipleSrc(0): "src", .multipleSrc(1): "src1",
  ]
}
