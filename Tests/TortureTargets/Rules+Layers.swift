import Topology

extension NetworkGenerator {
  static let windows: [String: Rule] = [
    "conv": Rule(spatial) { g, type in
      var attributes = g.dice.window(type, dilates: true)
      g.dice.groups(type.dims[1], &attributes)
      return one("conv", attributes)
    },
    "deconv": Rule(spatial) { g, type in
      var attributes = g.dice.window(type, dilates: true)
      g.dice.groups(type.dims[1], &attributes)
      if g.dice.oneIn(3) {
        attributes["output-padding"] = g.dice.extents(type.layout.spatialRank, [0, 1, 2])
      }
      return one("deconv", attributes)
    },
    "pool": Rule(spatial) { g, type in
      var attributes = g.dice.window(type, dilates: false)
      g.dice.maybe(&attributes, "kind") { $0.pick(["max", "avg"]) }
      g.dice.maybe(&attributes, "count-include-pad") { $0.yesNo() }
      g.dice.maybe(&attributes, "ceil") { $0.yesNo() }
      return one("pool", attributes)
    },
    "global-pool": Rule(spatial) { g, _ in
      one("global-pool", g.dice.oneIn(2) ? [:] : ["kind": g.dice.pick(["max", "avg"])])
    },
    "resample": Rule(spatial) { g, type in
      var attributes: [String: String] = [:]
      let rank = type.layout.spatialRank
      if g.dice.oneIn(2) {
        attributes["size"] = g.dice.extents(rank, Rule.small)
      } else {
        let factors = (0..<(g.dice.oneIn(2) ? 1 : rank)).map { _ in
          g.dice.pick(["0.5", "1", "1.5", "2", "3", "0.75"])
        }
        attributes["scale"] = factors.joined(separator: "x")
      }
      g.dice.maybe(&attributes, "kind") { $0.pick(["nearest", "linear"]) }
      return one("resample", attributes)
    },
    "fc": Rule(leastRank: 2) { g, type in
      var attributes = ["units": String(g.dice.pick(Rule.channels))]
      g.dice.maybe(&attributes, "bias") { $0.yesNo() }
      if g.dice.oneIn(3) {
        let count = g.dice.within(1...max(1, type.shape.rank - 1))
        attributes["axes"] = (1...count).map { String(-$0) }.reversed().joined(separator: ",")
      }
      return one("fc", attributes)
    },
    "depth-to-space": Rule(
      [.nchw],
      dims: { dice in
        (
          [dice.within(1...2), 4 * dice.within(1...5), dice.within(1...7), dice.within(1...7)],
          .nchw
        )
      },
      propose: { g, _ in
        var attributes = ["block": g.dice.pick(["1", "2", "2", "3"])]
        g.dice.maybe(&attributes, "mode") { $0.pick(["dcr", "crd"]) }
        return one("depth-to-space", attributes)
      }),
    "space-to-depth": Rule(
      [.nchw],
      dims: { dice in
        (
          [dice.within(1...2), dice.within(1...9), 2 * dice.within(1...4), 2 * dice.within(1...4)],
          .nchw
        )
      }, propose: { g, _ in one("space-to-depth", ["block": g.dice.pick(["1", "2", "2", "3"])]) }),
  ]

  static let normalizations: [String: Rule] = [
    "batch-norm": Rule(leastRank: 2) { g, _ in one("batch-norm", g.epsilon()) },
    "layer-norm": Rule { g, type in
      var attributes = g.epsilon()
      g.dice.maybe(&attributes, "axis") { $0.axis(type.shape.rank) }
      return one("layer-norm", attributes)
    },
    "rms-norm": Rule { g, type in
      var attributes = g.epsilon()
      g.dice.maybe(&attributes, "axis") { $0.axis(type.shape.rank) }
      return one("rms-norm", attributes)
    },
    "group-norm": Rule([.nc, .ncw, .nchw, .ncdhw]) { g, type in
      var attributes = g.epsilon()
      let channels = type.dims[1]
      attributes["groups"] = String(
        g.dice.pick((1...channels).filter { channels.isMultiple(of: $0) }))
      return one("group-norm", attributes)
    },
    "instance-norm": Rule([.nc, .ncw, .nchw, .ncdhw]) { g, _ in one("instance-norm", g.epsilon()) },
    "lrn": Rule([.nc, .ncw, .nchw, .ncdhw]) { g, _ in
      var attributes = ["size": g.dice.pick(["1", "3", "5", "7"])]
      g.dice.maybe(&attributes, "alpha") { $0.pick(["0.5", "1e-2", "2"]) }
      g.dice.maybe(&attributes, "beta") { $0.pick(["0.5", "1", "0.6"]) }
      if g.dice.oneIn(3) { attributes[g.dice.pick(["k", "epsilon"])] = g.dice.pick(["2", "1.5"]) }
      return one("lrn", attributes)
    },
    "softmax": Rule { g, type in
      one("softmax", g.dice.oneIn(2) ? [:] : ["axis": g.dice.axis(type.shape.rank)])
    },
    "log-softmax": Rule { g, type in
      one("log-softmax", g.dice.oneIn(2) ? [:] : ["axis": g.dice.axis(type.shape.rank)])
    },
  ]

  private mutating func epsilon() -> [String: String] {
    dice.oneIn(2) ? [:] : ["epsilon": dice.pick(["1e-3", "0.1", "1e-5"])]
  }

  static let sequences: [String: Rule] = [
    "lstm": Rule([.tnc], dims: sequence) { g, type in
      recurrent("lstm", states: 2, on: type, &g)
    },
    "gru": Rule([.tnc], dims: sequence) { g, type in
      recurrent("gru", states: 1, on: type, &g)
    },
    "rnn": Rule([.tnc], dims: sequence) { g, type in
      recurrent("rnn", states: 1, on: type, &g)
    },
    "attention": Rule([.tnc], dims: sequence) { g, type in attention(on: type, &g) },
    "matmul": Rule(leastRank: 2) { g, type in
      var attributes: [String: String] = [:]
      g.dice.maybe(&attributes, "transpose-a") { $0.yesNo() }
      g.dice.maybe(&attributes, "transpose-b") { $0.yesNo() }
      func isSet(_ name: String) -> Bool { ["true", "1"].contains(attributes[name]) }
      let rank = type.shape.rank
      let inner = type.dims[isSet("transpose-a") ? rank - 2 : rank - 1]
      let columns = g.dice.pick(Rule.channels)
      let last = isSet("transpose-b") ? [columns, inner] : [inner, columns]
      var lead = Array(type.dims.dropLast(2))
      if g.dice.oneIn(3) { lead = lead.map { g.dice.oneIn(2) ? 1 : $0 } }
      if g.dice.oneIn(3) { lead = Array(lead.dropFirst(g.dice.below(lead.count + 1))) }
      guard let other = g.operand(lead + last) else { return nil }
      return one("matmul", attributes, with: [other])
    },
  ]

  private static let sequence: @Sendable (inout Dice) -> ([Int], Layout) = { dice in
    (
      [dice.pick([1, 2, 3, 4, 5, 7, 9]), dice.pick([1, 1, 2, 3, 5]), dice.pick(Rule.channels)], .tnc
    )
  }

  private static func recurrent(
    _ element: String, states: Int, on type: TensorType, _ g: inout NetworkGenerator
  ) -> Rule.Proposal? {
    let hidden = g.dice.pick([1, 2, 3, 5, 7, 8, 9, 16, 17, 24])
    var attributes = ["hidden": String(hidden)]
    var layers = 1
    if g.dice.oneIn(3) {
      layers = g.dice.within(1...3)
      attributes["layers"] = String(layers)
    }
    let direction = g.dice.pick(["forward", "backward", "bidirectional", "bidirectional-sum"])
    if direction != "forward" || g.dice.oneIn(3) { attributes["direction"] = direction }
    if element == "gru" { g.dice.maybe(&attributes, "linear-before-reset") { $0.yesNo() } }
    if element == "rnn" {
      g.dice.maybe(&attributes, "activation") { $0.pick(["relu", "tanh", "sigmoid"]) }
    }
    var with: [String] = []
    if g.dice.oneIn(3) {
      let directions = direction.hasPrefix("bi") ? 2 : 1
      for _ in 0..<states {
        guard let state = g.operand([layers * directions, type.dims[1], hidden]) else { return nil }
        with.append(state)
      }
    }
    return one(element, attributes, with: with)
  }

  private static func attention(
    on type: TensorType, _ g: inout NetworkGenerator
  ) -> Rule.Proposal? {
    let (steps, batch, channels) = (type.dims[0], type.dims[1], type.dims[2])
    let heads = g.dice.pick([1, 2, 3, 4])
    var attributes = ["heads": String(heads)]
    var keyHeads = heads
    if g.dice.oneIn(3) {
      keyHeads = g.dice.pick((1...heads).filter { heads.isMultiple(of: $0) })
      attributes["kv-heads"] = String(keyHeads)
    }
    var head = channels / heads
    if g.dice.oneIn(2) || !channels.isMultiple(of: heads) {
      head = g.dice.pick([1, 2, 3, 4, 6, 8])
      attributes["head-size"] = String(head)
    }
    g.dice.maybe(&attributes, "bias") { $0.yesNo() }
    if g.dice.oneIn(3) { attributes["causal"] = g.dice.yesNo() }
    if g.dice.oneIn(3) { attributes["rotary"] = g.dice.pick(["10000", "100", "500.5"]) }
    var with: [String] = []
    var fresh = steps
    var past = 0
    func name(_ attribute: String, _ operand: String?) -> Bool {
      guard let operand else { return false }
      attributes[attribute] = operand
      with.append(operand)
      return true
    }
    if g.dice.oneIn(3) {
      fresh = g.dice.pick([1, 2, 5, 7, steps])
      let dims = [fresh, batch, g.dice.pick([1, 3, 8, channels])]
      guard name("memory", g.operand(dims, .tnc)) else { return nil }
    }
    if g.dice.oneIn(3) { past = g.dice.within(1...4) }
    let seen = past + fresh
    if g.dice.oneIn(3) {
      let mask: String? =
        switch g.dice.below(3) {
        case 0: steps <= seen ? g.newConstant([steps, seen], ["kind": "causal"]) : nil
        case 1: g.operand([batch, 1, steps, seen].map { g.dice.oneIn(4) ? 1 : $0 })
        default:
          g.operand([g.dice.pick((1...batch).filter { batch.isMultiple(of: $0) }), steps, seen])
        }
      guard name("mask", mask) else { return nil }
    }
    if past > 0 {
      let dims = [batch, keyHeads, past, head]
      guard name("past-keys", g.operand(dims)), name("past-values", g.operand(dims)) else {
        return nil
      }
    }
    if g.dice.oneIn(3), let side = (1...3).first(where: { $0 * $0 == steps }) {
      attributes["relative-bias"] = String(side)
    }
    return one("attention", attributes, with: with)
  }
}
