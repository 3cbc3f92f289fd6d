import Topology

extension NetworkGenerator {
  static let elementwise: [String: Rule] = {
    var rules: [String: Rule] = [
      "activation": Rule { g, _ in activation(&g.dice) },
      "prelu": Rule { g, _ in
        one("prelu", g.dice.oneIn(2) ? [:] : ["shared": g.dice.yesNo()])
      },
      "cumsum": Rule { g, type in
        var attributes: [String: String] = [:]
        g.dice.maybe(&attributes, "axis") { $0.axis(type.shape.rank) }
        g.dice.maybe(&attributes, "exclusive") { $0.yesNo() }
        g.dice.maybe(&attributes, "reverse") { $0.yesNo() }
        return one("cumsum", attributes)
      },
      "div": Rule { g, type in
        // Far enough from 0.
        let dims = g.dice.oneIn(2) ? [1] : type.dims.map { g.dice.oneIn(2) ? 1 : $0 }
        let divisor = g.newConstant(dims, ["kind": "range", "value": "0.5", "step": "0.25"])
        return divisor.map { one("div", with: [$0]) }
      },
      "quantize": Rule { g, _ in
        var attributes = ["scale": g.dice.pick(["0.05", "0.1", "0.03125"])]
        let type = g.dice.pick(["u8", "s8"])
        if type == "s8" || g.dice.oneIn(2) { attributes["type"] = type }
        if g.dice.oneIn(2) {
          attributes["zero-point"] = g.dice.pick(type == "s8" ? ["-3", "7"] : ["128", "100"])
        }
        return one("quantize", attributes)
      },
      "dequantize": Rule { g, _ in
        var attributes = ["scale": g.dice.pick(["0.05", "0.1", "0.03125"])]
        g.dice.maybe(&attributes, "zero-point") { $0.pick(["-3", "128", "0"]) }
        return one("dequantize", attributes)
      },
      "where": Rule { g, type in
        guard let one = g.broadcastable(type.dims), let other = g.broadcastable(type.dims) else {
          return nil
        }
        if g.dice.oneIn(3) { return NetworkGenerator.one("where", with: [one, other]) }
        // The condition is a comparison's.
        guard let threshold = g.broadcastable(type.dims) else { return nil }
        let element = g.dice.pick(["greater", "less-or-equal"])
        return NetworkGenerator.one(element, with: [threshold])
          + NetworkGenerator.one("where", with: [one, other])
      },
      "dropout": Rule { g, _ in one("dropout", g.dice.oneIn(2) ? [:] : ["rate": "0.25"]) },
      "concat": Rule { g, type in
        let rank = type.shape.rank
        let axis = g.dice.below(rank)
        var attributes: [String: String] = [:]
        if axis != 1 || g.dice.oneIn(2) {
          attributes["axis"] = String(g.dice.oneIn(3) ? axis - rank : axis)
        }
        var with: [String] = []
        for _ in 0..<g.dice.within(1...3) {
          let peers = g.values.filter { peer in
            peer.type.shape.rank == rank
              && (0..<rank).allSatisfy { $0 == axis || peer.type.dims[$0] == type.dims[$0] }
          }
          if !peers.isEmpty, !g.dice.oneIn(3) {
            with.append(g.dice.pick(peers).name)
            continue
          }
          var dims = type.dims
          dims[axis] = g.dice.pick([1, 2, 3, 5, 8])
          if g.dice.oneIn(3) { dims = dims.enumerated().map { $0 == axis ? $1 : 1 } }
          guard let other = g.operand(dims) else { return nil }
          with.append(other)
        }
        return one("concat", attributes, with: with)
      },
    ]
    for element in ["add", "sub", "mul", "max", "min"] {
      rules[element] = Rule { g, type in
        var with: [String] = []
        for _ in 0..<(g.dice.oneIn(5) ? 2 : 1) {
          guard let other = g.broadcastable(type.dims) else { return nil }
          with.append(other)
        }
        return one(element, with: with)
      }
    }
    for element in ["equal", "greater", "greater-or-equal", "less", "less-or-equal"] {
      rules[element] = Rule { g, type in
        g.broadcastable(type.dims).map { one(element, with: [$0]) }
      }
    }
    return rules
  }()

  /// Functions that take every number.
  private static let total = [
    "abs", "clip", "clipped-relu", "elu", "exp", "gelu", "gelu-tanh", "hard-sigmoid", "hard-swish",
    "leaky-relu", "linear", "log-sigmoid", "mish", "relu", "relu6", "round", "sigmoid", "soft-plus",
    "square", "swish", "tanh",
  ]

  private static func activation(_ dice: inout Dice) -> Rule.Proposal {
    // Roots and logarithms of what is well above 0.
    if dice.oneIn(6) {
      let kind = dice.pick(["log", "sqrt", "pow"])
      var attributes = ["kind": kind]
      if kind == "pow" {
        attributes["beta"] = dice.pick(["0.5", "2", "-1", "1.5"])
        dice.maybe(&attributes, "alpha") { $0.pick(["2", "-0.5"]) }
      }
      return one("activation", ["kind": "abs"])
        + one("activation", ["kind": "linear", "beta": "0.5"]) + one("activation", attributes)
    }
    let kind = dice.pick(total)
    var attributes = ["kind": kind]
    switch kind {
    case "clip":
      attributes["alpha"] = dice.pick(["-0.5", "0", "-1"])
      attributes["beta"] = dice.pick(["0.5", "1", "0.75"])
    case "clipped-relu": attributes["max"] = dice.pick(["0.5", "20", "0"])
    case "elu", "leaky-relu", "swish":
      dice.maybe(&attributes, "alpha") { $0.pick(["0.3", "1.5", "0"]) }
    case "hard-sigmoid", "linear":
      dice.maybe(&attributes, "alpha") { $0.pick(["0.25", "-1.5", "0.1"]) }
      dice.maybe(&attributes, "beta") { $0.pick(["0.25", "-0.5"]) }
    default: break
    }
    return one("activation", attributes)
  }
}
