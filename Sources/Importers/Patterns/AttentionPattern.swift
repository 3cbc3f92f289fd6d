import Model
import Topology

/// Attention of several heads as it is written out: projections to queries, keys and values, their products
/// and a softmax between, and a projection of what comes out.
///
/// Sequences may lie as T x N x C with heads beside N, as ntprof exports them, or as 1 x T x C with heads
/// behind, as PyTorch does; of several samples the latter are left as they are written, for they would have to
/// be moved.
struct AttentionPattern {
  private var graph: DraftGraph
  /// The projection of what comes out.
  private let index: Int

  private init(_ graph: DraftGraph, _ index: Int) {
    self.graph = graph
    self.index = index
  }

  /// Puts an attention in the place of what ends in a primitive, if that is one.
  static func apply(to graph: inout DraftGraph, endingAt index: Int) {
    guard graph.drafts[index].element == "fc" else { return }
    var changes: [(slot: Int, draft: Draft)]?
    do {
      var pattern = AttentionPattern(graph, index)
      changes = pattern.changes()
      // Gone before the graph is changed, which else were copied.
      if changes != nil, pattern.graph.constants.count != graph.constants.count {
        graph = pattern.graph
      }
    }
    for (slot, draft) in changes ?? [] { graph.replace(slot, by: draft) }
  }

  /// A projection whose channels are split into heads.
  private struct Heads {
    let fc: Int
    let source: Operand
    /// What it is multiplied by.
    let scale: Double
    /// Whether the last two dimensions are exchanged.
    let isExchanged: Bool
    let count: Int
    let size: Int
    /// The base of the rotary positions that it is turned by.
    let rotary: Double?
  }

  /// What is done to scores before their softmax.
  private struct Additions {
    var isCausal = false
    /// A mask of the network's, and the dims that it had as one.
    var mask: (constant: Int, dims: [Int])?
    /// A learned table of relative positions, and the side of its window.
    var bias: (table: ConstantTensor, window: Int)?
  }

  private mutating func changes() -> [(slot: Int, draft: Draft)]? {
    let out = graph.drafts[index]
    guard let joined = graph.element(out.operands[0], "reshape"),
      let turned = graph.element(joined.operands[0], "transpose")
    else { return nil }
    let isHeadsLast = turned.attributes["perm"] == "0,2,1,3"
    guard isHeadsLast || turned.attributes["perm"] == "1,0,2",
      let mix = graph.only(behindReshape(turned.operands[0])),
      graph.drafts[mix].element == "matmul", graph.drafts[mix].attributes.isEmpty,
      let softmax = graph.element(behindReshape(graph.drafts[mix].operands[0]), "softmax"),
      softmax.attributes.isEmpty,
      let values = heads(graph.drafts[mix].operands[1], isHeadsLast), !values.isExchanged,
      values.scale == 1
    else { return nil }
    var scores = behindReshape(softmax.operands[0])
    let additions = takeAdditions(off: &scores)
    var scale = 1.0
    if let (source, line) = graph.activation(scores, "linear"), line.attributes["beta"] == nil {
      scale = line.attributes["alpha"].flatMap(Double.init) ?? 1
      scores = behindReshape(source)
    }
    guard let product = graph.element(scores, "matmul"), product.attributes["transpose-a"] == nil,
      let queries = heads(product.operands[0], isHeadsLast), !queries.isExchanged,
      let keys = heads(product.operands[1], isHeadsLast),
      keys.isExchanged != (product.attributes["transpose-b"] == "true")
    else { return nil }
    let all = [queries, keys, values]
    let factor = scale * queries.scale * keys.scale
    guard all.allSatisfy({ $0.size == queries.size }), keys.count == values.count,
      queries.count.isMultiple(of: keys.count), queries.rotary == keys.rotary,
      values.rotary == nil, keys.source == values.source, Set(all.map(\.fc)).count == 3,
      abs(factor * Double(queries.size).squareRoot() - 1) < 1e-5
    else { return nil }
    return replacements(all, mix, isHeadsLast, additions)
  }

  // MARK: Parts

  private func behindReshape(_ operand: Operand) -> Operand {
    graph.element(operand, "reshape")?.operands[0] ?? operand
  }

  /// Takes off scores what is added to them, in the order in which ntprof adds it.
  private func takeAdditions(off scores: inout Operand) -> Additions {
    var additions = Additions()
    additions.isCausal = causal(&scores)
    for _ in 0..<2 {
      guard let sum = graph.element(scores, "add") else { break }
      for (one, other) in sum.pairs {
        guard case .constant(let constant) = other else { continue }
        let tensor = graph.constants[constant].tensor
        if additions.bias == nil, let bias = relativeBias(tensor) {
          additions.bias = bias
        } else if additions.mask == nil, additions.bias == nil, tensor.isFixed,
          let pattern = tensor.knownPattern(among: [grouped(tensor.dims), tensor.dims])
        {
          additions.mask = (constant, pattern)
        } else {
          continue
        }
        scores = behindReshape(one)
        break
      }
    }
    return additions
  }

  /// 1 x G x 1 x T x L is a mask G x T x L of neighbouring samples.
  private func grouped(_ dims: [Int]) -> [Int] {
    dims.count == 5 && dims[0] == 1 && dims[2] == 1 ? [dims[1], dims[3], dims[4]] : dims
  }

  /// The table whose rows a bias 1 x heads x w² x w² is made of, if it is of relative positions alone.
  private func relativeBias(_ bias: ConstantTensor) -> (table: ConstantTensor, window: Int)? {
    let dims = bias.dims
    guard dims.count == 4, dims[0] == 1, dims[2] == dims[3], !bias.isFixed, !bias.isAbsent else {
      return nil
    }
    let (heads, cells) = (dims[1], dims[2])
    let window = Int(Double(cells).squareRoot())
    guard window * window == cells, window > 1,
      let places = ConstantPattern.relativePositions(window: window).values(dims: [cells * cells])
    else { return nil }
    let rows = (2 * window - 1) * (2 * window - 1)
    let values = bias.floats()
    var table = [Float](repeating: .nan, count: rows * heads)
    for head in 0..<heads {
      for (place, row) in places.enumerated() {
        let value = values[head * cells * cells + place]
        let target = Int(row) * heads + head
        guard table[target].isNaN || table[target] == value else { return nil }
        table[target] = value
      }
    }
    let whole = table
    return (
      ConstantTensor(dims: [rows, heads]) { offset, buffer in
        for place in buffer.indices { buffer[place] = whole[offset + place] }
      }, window
    )
  }

  /// x·cos + (−x₂, x₁)·sin: x, and the base of the positions.
  private func turned(_ operand: Operand) -> (source: Operand, base: Double)? {
    guard let sum = graph.element(operand, "add") else { return nil }
    func factor(_ operand: Operand) -> (value: Operand, tensor: ConstantTensor)? {
      guard let product = graph.element(operand, "mul") else { return nil }
      for (one, other) in product.pairs {
        if case .constant(let constant) = other { return (one, graph.constants[constant].tensor) }
      }
      return nil
    }
    for (one, other) in sum.pairs {
      guard let straight = factor(one), let across = factor(other),
        case .rotaryCosine(let base, 0)? = straight.tensor.knownPattern,
        across.tensor.knownPattern == .rotarySine(base: base),
        let swapped = graph.element(across.value, "concat"), swapped.operands.count == 2,
        let negated = graph.line(swapped.operands[0], alpha: -1),
        let right = graph.element(negated, "slice"),
        let left = graph.element(swapped.operands[1], "slice"),
        right.operands == [straight.value], left.operands == [straight.value],
        left.type.dims == right.type.dims, left.attributes["starts"] == "0",
        right.attributes["starts"] == left.attributes["ends"],
        let source = graph.maker(straight.value), graph.uses[source] == 3
      else { continue }
      return (straight.value, base)
    }
    return nil
  }

  /// Takes the hiding of later steps off scores.
  private func causal(_ scores: inout Operand) -> Bool {
    if let choice = graph.element(scores, "where"), choice.operands.count == 3,
      case .constant(let mask) = choice.operands[0], case .constant(let value) = choice.operands[1],
      let hidden = graph.constants[value].tensor.fill, hidden <= -1e4,
      isTriangle(graph.constants[mask], { $0 != 0 })
    {
      scores = behindReshape(choice.operands[2])
      return true
    }
    if let sum = graph.element(scores, "add") {
      for (one, other) in sum.pairs {
        guard case .constant(let mask) = other,
          isTriangle(graph.constants[mask], { $0 <= -1e4 }, { $0 == 0 })
        else { continue }
        scores = behindReshape(one)
        return true
      }
    }
    return false
  }

  /// Whether the elements beyond the diagonal of a square, and only those, are hidden.
  private func isTriangle(
    _ constant: Translation.NamedConstant, _ isHidden: (Float) -> Bool,
    _ isShown: ((Float) -> Bool)? = nil
  ) -> Bool {
    let dims = constant.tensor.dims
    guard dims.count >= 2, let side = dims.last, dims[dims.count - 2] == side,
      dims.reduce(1, *) == side * side, side > 1, side <= 4096, !constant.tensor.isAbsent
    else { return false }
    let values = constant.tensor.floats()
    return values.indices.allSatisfy { place in
      let isLater = place % side > place / side
      return isLater ? isHidden(values[place]) : isShown?(values[place]) ?? !isHidden(values[place])
    }
  }

  /// The heads that an operand of a product is.
  private func heads(_ operand: Operand, _ isHeadsLast: Bool) -> Heads? {
    var (operand, scale) = (behindReshape(operand), 1.0)
    func takeScale() {
      guard let (source, line) = graph.activation(operand, "linear"),
        line.attributes["beta"] == nil
      else { return }
      scale *= line.attributes["alpha"].flatMap(Double.init) ?? 1
      operand = source
    }
    takeScale()
    var rotary: Double?
    if let turn = self.turned(operand) { (operand, rotary) = turn }
    guard let place = graph.maker(operand), graph.drafts[place].element == "transpose",
      graph.uses[place] == (rotary == nil ? 1 : 3)
    else { return nil }
    let turned = graph.drafts[place]
    let isExchanged: Bool
    switch (isHeadsLast, turned.attributes["perm"]) {
    case (true, "0,2,1,3"), (false, "1,0,2"): isExchanged = false
    case (true, "0,2,3,1"), (false, "1,2,0"): isExchanged = true
    default: return nil
    }
    guard let apart = graph.element(turned.operands[0], "reshape") else { return nil }
    operand = apart.operands[0]
    takeScale()
    guard let fc = graph.only(operand), graph.drafts[fc].element == "fc",
      graph.drafts[fc].unsupported == nil
    else { return nil }
    let (wide, parts) = (graph.drafts[fc].type.dims, apart.type.dims)
    guard wide.count == 3, parts.last.map({ wide[2].isMultiple(of: $0) }) == true else {
      return nil
    }
    let size = parts[parts.count - 1]
    let count = wide[2] / size
    let wanted = isHeadsLast ? [wide[0], wide[1], count, size] : [wide[0], wide[1] * count, size]
    guard parts == wanted else { return nil }
    return Heads(
      fc: fc, source: graph.drafts[fc].operands[0], scale: scale, isExchanged: isExchanged,
      count: count, size: size, rotary: rotary)
  }

  // MARK: Result

  private mutating func replacements(
    _ all: [Heads], _ mix: Int, _ isHeadsLast: Bool, _ additions: Additions
  ) -> [(slot: Int, draft: Draft)]? {
    let (source, memory) = (all[0].source, all[1].source)
    let (dims, out) = (graph.type(source).dims, graph.drafts[index])
    guard dims.count == 3, out.type.dims == dims, !isHeadsLast || dims[0] == 1 else { return nil }
    var attributes = ["heads": String(all[0].count)]
    if all[0].count * all[0].size != dims[2] { attributes["head-size"] = String(all[0].size) }
    if all[1].count != all[0].count { attributes["kv-heads"] = String(all[1].count) }
    if additions.isCausal { attributes["causal"] = "true" }
    if let base = all[0].rotary { attributes["rotary"] = NumberText.real(base) }
    if let bias = additions.bias { attributes["relative-bias"] = String(bias.window) }
    guard var weights = weights(all, &attributes) else { return nil }
    var changes: [(slot: Int, draft: Draft)] = []
    // What the projections made is needed no more: their places take what makes sequences.
    func sequence(_ operand: Operand, _ slot: Int) -> (Operand, TensorType)? {
      let type = graph.type(operand)
      let wanted = isHeadsLast ? [type.dims[1], 1, type.dims[2]] : type.dims
      if type.layout == .tnc, type.dims == wanted { return (operand, type) }
      guard type.dims.count == 3,
        let draft = try? Draft(
          "reshape", ["shape": NumberText.dims(wanted), "layout": "tnc"], [operand], types: [type],
          node: out.node)
      else { return nil }
      changes.append((slot, draft))
      return (.draft(slot), draft.type)
    }
    guard let first = sequence(source, all[0].fc) else { return nil }
    var operands = [first]
    if memory != source {
      guard let second = sequence(memory, all[1].fc) else { return nil }
      operands.append(second)
      attributes["memory"] = "memory"
    }
    if let bias = additions.bias {
      weights.append(("relative_position_bias_table", bias.table))
    }
    if let mask = additions.mask {
      guard let operand = graph.constant(mask.constant, as: mask.dims) else { return nil }
      operands.append((operand, graph.type(operand)))
      attributes["mask"] = "mask"
    }
    guard
      let attention = try? Draft(
        "attention", attributes, operands.map(\.0), types: operands.map(\.1), weights: weights,
        node: out.node)
    else { return nil }
    if attention.type.dims == dims { return changes + [(index, attention)] }
    guard
      let back = try? Draft(
        "reshape", ["shape": NumberText.dims(dims)], [.draft(mix)], types: [attention.type],
        node: out.node)
    else { return nil }
    return changes + [(mix, attention), (index, back)]
  }

  /// The constants as PyTorch keeps them; `nil` where only some products have a bias.
  private func weights(_ all: [Heads], _ attributes: inout [String: String])
    -> [(name: String, tensor: ConstantTensor)]?
  {
    let out = graph.drafts[index]
    let inner = all.map { graph.drafts[$0.fc] }
    func tensors(_ name: String) -> [ConstantTensor] {
      (inner + [out]).compactMap { draft in draft.weights.first { $0.name == name }?.tensor }
    }
    let (matrices, biases) = (tensors("weight"), tensors("bias"))
    guard matrices.count == 4, biases.isEmpty || biases.count == 4,
      (matrices + biases).allSatisfy({ !$0.isAbsent })
    else { return nil }
    var result: [(name: String, tensor: ConstantTensor)] = []
    let side = matrices[0].dims[1]
    if matrices.dropLast().allSatisfy({ $0.dims == [side, side] }) {
      result.append(("in_proj_weight", stacked(Array(matrices.dropLast()))))
    } else {
      let names = ["q_proj_weight", "k_proj_weight", "v_proj_weight"]
      for (name, matrix) in zip(names, matrices) { result.append((name, matrix)) }
    }
    if biases.isEmpty {
      attributes["bias"] = "false"
    } else {
      result.append(("in_proj_bias", stacked(Array(biases.dropLast()))))
    }
    result.append(("out_proj.weight", matrices[3]))
    if let bias = biases.last { result.append(("out_proj.bias", bias)) }
    return result
  }

  private func stacked(_ parts: [ConstantTensor]) -> ConstantTensor {
    let whole = KeyedTensor.stacked(parts.map(\.keyed))
    return ConstantTensor(dims: whole.dims, elementType: .f32, .keyed(whole))
  }
}
