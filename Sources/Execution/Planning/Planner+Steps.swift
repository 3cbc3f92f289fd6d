import DNNL
import Profiling
import Topology

/// What a primitive's step says about itself.
struct StepFacts {
  var kind: String
  var algorithm: String?
  var sources: [Int]
  var postOps: [String] = []
  var rereadBytes = 0
  var alternatives: [Alternative] = []
  var numericalError: Double?
}

extension Planner {
  /// PrimitiveAttributes of every primitive here: the plan provides the scratchpad.
  func attributes(_ postOps: [PostOp] = []) throws(DNNLError) -> PrimitiveAttributes {
    try PrimitiveAttributes.make(postOps: postOps, userScratchpad: true)
  }

  /// Appends a primitive as a step.
  func emit(
    _ descriptor: borrowing PrimitiveDescriptor, _ arguments: [(Argument, Operand)],
    _ facts: StepFacts
  ) throws(DNNLError) {
    let primitive = try DNNL.Primitive(descriptor)
    let scratchpad = try descriptor.descriptor(.scratchpad)
    var formats: [String: String] = [:]
    var result: Tensor?
    var traffic = StepTraffic(rereadBytes: facts.rereadBytes)
    for (argument, operand) in arguments {
      if let name = Planner.names[argument] { formats[name] = operand.descriptor.format }
      switch operand {
      case .tensor(let tensor):
        traffic.activationBytes += tensor.logicalBytes
        touch(tensor)
        if argument == .dst { result = tensor }
      case .constant(let constant):
        traffic.weightBytes += constant.descriptor.dims.reduce(4, *)
      }
    }
    guard let result else {
      throw DNNLError(call: "\(facts.kind) without dst", status: .invalidArguments)
    }
    if facts.postOps.contains("sum") { traffic.activationBytes += result.logicalBytes }
    let step = PlanStep(
      layer: layer, sources: facts.sources, kind: facts.kind,
      implementation: descriptor.implementation, algorithm: facts.algorithm, formats: formats,
      postOps: facts.postOps, traffic: traffic, alternatives: facts.alternatives,
      numericalError: facts.numericalError)
    steps.append(
      PendingStep(
        step: step, body: .primitive(primitive, arguments, scratchpad: scratchpad), result: result))
  }

  /// Appends a host kernel as a step; of a constant it reads no more than it writes.
  func emit(
    _ kernel: any HostKernel, inputs: [Operand], types: [TensorType], output: Tensor,
    type: TensorType, source: Int
  ) {
    var traffic = StepTraffic(activationBytes: output.logicalBytes)
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
    let step = PlanStep(
      layer: layer, sources: [source], kind: "host", implementation: kernel.name, algorithm: nil,
      formats: [:], postOps: [], traffic: traffic, alternatives: [], numericalError: nil)
    steps.append(
      PendingStep(
        step: step, body: .host(kernel, inputs: inputs, types: types, output: output, type),
        result: output))
  }

  /// Appends a reorder as a step.
  func emitReorder(from source: Tensor, to target: Tensor, sources: [Int]) throws(DNNLError) {
    let attributes = try attributes()
    let descriptor = try PrimitiveDescriptor.reorder(
      engine, src: source.descriptor, dst: target.descriptor, attributes)
    try emit(
      descriptor, [(.src, .tensor(source)), (.dst, .tensor(target))],
      StepFacts(kind: "reorder", sources: sources))
  }

  /// Extends the life of a tensor's buffer to the step about to be appended.
  private func touch(_ tensor: Tensor) {
    buffers[tensor.buffer].last = max(buffers[tensor.buffer].last, steps.count)
  }

  private static let names: [Argument: String] = [
    .src: "src", .src1: "src1", .weights: "weights", .weightsIteration: "weights_iter",
    .dst: "dst", .multipleSrc(0): "src", .multipleSrc(1): "src1",
  ]
}
