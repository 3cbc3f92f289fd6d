import Topology

/// The primitives of a network to be, with who reads what: what patterns are looked for in.
struct DraftGraph {
  private(set) var drafts: [Draft]
  /// What leaves the network.
  let outputs: [Operand]
  private(set) var constants: [Translation.NamedConstant]
  let inputs: [Translation.NetworkInput]
  /// How often each primitive's result, or a state of it, is read.
  private(set) var uses: [Int]

  init(_ translation: Translation, outputs: [Operand]) {
    drafts = translation.drafts
    constants = translation.constants
    inputs = translation.inputs
    self.outputs = outputs
    uses = Array(repeating: 0, count: drafts.count)
    for output in outputs { count(output, 1) }
    // Backwards: what nobody reads reads nothing.
    for index in drafts.indices.reversed() where uses[index] > 0 {
      for operand in drafts[index].operands { count(operand, 1) }
    }
  }

  /// A constant under other dims, for whom they are those of.
  mutating func constant(_ index: Int, as dims: [Int]) -> Operand? {
    let known = constants[index]
    if let place = constants.firstIndex(where: { $0.name == known.name && $0.tensor.dims == dims })
    {
      return .constant(place)
    }
    guard let type = try? TensorType(dims: dims, Layout.natural(dims.count)) else { return nil }
    constants.append(
      Translation.NamedConstant(
        name: known.name, tensor: known.tensor.reshaped(dims), type: type))
    return .constant(constants.count - 1)
  }

  private mutating func count(_ operand: Operand, _ change: Int) {
    switch operand {
    case .draft(let index), .state(let index, _): uses[index] += change
    case .input, .constant: break
    }
  }

  /// Whether something reads a primitive.
  func isAlive(_ index: Int) -> Bool { uses[index] > 0 }

  /// Puts another primitive in the place of one; what only that one read is read no more.
  mutating func replace(_ index: Int, by draft: Draft) {
    for operand in draft.operands { count(operand, 1) }
    let old = drafts[index].operands
    drafts[index] = draft
    for operand in old { release(operand) }
  }

  private mutating func release(_ operand: Operand) {
    var pending = [operand]
    while let next = pending.popLast() {
      count(next, -1)
      switch next {
      case .draft(let index), .state(let index, _):
        if uses[index] == 0 { pending += drafts[index].operands }
      case .input, .constant: continue
      }
    }
  }

  /// The primitive that makes an operand; `nil` for what is none.
  func maker(_ operand: Operand) -> Int? {
    if case .draft(let index) = operand { return index }
    return nil
  }

  /// The primitive that makes an operand which nothing else reads.
  func only(_ operand: Operand) -> Int? {
    guard let index = maker(operand), uses[index] == 1 else { return nil }
    return index
  }

  /// The activation of a kind that makes an operand which nothing else reads: what it reads, its numbers.
  func activation(_ operand: Operand, _ kind: String) -> (source: Operand, draft: Draft)? {
    guard let index = only(operand), drafts[index].element == "activation",
      drafts[index].unsupported == nil, drafts[index].attributes["kind"] == kind
    else { return nil }
    return (drafts[index].operands[0], drafts[index])
  }

  /// The line that makes an operand which nothing else reads, if it has these numbers.
  func line(_ operand: Operand, alpha: Double = 1, beta: Double = 0) -> Operand? {
    guard let (source, draft) = activation(operand, "linear"),
      draft.number("alpha", 1, isNear: alpha), draft.number("beta", 0, isNear: beta)
    else { return nil }
    return source
  }

  /// The primitive of an element that makes an operand which nothing else reads.
  func element(_ operand: Operand, _ element: String) -> Draft? {
    guard let index = only(operand), drafts[index].element == element,
      drafts[index].unsupported == nil
    else { return nil }
    return drafts[index]
  }

  /// The operand of an operator that no layer has and that makes an operand which nothing else reads.
  func absorbable(_ operand: Operand, _ name: String) -> Operand? {
    guard let index = only(operand), drafts[index].unsupported == name else { return nil }
    return drafts[index].operands[0]
  }

  /// The type of an operand.
  func type(_ operand: Operand) -> TensorType {
    switch operand {
    case .input(let index): inputs[index].type
    case .constant(let index): constants[index].type
    case .draft(let index): drafts[index].type
    case .state(let index, let number):
      (try? drafts[index].kind.states(drafts[index].operands.map(type)))?[number].type
        ?? drafts[index].type
    }
  }

  /// A primitive in the place of another, with the same node; `nil` where it does not fit.
  func draft(
    _ element: String, _ attributes: [String: String], _ operands: [Operand], insteadOf index: Int,
    weights: [(name: String, tensor: ConstantTensor)] = []
  ) -> Draft? {
    let made = try? Draft(
      element, attributes, operands, types: operands.map(type), weights: weights,
      node: drafts[index].node)
    guard let made, made.type.dims == drafts[index].type.dims else { return nil }
    return made
  }
}

extension Draft {
  /// Whether a number among the attributes is close to one, as far as f32 tells.
  func number(_ name: String, _ fallback: Double, isNear wanted: Double) -> Bool {
    let value = attributes[name].flatMap(Double.init) ?? fallback
    return abs(value - wanted) <= 1e-6 * max(abs(wanted), 1e-3)
  }
}
