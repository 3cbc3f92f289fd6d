import Topology

extension Operators {
  /// Functions of one operand.
  static let functions: [String: Translation.Rule] = functionRules()

  private static func functionRules() -> [String: Translation.Rule] {
    var table: [String: Translation.Rule] = [
      "LeakyRelu": { (model, node) throws(TranslationFault) in
        try model.function(node, "leaky-relu", ["alpha": node.float("alpha", default: 0.01)])
      },
      "Elu": { (model, node) throws(TranslationFault) in
        try model.function(node, "elu", ["alpha": node.float("alpha", default: 1)])
      },
      "Celu": { (model, node) throws(TranslationFault) in
        guard node.float("alpha", default: 1) == 1 else { throw .unsupported("alpha other than 1") }
        try model.function(node, "elu", ["alpha": 1])
      },
      "Selu": { (model, node) throws(TranslationFault) in
        let alpha = node.float("alpha", default: 1.67326319217681884765625)
        let gamma = node.float("gamma", default: 1.05070102214813232421875)
        let bent = try model.activation("elu", ["alpha": alpha], try model.flow(node, 0))
        model.set(node, try model.activation("linear", ["alpha": gamma], bent))
      },
      "HardSigmoid": { (model, node) throws(TranslationFault) in
        try model.function(
          node, "hard-sigmoid",
          [
            "alpha": node.float("alpha", default: 0.2), "beta": node.float("beta", default: 0.5),
          ])
      },
      "Gelu": { (model, node) throws(TranslationFault) in
        try model.function(node, node.string("approximate") == "tanh" ? "gelu-tanh" : "gelu")
      },
      "Neg": { (model, node) throws(TranslationFault) in
        try model.function(node, "linear", ["alpha": -1])
      },
      "Reciprocal": { (model, node) throws(TranslationFault) in
        try model.function(node, "pow", ["alpha": 1, "beta": -1])
      },
      "Not": { (model, node) throws(TranslationFault) in
        try model.function(node, "linear", ["alpha": -1, "beta": 1])
      },
      "Clip": { (model, node) throws(TranslationFault) in try model.clip(node) },
      "PRelu": { (model, node) throws(TranslationFault) in try model.parametricRelu(node) },
      "Erf": { (model, node) throws(TranslationFault) in
        model.set(node, try model.absorbable("Erf", try model.flow(node, 0)))
      },
    ]
    let plain = [
      "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hard-swish",
      "Softplus": "soft-plus", "Exp": "exp", "Log": "log", "Abs": "abs", "Sqrt": "sqrt",
      "Round": "round", "Mish": "mish",
    ]
    for (type, kind) in plain {
      let rule: Translation.Rule = { (model, node) throws(TranslationFault) in
        try model.function(node, kind)
      }
      table[type] = rule
    }
    return table
  }
}

extension Translation {
  fileprivate mutating func function(
    _ node: OperatorNode, _ kind: String, _ numbers: [String: Double] = [:]
  ) throws(TranslationFault) {
    set(node, try activation(kind, numbers, try flow(node, 0)))
  }

  fileprivate mutating func clip(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    set(node, try clipped(data, try number(node, "min", 1), try number(node, "max", 2)))
  }

  /// A value kept within bounds.
  mutating func clipped(_ data: Flow, _ low: Double?, _ high: Double?) throws(TranslationFault)
    -> Flow
  {
    let most = Double(Float.greatestFiniteMagnitude)
    let (low, high) = (max(low ?? -most, -most), min(high ?? most, most))
    guard low <= high else { throw .unsupported("bounds that exclude everything") }
    if low == -most, high == most { return data }
    if low == 0, high == most { return try activation("relu", data) }
    if low == 0, high == 6 { return try activation("relu6", data) }
    if low == 0 { return try activation("clipped-relu", ["max": high], data) }
    return try activation("clip", ["alpha": low, "beta": high], data)
  }

  private mutating func activation(_ kind: String, _ data: Flow) throws(TranslationFault) -> Flow {
    try activation(kind, [:], data)
  }

  fileprivate mutating func parametricRelu(_ node: OperatorNode) throws(TranslationFault) {
    let data = try flow(node, 0)
    if let slope = try weightIfConstant(node, 1) {
      if slope.count == 1 {
        return set(
          node,
          try add(
            "prelu", ["shared": "true"], [data], weights: [("weight", slope.reshaped([1]))]))
      }
      let aligned = Array(repeating: 1, count: max(0, data.rank - slope.dims.count)) + slope.dims
      if data.rank >= 2, slope.count == data.dims[1], aligned.count == data.rank,
        aligned[1] == slope.count
      {
        let image = try channelsFirst(data)
        return set(
          node,
          try add("prelu", [:], [image], weights: [("weight", slope.reshaped([slope.count]))]))
      }
    }
    // A slope an element: the part above 0 less the slope times the part below.
    let slope = try flow(node, 1)
    let above = try activation("relu", data)
    let below = try activation("relu", try activation("linear", ["alpha": -1], data))
    let bent = try add("mul", [:], [below, slope])
    set(node, try add("sub", [:], [above, bent]))
  }
}
