import DNNL
import Machine
import Measuring
import Profiling
import Topology

/// An LSTM as products and functions of its own instead of oneDNN's recurrent primitive.
///
/// Each direction multiplies the inputs of all steps at once, with bias, which gives the gates
/// before the state has its say. Then every step but the first, whose state is zero, adds the
/// product of the state and applies the logistic function to all gates; the state and the output
/// are a few operations an element. The candidate gate's weights are doubled for
/// tanh x = 2·logistic(2x) − 1. In bf16 that is what is multiplied: input, output and weights; gates
/// and cell state stay f32.
struct SplitLSTM {
  /// Steps, sequences, input and hidden channels.
  let steps: Int, batch: Int, channels: Int, hidden: Int
  let direction: Topology.Recurrent.Direction
  /// The numbers of input, output and weights.
  let type: DataType

  /// The shape of an LSTM that reads a source of given dims.
  init(_ recurrent: Topology.Recurrent, source: [Int], _ type: DataType) {
    steps = source[0]
    batch = source[1]
    channels = source[2]
    hidden = recurrent.hidden
    direction = recurrent.direction
    self.type = type
  }

  /// The width of a row of gates.
  var width: Int { 4 * hidden }
  /// The steps in the order in which a direction walks them.
  func order(_ part: Int) -> [Int] {
    let isReversed = direction == .backward || part == 1
    return isReversed ? (0..<steps).reversed() : Array(0..<steps)
  }
}

/// An LSTM as one step of many commands.
struct SplitRecurrentLowering: Lowering {
  let context: PlanningContext
  let recurrent: Topology.Recurrent
  let type: DataType

  func lower(_ index: Int) throws(DNNLError) { try lower(index, Epilogue()) }

  /// Appends an LSTM as one step of many commands.
  ///
  /// `epilogue` is that of the primitive, with what a search found.
  func lower(_ index: Int, _ epilogue: Epilogue) throws(DNNLError) {
    let shape = SplitLSTM(recurrent, source: dims(input(of: index)), type)
    let inputs = try inputProduct(shape)
    let states = try stateProduct(shape)
    let name = "split:" + states.implementation
    let source = try reader.plainTensor(of: input(of: index), type)
    let weights = try loadGates(
      .weights, index, rows: shape.channels, shape, inputs.required(.weights)
    ).map { $0[0] }
    let stateWeights =
      shape.steps > 1
      ? try loadGates(
        .weightsIteration, index, rows: shape.hidden, shape, states.required(.weights)) : []
    let line = try MemoryDescriptor([shape.width])
    let biases = try loader.loadParts(
      .bias, of: index, count: shape.direction.count, from: line, as: line
    ) {
      SplitLSTM.doubleCandidates($0, hidden: shape.hidden)
    }.map { $0[0] }
    var run = try SplitCommands(engine, table, shape, inputs: inputs, states: states)
    let parts = try weights.indices.map { (part) throws(DNNLError) in
      try run.append(
        direction: part, source: source, weights: weights[part], bias: biases[part],
        states: stateWeights.isEmpty ? [] : stateWeights[part])
    }
    let result = try run.join(parts, dims(program.instructions[index].output))
    var facts = RecurrentLowering(context: context, recurrent: recurrent).facts(index)
    facts.alternatives = epilogue.alternatives
    facts.choice = epilogue.choice
    let precision = Precision(type)
    let constants = weights + stateWeights.joined() + biases
    let stateBytes = stateWeights.joined().reduce(0) { $0 + $1.descriptor.logicalBytes }
    let step = PlanStep(
      layer: emitter.layer, sources: facts.sources, kind: facts.kind, implementation: name,
      algorithm: facts.algorithm,
      formats: [
        "src": source.descriptor.format, "weights": weights[0].descriptor.format,
        "weights_iter": stateWeights.first?[0].descriptor.format, "dst": result.descriptor.format,
      ].compactMapValues { $0 }, postOps: [],
      traffic: StepTraffic(
        weightBytes: constants.reduce(0) { $0 + $1.descriptor.logicalBytes },
        reread: WeightReread(
          bytes: max(0, shape.steps - 2) * stateBytes,
          setBytes: stateBytes / shape.direction.count),
        activationBytes: source.logicalBytes + result.logicalBytes,
        writtenBytes: result.logicalBytes),
      skippedFlops: 2 * shape.batch * shape.width * shape.hidden * shape.direction.count,
      commandCount: run.commands.count, alternatives: facts.alternatives, numericalError: nil,
      choice: facts.choice,
      precision: precision, reasonForF32: numbers.takeReason(precision, facts))
    table.touch(source)
    emitter.append(step, run.commands, result: result)
    emitter.complete([index], in: result)
  }

  /// The product of the inputs of all steps.
  private func inputProduct(_ shape: SplitLSTM) throws(DNNLError) -> PrimitiveDescriptor {
    let rows = shape.steps * shape.batch
    let product = try PrimitiveDescriptor.innerProduct(
      engine, src: MemoryDescriptor([rows, shape.channels], shape.type),
      weights: MemoryDescriptor.open([shape.width, shape.channels], shape.type),
      bias: MemoryDescriptor([shape.width]),
      dst: MemoryDescriptor([rows, shape.width]), attributes())
    if shape.type == .f32,
      let column = try ColumnProduct(
        engine, rows: rows, inner: shape.channels, units: shape.width),
      try column.gains(over: product.implementation, attributes())
    {
      return try column.convolution(attributes(), hasBias: true)
    }
    return product
  }

  /// The product of the state at one step, or of one slice of it, added to the gates.
  ///
  /// For one sequence it is a matrix times a vector. With one thread oneDNN 2.6 reads it fastest from
  /// memory where the weights of all gates of a hidden unit lie side by side: 28 GB/s against 20 GB/s
  /// of its blocked format (hidden 2048, Zen 4). Two threads read 50 GB/s so, and 63 GB/s as
  /// 1x1 convolutions of a sixteenth of the gates each. From cache, or for two sequences, the
  /// blocked format is as fast or faster; where it is none, see ``ColumnProduct``.
  private func stateProduct(_ shape: SplitLSTM) throws(DNNLError) -> PrimitiveDescriptor {
    let postOps: [PostOp] = [.sum(), .eltwise(.logistic, alpha: 0, beta: 0)]
    let type = shape.type
    let src = try MemoryDescriptor([shape.batch, shape.hidden], type)
    let dst = try MemoryDescriptor([shape.batch, shape.width])
    let extents = [shape.width, shape.hidden]
    let slices = slices(of: shape)
    if slices > 1, let format = MemoryFormat("acdb", rank: 4) {
      let outputs = shape.width / slices
      let window = Window(
        strides: [1, 1], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
      return try .convolution(
        engine, .direct, src: MemoryDescriptor([1, shape.hidden, 1, 1], type, format),
        weights: MemoryDescriptor.open([outputs, shape.hidden, 1, 1], type), bias: nil,
        dst: MemoryDescriptor([1, outputs, 1, 1], .f32, format), window, attributes(postOps))
    }
    if shape.batch == 1, let format = MemoryFormat("ba", rank: 2) {
      let descriptor = try PrimitiveDescriptor.innerProduct(
        engine, src: src, weights: MemoryDescriptor(extents, type, format), bias: nil, dst: dst,
        attributes(postOps))
      if Implementation.quality(descriptor.implementation) > 0 { return descriptor }
    }
    let product = try PrimitiveDescriptor.innerProduct(
      engine, src: src, weights: MemoryDescriptor.open(extents, type), bias: nil, dst: dst,
      attributes(postOps))
    if type == .f32,
      let column = try ColumnProduct(
        engine, rows: shape.batch, inner: shape.hidden, units: shape.width),
      try column.gains(over: product.implementation, attributes(postOps))
    {
      return try column.convolution(attributes(postOps), hasBias: false)
    }
    return product
  }

  /// Into how many convolutions the product of the state is cut; 1 for an inner product.
  private func slices(of shape: SplitLSTM) -> Int {
    let slices = 16
    let lane = ConvolutionForms.vector
    guard shape.batch == 1, shape.width % (slices * lane) == 0, shape.hidden % lane == 0 else {
      return 1
    }
    // From the cache the launches of so many primitives cost more than they save.
    let isLarge = shape.type.size * shape.width * shape.hidden > CacheLevel.lastLevelBytes
    let isFaster = options.threads > 1 && isLarge
    return options.recurrence == .sliced || isFaster ? slices : 1
  }

  /// The weights of each direction, `rows` x gates in plain order, packed; in slices if `target` is
  /// that of a convolution of some of the gates.
  private func loadGates(
    _ role: WeightRole, _ index: Int, rows: Int, _ shape: SplitLSTM, _ target: MemoryDescriptor
  ) throws(DNNLError) -> [[Constant]] {
    let outputs = target.dims[0]
    let strides = [1, shape.width] + target.dims.dropFirst(2).map { _ in 1 }
    return try loader.loadParts(
      role, of: index, count: shape.direction.count,
      from: MemoryDescriptor(target.dims, .f32, strides: strides),
      at: stride(from: 0, to: shape.width, by: outputs).map { 4 * $0 }, as: target
    ) { SplitLSTM.doubleCandidates($0, hidden: shape.hidden) }
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
