import Topology

extension Patterns {
  /// (x − mean)/√(variance + epsilon)·scale + shift, over the last dimensions.
  static func layerNormalization(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "add" else { return nil }
    for (scaled, shift) in draft.pairs {
      guard let product = graph.element(scaled, "mul"), let bias = learned(graph, shift) else {
        continue
      }
      for (standard, factor) in product.pairs {
        guard let scale = learned(graph, factor),
          let quotient = graph.element(standard, "div"), quotient.operands.count == 2,
          let (x, first, epsilon) = deviation(graph, quotient.operands[0], quotient.operands[1])
        else { continue }
        let type = graph.type(x)
        let part = Array(type.dims[first...])
        let width = part.reduce(1, *)
        guard scale.count == width, bias.count == width else { continue }
        return graph.draft(
          "layer-norm", attributes(epsilon, first, type.dims.count), [x], insteadOf: index,
          weights: [("weight", scale.reshaped(part)), ("bias", bias.reshaped(part))])
      }
    }
    return nil
  }

  /// x/√(mean of squares + epsilon)·scale.
  static func rootMeanSquare(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "mul" else { return nil }
    for (standard, factor) in draft.pairs {
      guard let scale = learned(graph, factor) else { continue }
      var parts: [(x: Operand, root: Operand)] = []
      if let quotient = graph.element(standard, "div"), quotient.operands.count == 2 {
        parts.append((quotient.operands[0], quotient.operands[1]))
      } else if let product = graph.element(standard, "mul") {
        for (x, inverse) in product.pairs {
          guard let (root, power) = graph.activation(inverse, "pow"),
            power.number("alpha", 1, isNear: 1), power.number("beta", 1, isNear: -1)
          else { continue }
          parts.append((x, root))
        }
      }
      for (x, root) in parts {
        guard let (mean, epsilon) = rootOfSum(graph, root),
          let (squares, first) = lastMean(graph, mean),
          let (source, _) = graph.activation(squares, "square"), source == x,
          // What is centred before is a part of a layer normalisation.
          centered(graph, x, first) == nil
        else { continue }
        let type = graph.type(x)
        let part = Array(type.dims[first...])
        guard scale.count == part.reduce(1, *) else { continue }
        return graph.draft(
          "rms-norm", attributes(epsilon, first, type.dims.count), [x], insteadOf: index,
          weights: [("weight", scale.reshaped(part))])
      }
    }
    return nil
  }

  /// Groups of channels as instances, then scale and shift a channel.
  static func groupNormalization(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "add" else { return nil }
    for (scaled, shift) in draft.pairs {
      guard let product = graph.element(scaled, "mul"), let bias = learned(graph, shift) else {
        continue
      }
      for (image, factor) in product.pairs {
        guard let scale = learned(graph, factor), let back = graph.element(image, "reshape"),
          let instance = graph.element(back.operands[0], "instance-norm"),
          instance.weights.allSatisfy({ weight in
            weight.tensor.floats().allSatisfy { $0 == (weight.name == "weight" ? 1 : 0) }
          }), let rows = graph.element(instance.operands[0], "reshape")
        else { continue }
        let x = rows.operands[0]
        let (dims, groups) = (graph.type(x).dims, rows.type.dims)
        guard dims.count >= 2, groups.count == 3, groups[0] == dims[0], dims == draft.type.dims,
          scale.count == dims[1], bias.count == dims[1], dims[1].isMultiple(of: groups[1])
        else { continue }
        var attributes = instance.attributes
        attributes["groups"] = String(groups[1])
        return graph.draft(
          "group-norm", attributes, [x], insteadOf: index,
          weights: [
            ("weight", scale.reshaped([dims[1]])), ("bias", bias.reshaped([dims[1]])),
          ])
      }
    }
    return nil
  }

  /// The sum of both directions of a recurrent layer.
  static func summedDirections(_ graph: DraftGraph, _ index: Int) -> Draft? {
    let draft = graph.drafts[index]
    guard draft.element == "reduce", draft.attributes["kind"] == "sum",
      draft.attributes["axes"] == "1", draft.attributes["keepdims"] == "false",
      let turned = graph.element(draft.operands[0], "transpose"),
      turned.attributes["perm"] == "0,2,1,3",
      let parts = graph.element(turned.operands[0], "reshape"),
      let maker = graph.only(parts.operands[0]),
      graph.drafts[maker].attributes["direction"] == "bidirectional"
    else { return nil }
    var attributes = graph.drafts[maker].attributes
    attributes["direction"] = "bidirectional-sum"
    return graph.draft(
      graph.drafts[maker].element, attributes, graph.drafts[maker].operands, insteadOf: index,
      weights: graph.drafts[maker].weights)
  }

  /// A constant that may be weights.
  private static func learned(_ graph: DraftGraph, _ operand: Operand) -> ConstantTensor? {
    guard case .constant(let index) = operand, graph.constants[index].tensor.elementType.isReal
    else { return nil }
    return graph.constants[index].tensor
  }

  private static func attributes(_ epsilon: Double, _ first: Int, _ rank: Int) -> [String: String] {
    var attributes: [String: String] = [:]
    if Float(epsilon) != 1e-5 { attributes["epsilon"] = NumberText.real(epsilon) }
    if first != rank - 1 { attributes["axis"] = String(first) }
    return attributes
  }

  /// x and the first of the dimensions of d = x − mean(x) and r = √(mean(d²) + epsilon).
  private static func deviation(_ graph: DraftGraph, _ difference: Operand, _ root: Operand)
    -> (x: Operand, first: Int, epsilon: Double)?
  {
    guard let (variance, epsilon) = rootOfSum(graph, root),
      let (squares, first) = lastMean(graph, variance),
      let (other, _) = graph.activation(squares, "square"),
      let x = centered(graph, difference, first),
      other == difference || centered(graph, other, first) == x
    else { return nil }
    return (x, first, epsilon)
  }

  /// x of x − mean(x) over the dimensions from one on.
  private static func centered(_ graph: DraftGraph, _ operand: Operand, _ first: Int) -> Operand? {
    guard let index = graph.maker(operand), graph.drafts[index].element == "sub",
      graph.drafts[index].operands.count == 2,
      let mean = graph.maker(graph.drafts[index].operands[1]),
      graph.drafts[mean].isMean(from: first),
      graph.drafts[mean].operands[0] == graph.drafts[index].operands[0]
    else { return nil }
    return graph.drafts[index].operands[0]
  }

  /// The operand and epsilon of √(operand + epsilon).
  private static func rootOfSum(_ graph: DraftGraph, _ root: Operand) -> (Operand, Double)? {
    guard let (sum, _) = graph.activation(root, "sqrt"),
      let (source, line) = graph.activation(sum, "linear"), line.attributes["alpha"] == nil,
      let epsilon = line.attributes["beta"].flatMap(Double.init), epsilon > 0
    else { return nil }
    return (source, epsilon)
  }

  /// The operand and first dimension of a mean over the last dimensions.
  private static func lastMean(_ graph: DraftGraph, _ operand: Operand) -> (Operand, Int)? {
    guard let draft = graph.element(operand, "reduce"),
      let first = draft.attributes["axes"]?.split(separator: ",").first.flatMap({ Int($0) }),
      draft.isMean(from: first)
    else { return nil }
    return (draft.operands[0], first)
  }
}

extension Draft {
  /// Whether it is a mean over all dimensions from one on, which stay as ones.
  fileprivate func isMean(from first: Int) -> Bool {
    element == "reduce" && attributes["kind"] == "mean" && attributes["keepdims"] == nil
      && attributes["axes"] == NumberText.list(Array(first..<type.dims.count))
  }
}
