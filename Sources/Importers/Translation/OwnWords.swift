import Topology

extension Translation {
  /// What gives the same elements other dims.
  static let reshapeElements: Set<String> = ["reshape", "flatten", "squeeze", "unsqueeze"]
  /// What may hand on what it reads.
  private static let handsOn: Set<String> = reshapeElements.union(["dropout", "inlay"])

  /// Whether ntprof wrote the model.
  var isOwn: Bool { graph.producer == "ntprof" }

  /// Takes the element and attributes that ntprof wrote beside a node, where they say what was made of it
  /// since there were so many primitives.
  mutating func adoptWords(of node: OperatorNode, since before: Int) {
    guard isOwn, let words = node.words, case .flow(var result)? = values[node.outputs[0]],
      case .flow(let source)? = node.inputs.first.flatMap({ values[$0] })
    else { return }
    if drafts.count == before {
      guard Translation.handsOn.contains(words.element),
        let draft = try? Draft(
          words.element, words.attributes, [source.operand], types: [source.type], node: current),
        draft.type.dims == result.type.dims
      else { return }
      drafts.append(draft)
    } else {
      let last = drafts.count - 1
      guard drafts.count == before + 1, result.operand == .draft(last) else { return }
      let made = drafts[last]
      if Translation.reshapeElements.contains(words.element),
        Translation.reshapeElements.contains(made.element)
      {
        guard
          let draft = try? Draft(
            words.element, words.attributes, [source.operand], types: [source.type], node: current),
          draft.type.dims == made.type.dims
        else { return }
        drafts[last] = draft
        // As it is written: no later one takes it for a part of itself.
        reshapes[last] = nil
      } else if let draft = words.draft(insteadOf: made, types: draftTypes(of: made)) {
        drafts[last] = draft
      }
    }
    let last = drafts.count - 1
    result = Flow(.draft(last), drafts[last].type, result.elementType, dims: result.dims)
    set(node, result)
  }
}

extension DraftGraph {
  /// Takes the elements and attributes that ntprof wrote beside nodes, where they say what was made of them.
  mutating func adoptWords(of nodes: [OperatorNode]) {
    for index in drafts.indices where isAlive(index) {
      guard let words = nodes[drafts[index].node].words,
        let draft = words.draft(
          insteadOf: drafts[index], types: drafts[index].operands.map(type))
      else { continue }
      replace(index, by: draft)
    }
  }

  /// Joins recurrent layers that ntprof wrote as one of several, and that feed on each other.
  mutating func joinStacks(of nodes: [OperatorNode]) {
    for index in drafts.indices where isAlive(index) {
      guard let words = nodes[drafts[index].node].words, words.element == drafts[index].element,
        let count = words.attributes["layers"].flatMap({ Int($0) }), count > 1
      else { continue }
      var chain = [index]
      while chain.count < count, let before = drafts[chain[0]].operands.first.flatMap(only),
        drafts[before].element == words.element,
        nodes[drafts[before].node].words == words
      {
        chain.insert(before, at: 0)
      }
      guard chain.count == count else { continue }
      var weights: [(name: String, tensor: ConstantTensor)] = []
      for (layer, place) in chain.enumerated() {
        for weight in drafts[place].weights {
          weights.append((weight.name.replacing("_l0", with: "_l\(layer)"), weight.tensor))
        }
      }
      let operands = drafts[chain[0]].operands
      guard
        let draft = try? Draft(
          words.element, words.attributes, operands, types: operands.map(type), weights: weights,
          node: drafts[index].node), draft.type.dims == drafts[index].type.dims
      else { continue }
      replace(index, by: draft)
    }
  }
}

extension PrimitiveWords {
  /// The primitive that they say in the place of one that computes the same; `nil` where it is none.
  fileprivate func draft(insteadOf made: Draft, types: [TensorType]) -> Draft? {
    if made.element == element, made.attributes == attributes || made.unsupported != nil {
      return nil
    }
    guard made.unsupported == nil,
      let said = try? Draft(
        element, attributes, made.operands, types: types, weights: made.weights, node: made.node),
      said.type.dims == made.type.dims
    else { return nil }
    if AnyHashable(said.kind) == AnyHashable(made.kind) { return said }
    guard let operations = said.operations(types), operations == made.operations(types) else {
      return nil
    }
    return said
  }
}

extension Draft {
  /// What it is lowered to, in words; `nil` where that cannot be.
  fileprivate func operations(_ types: [TensorType]) -> [String]? {
    var builder = GraphBuilder(name: "one")
    do throws(GraphError) {
      for (place, type) in types.enumerated() {
        try builder.addInput(name: "in\(place)", type: type)
      }
      try builder.addLayer(
        name: "layer", inputs: types.indices.map { "in\($0)" },
        primitives: [.init(element: element, kind: kind)])
      return try builder.build().program().instructions
        .filter { instruction in
          if case .identity = instruction.operation { return false }
          return true
        }
        .map { instruction in
          "\(instruction.operation) "
            + instruction.weights.map { "\($0.role) \($0.dims) \(String(describing: $0.pattern))" }
            .joined(separator: " ")
        }
    } catch {
      return nil
    }
  }
}
