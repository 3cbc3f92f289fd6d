import Topology

/// What models write out by hand and ntprof has an element for.
enum Patterns {
  private typealias Pattern = @Sendable (DraftGraph, Int) -> Draft?

  /// In this order at each primitive; those that others are made of come first.
  private static let all: [Pattern] = [
    line, hardSigmoid, hardSwish, swish, logSigmoid, gelu, geluTanh, layerNormalization,
    rootMeanSquare, groupNormalization, summedDirections, roll,
  ]

  /// Puts elements in the place of what is written out.
  static func apply(to graph: inout DraftGraph) {
    for index in graph.drafts.indices where graph.isAlive(index) {
      guard graph.drafts[index].unsupported == nil else { continue }
      for pattern in all {
        if let draft = pattern(graph, index) { graph.replace(index, by: draft) }
      }
      AttentionPattern.apply(to: &graph, endingAt: index)
    }
  }

  /// alpha·x, then + beta.
  private static func line(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.isActivation("linear"), draft.attributes["alpha"] == nil,
      let beta = draft.attributes["beta"],
      let (source, before) = graph.activation(draft.operands[0], "linear"),
      before.attributes["beta"] == nil, let alpha = before.attributes["alpha"]
    else { return nil }
    return graph.draft(
      "activation", ["kind": "linear", "alpha": alpha, "beta": beta], [source], insteadOf: index)
  }

  /// relu6(x + 3)/6.
  private static func hardSigmoid(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.isActivation("linear"), draft.number("alpha", 1, isNear: 1.0 / 6),
      draft.attributes["beta"] == nil,
      let (moved, _) = graph.activation(draft.operands[0], "relu6"),
      let source = graph.line(moved, beta: 3)
    else { return nil }
    return graph.draft(
      "activation",
      ["kind": "hard-sigmoid", "alpha": NumberText.real(1.0 / 6), "beta": "0.5"], [source],
      insteadOf: index)
  }

  /// x·hard-sigmoid(x) with its numbers, and x·relu6(x + 3), then /6.
  private static func hardSwish(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    if draft.element == "mul" {
      for (x, gate) in draft.pairs {
        guard let (source, sigmoid) = graph.activation(gate, "hard-sigmoid"), source == x,
          sigmoid.number("alpha", 0.2, isNear: 1.0 / 6), sigmoid.number("beta", 0.5, isNear: 0.5)
        else { continue }
        return graph.draft("activation", ["kind": "hard-swish"], [x], insteadOf: index)
      }
      return nil
    }
    guard draft.isActivation("linear"), draft.number("alpha", 1, isNear: 1.0 / 6),
      draft.attributes["beta"] == nil, let product = graph.element(draft.operands[0], "mul")
    else { return nil }
    for (x, gate) in product.pairs {
      guard let (moved, _) = graph.activation(gate, "relu6"),
        let source = graph.line(moved, beta: 3), source == x
      else { continue }
      return graph.draft("activation", ["kind": "hard-swish"], [x], insteadOf: index)
    }
    return nil
  }

  /// x·sigmoid(alpha·x) and x·tanh(ln(1 + eˣ)).
  private static func swish(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "mul" else { return nil }
    for (x, gate) in draft.pairs {
      if let (source, _) = graph.activation(gate, "sigmoid") {
        if source == x {
          return graph.draft("activation", ["kind": "swish"], [x], insteadOf: index)
        }
        if let (inner, line) = graph.activation(source, "linear"), inner == x,
          line.attributes["beta"] == nil, let alpha = line.attributes["alpha"]
        {
          return graph.draft(
            "activation", ["kind": "swish", "alpha": alpha], [x], insteadOf: index)
        }
      }
      if let (plus, _) = graph.activation(gate, "tanh"),
        let (source, _) = graph.activation(plus, "soft-plus"), source == x
      {
        return graph.draft("activation", ["kind": "mish"], [x], insteadOf: index)
      }
    }
    return nil
  }

  /// −ln(1 + e⁻ˣ).
  private static func logSigmoid(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.isActivation("linear"), draft.number("alpha", 1, isNear: -1),
      draft.attributes["beta"] == nil,
      let (negative, _) = graph.activation(draft.operands[0], "soft-plus"),
      let source = graph.line(negative, alpha: -1)
    else { return nil }
    return graph.draft("activation", ["kind": "log-sigmoid"], [source], insteadOf: index)
  }

  /// x/2 times a gate of 1 + f(x), in any of the orders that exporters write; the gate and x.
  private static func halfGated(_ graph: DraftGraph, _ index: Int) -> [(x: Operand, gate: Operand)]
  {
    let draft = graph.drafts[index]
    if draft.isActivation("linear"), draft.number("alpha", 1, isNear: 0.5),
      draft.attributes["beta"] == nil, let product = graph.element(draft.operands[0], "mul")
    {
      return product.pairs
    }
    guard draft.element == "mul" else { return [] }
    return draft.pairs.compactMap { one, other in
      if let x = graph.line(one, alpha: 0.5) { return (x, other) }
      if let gate = graph.line(other, alpha: 0.5) { return (one, gate) }
      return nil
    }
  }

  /// x/2·(1 + erf(x/√2)).
  private static func gelu(_ graph: DraftGraph, _ index: Int) -> Draft? {
    for (x, gate) in halfGated(graph, index) {
      guard let erf = graph.line(gate, beta: 1), let scaled = graph.absorbable(erf, "Erf"),
        let source = graph.line(scaled, alpha: 0.5.squareRoot()), source == x
      else { continue }
      return graph.draft("activation", ["kind": "gelu"], [x], insteadOf: index)
    }
    return nil
  }

  /// x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  private static func geluTanh(_ graph: DraftGraph, _ index: Int) -> Draft? {
    for (x, gate) in halfGated(graph, index) {
      guard let bent = graph.line(gate, beta: 1), let (scaled, _) = graph.activation(bent, "tanh"),
        let sum = graph.line(scaled, alpha: (2 / Double.pi).squareRoot()),
        let inner = graph.element(sum, "add")
      else { continue }
      for (one, other) in inner.pairs where one == x {
        guard let cube = graph.line(other, alpha: 0.044715),
          let (source, power) = graph.activation(cube, "pow"), source == x,
          power.number("alpha", 1, isNear: 1), power.number("beta", 1, isNear: 3)
        else { continue }
        return graph.draft("activation", ["kind": "gelu-tanh"], [x], insteadOf: index)
      }
    }
    return nil
  }
}

extension Draft {
  /// Whether it is an activation of a kind.
  func isActivation(_ kind: String) -> Bool {
    element == "activation" && attributes["kind"] == kind
  }

  /// Its two operands, either one first.
  var pairs: [(Operand, Operand)] {
    guard operands.count == 2 else { return [] }
    return [(operands[0], operands[1]), (operands[1], operands[0])]
  }
}
