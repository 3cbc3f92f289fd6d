import DNNL
import Profiling
import Topology

/// An LSTM as products and functions of its own instead of oneDNN's recurrent primitive.
///
/// Each direction multiplies the inputs of all steps at once, with bias, which gives the gates
/// before the state has its say. Then every step but the first, whose state is zero, adds the
/// product of the state and applies the logistic function to all gates; the state and the output
/// are a few operations an element. The candidate gate's weights are doubled for
/// tanh x = 2·logistic(2x) − 1.
struct SplitLSTM {
  /// Steps, sequences, input and hidden channels.
  let steps: Int, batch: Int, channels: Int, hidden: Int
  let direction: Topology.Recurrent.Direction

  /// The width of a row of gates.
  var width: Int { 4 * hidden }
  /// The steps in the order in which a direction walks them.
  func order(_ part: Int) -> [Int] {
    let isReversed = direction == .backward || part == 1
    return isReversed ? (0..<steps).reversed() : Array(0..<steps)
  }
}

extension Planner {
  /// The shape of an LSTM.
  func splitShape(_ recurrent: Topology.Recurrent, _ index: Int) -> SplitLSTM {
    let extents = dims(input(of: index))
    return SplitLSTM(
      steps: extents[0], batch: extents[1], channels: extents[2], hidden: recurrent.hidden,
      direction: recurrent.direction)
  }

  /// Appends an LSTM as one step of many commands.
  func lowerSplit(_ recurrent: Topology.Recurrent, _ index: Int, _ alternatives: [Alternative])
    throws(DNNLError)
  {
    let shape = splitShape(recurrent, index)
    let inputs = try inputProduct(shape)
    let states = try stateProduct(shape)
    let name = "split:" + states.implementation
    let source = try plainTensor(of: input(of: index))
    let weights = try loadGates(.weights, index, rows: shape.channels, inputs.required(.weights))
    let stateWeights =
      shape.steps > 1
      ? try loadGates(.weightsIteration, index, rows: shape.hidden, states.required(.weights)) : []
    let line = try MemoryDescriptor([shape.width])
    let biases = try loadParts(.bias, of: index, from: line, as: line) {
      SplitLSTM.doubleCandidates($0, hidden: shape.hidden)
    }
    var run = try SplitCommands(self, shape, inputs: inputs, states: states)
    let parts = try weights.indices.map { (part) throws(DNNLError) in
      try run.append(
        direction: part, source: source, weights: weights[part], bias: biases[part],
        states: stateWeights.isEmpty ? nil : stateWeights[part])
    }
    let result = try run.join(parts, dims(program.instructions[index].output))
    var facts = recurrentFacts(recurrent, index)
    facts.alternatives = alternatives
    let constants = weights + stateWeights + biases
    let stateBytes = stateWeights.reduce(0) { $0 + $1.descriptor.logicalBytes }
    let step = PlanStep(
      layer: layer, sources: facts.sources, kind: facts.kind, implementation: name,
      algorithm: facts.algorithm,
      formats: [
        "src": source.descriptor.format, "weights": weights[0].descriptor.format,
        "weights_iter": stateWeights.first?.descriptor.format, "dst": result.descriptor.format,
      ].compactMapValues { $0 }, postOps: [],
      traffic: StepTraffic(
        weightBytes: constants.reduce(0) { $0 + $1.descriptor.logicalBytes },
        rereadBytes: max(0, shape.steps - 2) * stateBytes,
        activationBytes: source.logicalBytes + result.logicalBytes),
      commandCount: run.commands.count, alternatives: facts.alternatives, numericalError: nil,
      reasonForF32: takeReason(.f32, facts))
    touch(source)
    steps.append(PendingStep(step: step, commands: run.commands, result: result))
    complete([index], in: result)
  }

  /// The product of the inputs of all steps.
  private func inputProduct(_ shape: SplitLSTM) throws(DNNLError) -> PrimitiveDescriptor {
    let rows = shape.steps * shape.batch
    return try .innerProduct(
      engine, src: MemoryDescriptor([rows, shape.channels]),
      weights: anyDescriptor([shape.width, shape.channels]), bias: MemoryDescriptor([shape.width]),
      dst: MemoryDescriptor([rows, shape.width]), attributes())
  }

  /// The product of the state at one step, added to the gates.
  ///
  /// For one sequence it is a matrix times a vector, which oneDNN 2.6 reads fastest from memory where
  /// the weights of all gates of a hidden unit lie side by side: 28 GB/s against 20 GB/s of its
  /// blocked format (hidden 2048, 1 thread, Zen 4). From cache, or for two sequences, the blocked
  /// format is as fast or faster.
  private func stateProduct(_ shape: SplitLSTM) throws(DNNLError) -> PrimitiveDescriptor {
    let postOps: [PostOp] = [.sum(), .eltwise(.logistic, alpha: 0, beta: 0)]
    let src = try MemoryDescriptor([shape.batch, shape.hidden])
    let dst = try MemoryDescriptor([shape.batch, shape.width])
    let extents = [shape.width, shape.hidden]
    if shape.batch == 1, let format = MemoryFormat("ba", rank: 2) {
      let descriptor = try PrimitiveDescriptor.innerProduct(
        engine, src: src, weights: MemoryDescriptor(extents, .f32, format), bias: nil, dst: dst,
        attributes(postOps))
      if Planner.quality(descriptor.implementation) > 0 { return descriptor }
    }
    return try .innerProduct(
      engine, src: src, weights: anyDescriptor(extents), bias: nil, dst: dst, attributes(postOps))
  }

  /// The weights of each direction, `rows` x gates in plain order, packed.
  private func loadGates(_ role: WeightRole, _ index: Int, rows: Int, _ target: MemoryDescriptor)
    throws(DNNLError) -> [Constant]
  {
    guard let format = MemoryFormat("ba", rank: 2) else {
      throw DNNLError(call: "format ba", status: .invalidArguments)
    }
    let hidden = target.dims[0] / 4
    return try loadParts(
      role, of: index, from: MemoryDescriptor(target.dims, .f32, format), as: target
    ) { SplitLSTM.doubleCandidates($0, hidden: hidden) }
  }
}

extension SplitLSTM {
  /// Doubles every third of four runs of `hidden` numbers.
  fileprivate static func doubleCandidates(
    _ values: UnsafeMutableBufferPointer<Float>, hidden: Int
  ) {
    for start in stride(from: 2 * hidden, to: values.count, by: 4 * hidden) {
      for place in start..<start + hidden { values[place] *= 2 }
    }
  }
}
