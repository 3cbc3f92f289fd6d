/// `attention`: multi-head attention on sequences (`tnc`): projections to queries, keys and values,
/// scores, softmax, mix and an output projection.
///
/// H heads of D channels (C / H by default) attend to K heads of keys and values (H by default), of
/// which H / K share one. Keys and values are made of the operand, or of `memory`, a sequence S x N x M.
/// `past-keys` and `past-values`, N x K x P x D, go before them; all of them, N x K x (P + S) x D, are
/// the layer's `.k` and `.v`. `rotary` turns queries and keys by their positions, P and on; `mask` is
/// added to the scores, as is `relative-bias`: of a window of w x w cells, learned.
///
/// With L = P + S, F = H·D and E = K·D: parameters = 2·C·F + 2·M·E, and F + 2·E + C biases, and
/// (2w − 1)²·H; MACs = 2·T·N·C·F + 2·S·N·M·E + 2·N·T·L·F; FLOP = 2·MACs + 2·N·H·T·L for scaling and
/// softmax + N·H·T·L for each thing added to the scores + 3 for each element turned. `causal` hides
/// the later steps from each; it saves no products.
struct Attention: LayerKind {
  static let elements = [
    ElementSchema(
      "attention", doc: "Multi-head attention: projections, scores, softmax, mix, output.",
      states: ["k", "v"],
      heads, keyHeads, headSize, causal, bias, rotary, relativeBias, memory, mask, pastKeys,
      pastValues)
  ]

  private static let heads = Attribute<Int>(
    "heads", doc: "Number of heads.", guide: "H, number of heads")
  private static let keyHeads = Attribute<Int?>(
    "kv-heads", otherwise: "`heads`", doc: "Heads of keys and values.",
    guide: "K, number of heads of keys and values; divides `heads`, of which neighbours "
      + "share one")
  private static let headSize = Attribute<Int?>(
    "head-size", otherwise: "C/heads", in: 1...65536, doc: "Channels of a head.",
    guide: "D, channels of a head")
  private static let causal = Attribute<Bool>(
    "causal", default: false, doc: "Whether a step sees only itself and those before it.")
  private static let bias = Attribute<Bool>(
    "bias", default: true, doc: "Whether the four projections have biases.")
  private static let rotary = Attribute<Double?>(
    "rotary", otherwise: "none",
    doc: "Base of rotary positions that turn queries and keys; a fraction."
  )
  .checked { base in base.flatMap { $0 <= 0 ? "\($0) is not positive" : nil } }
  private static let relativeBias = Attribute<Int?>(
    "relative-bias", otherwise: "none", in: 1...256,
    doc: "Side of a window with learned relative positions.",
    guide: "w: the steps are a window of w x w cells, whose relative positions have "
      + "learned biases")
  private static let memory = Attribute(
    naming: "memory", otherwise: "the operand", doc: "A sequence that keys and values are made of.",
    guide: "a sequence S x N x M that keys and values are made of")
  private static let mask = Attribute(
    naming: "mask", otherwise: "none", doc: "What is added to the scores.")
  private static let pastKeys = Attribute(
    naming: "past-keys", otherwise: "none",
    doc: "Keys of earlier steps: N x kv-heads x steps x head-size.",
    guide: "keys and values of P earlier steps, N x K x P x D")
  private static let pastValues = Attribute(
    naming: "past-values", otherwise: "none", doc: "Values of earlier steps, alike.",
    guide: "keys and values of P earlier steps, N x K x P x D")

  private let heads: Int
  private let keyHeads: Int
  private let headSize: Int?
  private let isCausal: Bool
  private let hasBias: Bool
  private let rotaryBase: Double?
  private let window: Int?
  private let hasMemory: Bool
  private let hasMask: Bool
  private let hasPast: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    heads = try attributes[Self.heads]
    keyHeads = try attributes[Self.keyHeads] ?? heads
    guard heads.isMultiple(of: keyHeads) else {
      throw AttributeError("kv-heads", "\(keyHeads) do not divide \(heads) heads")
    }
    headSize = try attributes[Self.headSize]
    isCausal = try attributes[Self.causal]
    hasBias = try attributes[Self.bias]
    rotaryBase = try attributes[Self.rotary]
    window = try attributes[Self.relativeBias]
    hasMemory = try attributes[Self.memory]
    hasMask = try attributes[Self.mask]
    hasPast = try attributes[Self.pastKeys]
    guard try hasPast == attributes[Self.pastValues] else {
      throw AttributeError(nil, "past-keys and past-values go together")
    }
    if hasMemory, hasPast || rotaryBase != nil {
      throw AttributeError(
        hasPast ? Self.pastKeys.name : Self.rotary.name,
        "is for attention of a sequence to itself, without memory")
    }
  }

  var operands: ClosedRange<Int> {
    let count = 1 + (hasMemory ? 1 : 0) + (hasMask ? 1 : 0) + (hasPast ? 2 : 0)
    return count...count
  }

  func states(_ inputs: [TensorType]) throws(ShapeError) -> [(name: String, type: TensorType)] {
    let type = try sizes(inputs).cacheType
    return [("k", type), ("v", type)]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    _ = try sizes(inputs)
    return inputs[0]
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let s = try sizes(inputs)
    let (width, keyWidth) = (heads * s.head, keyHeads * s.head)
    let ends = try checkedProduct(2, s.channels, width)
    let sides = try checkedProduct(2, s.memoryChannels, keyWidth)
    let table = window.map { (2 * $0 - 1) * (2 * $0 - 1) * heads } ?? 0
    var cost = Cost(
      parameters: ends + sides + table + (hasBias ? width + 2 * keyWidth + s.channels : 0))
    for macs in [
      try checkedProduct(ends, s.steps, s.batch), try checkedProduct(sides, s.fresh, s.batch),
      try checkedProduct(2, s.batch, s.steps, s.seen, width),
    ] {
      cost = try cost.adding(Cost(macs: macs, flops: checkedProduct(2, macs)))
    }
    let scores = try checkedProduct(s.batch, heads, s.steps, s.seen)
    let added = (hasMask ? 1 : 0) + (window == nil ? 0 : 1)
    let turned =
      rotaryBase == nil
      ? 0 : try checkedProduct(3, s.batch, s.head, heads * s.steps + keyHeads * s.fresh)
    return try cost.adding(Cost(flops: checkedProduct(2 + added, scores) + turned))
  }
}

// MARK: Shapes

extension Attention {
  /// The extents of an attention.
  private struct Sizes {
    let steps: Int
    let batch: Int
    let channels: Int
    /// Channels of a head.
    let head: Int
    /// Steps of which keys and values are made.
    let fresh: Int
    let memoryChannels: Int
    /// Steps before them.
    let past: Int
    let cacheType: TensorType
    /// Steps that are attended to.
    var seen: Int { past + fresh }
  }

  private func sizes(_ inputs: [TensorType]) throws(ShapeError) -> Sizes {
    let input = inputs[0]
    guard input.layout == .tnc else { throw ShapeError("wants tnc, not \(input)") }
    let (steps, batch, channels) = (input.dims[0], input.dims[1], input.dims[2])
    guard headSize != nil || channels.isMultiple(of: heads) else {
      throw ShapeError("\(heads) heads do not divide \(channels) channels")
    }
    let head = headSize ?? channels / heads
    if rotaryBase != nil, !head.isMultiple(of: 2) {
      throw ShapeError("rotary positions turn pairs of channels; a head has \(head)")
    }
    var rest = inputs.dropFirst()
    let memory = hasMemory ? rest.removeFirst() : input
    guard memory.layout == .tnc, memory.dims[1] == batch else {
      throw ShapeError("memory is a sequence of \(batch) samples, not \(memory)")
    }
    let mask = hasMask ? rest.removeFirst() : nil
    var past = 0
    if let keys = rest.first, let values = rest.last {
      let wanted = [batch, keyHeads, keys.dims.count == 4 ? keys.dims[2] : 0, head]
      guard keys.dims == wanted, values.dims == wanted else {
        throw ShapeError(
          "past keys and values are \(batch)x\(keyHeads)xSTEPSx\(head), not \(keys) and \(values)")
      }
      past = keys.dims[2]
    }
    let fresh = memory.dims[0]
    if isCausal, steps > past + fresh {
      throw ShapeError("causal attention sees at least as many steps as it has")
    }
    if let window {
      guard steps == window * window, past + fresh == steps else {
        throw ShapeError(
          "a window of \(window)x\(window) has \(window * window) steps, not \(steps)")
      }
    }
    if let mask {
      let scores = [batch, heads, steps, past + fresh]
      guard isGrouped(mask, scores) || broadcastDims(mask.dims, scores) == scores else {
        throw ShapeError("a mask of \(mask) does not broadcast to scores \(Shape.text(scores))")
      }
    }
    return Sizes(
      steps: steps, batch: batch, channels: channels, head: head, fresh: fresh,
      memoryChannels: memory.dims[2], past: past,
      cacheType: try TensorType(dims: [batch, keyHeads, past + fresh, head], .nchw))
  }

  /// Whether a mask G x T x L has one part for each of G neighbouring samples, as the windows of one
  /// image are.
  private func isGrouped(_ mask: TensorType, _ scores: [Int]) -> Bool {
    mask.shape.rank == 3 && mask.dims[0] > 1 && scores[0].isMultiple(of: mask.dims[0])
      && Array(mask.dims.dropFirst()) == Array(scores.suffix(2))
  }
}

// MARK: Lowering

extension Attention {
  /// Far below any score, so that its softmax is exactly 0.
  private static let hidden: Float = -1e9

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let s = try sizes(inputs.map { program.type(of: $0) })
    let input = program.type(of: inputs[0])
    var rest = inputs.dropFirst()
    let memory = hasMemory ? rest.removeFirst() : inputs[0]
    let mask = hasMask ? rest.removeFirst() : nil
    // What does not change comes first, to be there for whatever is computed with it.
    let bias = try relativeBias(into: &program)
    let turn = try rotary(s, into: &program)

    var query = try project(inputs[0], s, heads, into: &program)
    var key = try project(memory, s, keyHeads, into: &program)
    var value = try project(memory, s, keyHeads, into: &program)
    if let turn {
      query = try turned(query, turn, into: &program)
      key = try turned(key, turn, into: &program)
    }
    if let pastKeys = rest.first, let pastValues = rest.last {
      key = try joined(pastKeys, key, s, into: &program)
      value = try joined(pastValues, value, s, into: &program)
    }
    if program.wantsStates {
      program.states = [key, value].map { program.emit(.reshape, [$0], type: s.cacheType) }
    }
    // Heads that share keys are rows of one product.
    let groups = s.batch * keyHeads
    let rows = heads / keyHeads * s.steps
    let stacked = try TensorType(dims: [groups, rows, s.head], .other)
    let joint = try TensorType(dims: [groups, rows, s.seen], .other)
    let square = try TensorType(dims: [s.batch * heads, s.steps, s.seen], .other)
    query = reshaped(query, stacked, into: &program)
    var scores = program.emit(
      .matrixProduct(MatrixProduct(transposesSecond: true)), [query, key], type: joint)
    let scale = Eltwise(.linear, alpha: 1 / Double(s.head).squareRoot())
    scores = program.emit(.eltwise(scale), [scores], type: joint)
    scores = reshaped(scores, square, into: &program)
    if let bias {
      let whole = try TensorType(dims: [s.batch, heads, s.steps, s.seen], .nchw)
      scores = try program.emitBinary(.add, reshaped(scores, whole, into: &program), bias)
    }
    if let mask { scores = try masked(scores, mask, s, into: &program) }
    if isCausal {
      scores = reshaped(scores, square, into: &program)
      scores = program.emit(.causalMask(value: Attention.hidden), [scores], type: square)
    }
    let axis = program.type(of: scores).shape.rank - 1
    var shares = program.emit(.softmax(axis: axis), [scores], type: program.type(of: scores))
    shares = reshaped(shares, joint, into: &program)
    var mixed = program.emit(.matrixProduct(MatrixProduct()), [shares, value], type: stacked)
    mixed = reshaped(
      mixed, try TensorType(dims: [s.batch * heads, s.steps, s.head], .other), into: &program)
    let beside = program.emit(
      .transpose(order: [1, 0, 2]), [mixed],
      type: try TensorType(dims: [s.steps, s.batch * heads, s.head], .other))
    let wide = try TensorType(dims: [s.steps, s.batch, heads * s.head], .tnc)
    return product(
      program.emit(.reshape, [beside], type: wide), units: s.channels, type: input, into: &program)
  }

  private func reshaped(
    _ value: ValueID, _ type: TensorType, into program: inout ProgramBuilder
  ) -> ValueID {
    program.type(of: value).dims == type.dims ? value : program.emit(.reshape, [value], type: type)
  }

  private func product(
    _ value: ValueID, units: Int, type: TensorType, into program: inout ProgramBuilder
  ) -> ValueID {
    let channels = program.type(of: value).dims[2]
    var weights = [WeightSlot(.weights, dims: [units, channels], fanIn: channels)]
    if hasBias { weights.append(WeightSlot(.bias, dims: [units], fanIn: channels)) }
    return program.emit(
      .innerProduct(InnerProduct(units: units, bias: hasBias)), [value], weights: weights,
      type: type)
  }

  /// The heads of a projection, one after the other: N·heads x T x D.
  private func project(
    _ value: ValueID, _ s: Sizes, _ count: Int, into program: inout ProgramBuilder
  ) throws(ShapeError) -> ValueID {
    let steps = program.type(of: value).dims[0]
    let wide = try TensorType(dims: [steps, s.batch, count * s.head], .tnc)
    let made = product(value, units: count * s.head, type: wide, into: &program)
    let apart = try TensorType(dims: [steps, s.batch * count, s.head], .other)
    let view = program.emit(.reshape, [made], type: apart)
    return program.emit(
      .transpose(order: [1, 0, 2]), [view],
      type: try TensorType(dims: [s.batch * count, steps, s.head], .other))
  }

  /// Keys or values behind those of earlier steps.
  private func joined(
    _ past: ValueID, _ value: ValueID, _ s: Sizes, into program: inout ProgramBuilder
  ) throws(ShapeError) -> ValueID {
    let groups = s.batch * keyHeads
    let before = reshaped(
      past, try TensorType(dims: [groups, s.past, s.head], .other), into: &program)
    return program.emit(
      .concat(axis: 1), [before, value],
      type: try TensorType(dims: [groups, s.seen, s.head], .other))
  }

  /// Scores with what a mask adds.
  private func masked(
    _ scores: ValueID, _ mask: ValueID, _ s: Sizes, into program: inout ProgramBuilder
  ) throws(ShapeError) -> ValueID {
    let dims = program.type(of: mask).dims
    let whole = [s.batch, heads, s.steps, s.seen]
    guard isGrouped(program.type(of: mask), whole) else {
      // A mask that is the same for all rows needs no more dimensions than they have.
      let isOne = dims.dropLast(2).allSatisfy { $0 == 1 }
      let flat = [s.batch * heads, s.steps, s.seen]
      let target = try TensorType(dims: isOne ? flat : whole, isOne ? .other : .nchw)
      let own = isOne && dims.count > 3 ? Array(dims.suffix(3)) : dims
      let view = reshaped(mask, try TensorType(dims: own, .other), into: &program)
      return try program.emitBinary(.add, reshaped(scores, target, into: &program), view)
    }
    let groups = dims[0]
    let target = try TensorType(dims: [s.batch / groups, groups] + whole.dropFirst(), .other)
    let view = try TensorType(dims: [1, groups, 1, s.steps, s.seen], .other)
    return try program.emitBinary(
      .add, reshaped(scores, target, into: &program), reshaped(mask, view, into: &program))
  }

  /// 1 x H x w² x w²: rows of a learned table, chosen by the relative positions of a window's cells.
  private func relativeBias(into program: inout ProgramBuilder) throws(ShapeError) -> ValueID? {
    guard let window else { return nil }
    let (cells, rows) = (window * window, (2 * window - 1) * (2 * window - 1))
    let table = program.emit(
      .constant(name: "relative-bias"), [],
      weights: [WeightSlot(.weights, dims: [rows, heads], fanIn: 3)],
      type: try TensorType(dims: [rows, heads], .other))
    let pairs = [cells * cells]
    let places = program.emit(
      .constant(name: "relative-positions"), [],
      weights: [WeightSlot(.weights, dims: pairs, pattern: .relativePositions(window: window))],
      type: try TensorType(dims: pairs, .other))
    let chosen = program.emit(
      .gather(axis: 0), [table, places], type: try TensorType(dims: pairs + [heads], .other))
    let turned = program.emit(
      .transpose(order: [1, 0]), [chosen], type: try TensorType(dims: [heads] + pairs, .other))
    return program.emit(
      .reshape, [turned], type: try TensorType(dims: [1, heads, cells, cells], .nchw))
  }

  /// 1 x T x D cosines and sines of the positions.
  private func rotary(
    _ s: Sizes, into program: inout ProgramBuilder
  ) throws(ShapeError) -> (cosine: ValueID, sine: ValueID)? {
    guard let rotaryBase else { return nil }
    let type = try TensorType(dims: [1, s.steps, s.head], .other)
    func table(_ name: String, _ pattern: ConstantPattern) -> ValueID {
      program.emit(
        .constant(name: name), [],
        weights: [WeightSlot(.weights, dims: type.dims, pattern: pattern)], type: type)
    }
    return (
      table("rotary-cos", .rotaryCosine(base: rotaryBase, first: s.past)),
      table("rotary-sin", .rotarySine(base: rotaryBase, first: s.past))
    )
  }

  /// x·cos + (−x₂, x₁)·sin, x₁ and x₂ being the halves of a head.
  private func turned(
    _ value: ValueID, _ turn: (cosine: ValueID, sine: ValueID),
    into program: inout ProgramBuilder
  ) throws(ShapeError) -> ValueID {
    let type = program.type(of: value)
    let half = type.dims[2] / 2
    let part = try TensorType(dims: [type.dims[0], type.dims[1], half], .other)
    let steps = [1, 1, 1]
    let left = program.emit(.slice(Slice(starts: [0, 0, 0], steps: steps)), [value], type: part)
    let right = program.emit(
      .slice(Slice(starts: [0, 0, half], steps: steps)), [value], type: part)
    let negated = program.emit(.eltwise(Eltwise(.linear, alpha: -1)), [right], type: part)
    let swapped = program.emit(.concat(axis: 2), [negated, left], type: type)
    let across = try program.emitBinary(.mul, swapped, turn.sine)
    return try program.emitBinary(.add, program.emitBinary(.mul, value, turn.cosine), across)
  }
}
