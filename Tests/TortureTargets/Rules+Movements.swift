import Topology

extension NetworkGenerator {
  static let movements: [String: Rule] = [
    "reshape": Rule { g, type in reshape(type, &g.dice) },
    "flatten": Rule { g, type in
      let rank = type.shape.rank
      return one(
        "flatten", g.dice.oneIn(3) ? [:] : ["axis": String(g.dice.within(-rank...rank))])
    },
    "transpose": Rule { g, type in
      var order = Array(type.dims.indices)
      for place in order.indices.reversed() { order.swapAt(place, g.dice.below(place + 1)) }
      return one("transpose", g.dice.oneIn(4) ? [:] : ["perm": list(order)])
    },
    "slice": Rule { g, type in
      var (starts, ends, steps): ([Int], [Int], [Int]) = ([], [], [])
      let axes = g.dice.oneIn(2) ? g.dice.axes(type.shape.rank) : nil
      let count = axes?.count ?? g.dice.within(1...type.shape.rank)
      for place in 0..<count {
        let axis = axes.map { $0[place] } ?? place
        let extent = type.dims[axis < 0 ? axis + type.shape.rank : axis]
        let step = g.dice.pick([1, 1, 1, 2, 3, -1, -2])
        let start = g.dice.within(-extent...extent - 1)
        starts.append(step < 0 && g.dice.oneIn(2) ? -1 : start)
        ends.append(
          step < 0
            ? g.dice.pick([-extent - 1, 0, -extent])
            : g.dice.pick([extent, extent - 1, extent + 7, -1]))
        steps.append(step)
      }
      var attributes = ["starts": list(starts), "ends": list(ends)]
      if let axes { attributes["axes"] = list(axes) }
      if steps.contains(where: { $0 != 1 }) || g.dice.oneIn(3) { attributes["steps"] = list(steps) }
      return one("slice", attributes)
    },
    "split": Rule { g, type in
      let axis = g.dice.below(type.shape.rank)
      let extent = type.dims[axis]
      var attributes: [String: String] = [:]
      if axis != 0 || g.dice.oneIn(2) { attributes["axis"] = String(axis) }
      var parts = g.dice.within(1...min(4, extent))
      if g.dice.oneIn(2) {
        attributes["parts"] = String(parts)
      } else {
        let first = g.dice.within(1...extent)
        parts = first == extent ? 1 : 2
        attributes["split"] = list(parts == 1 ? [extent] : [first, extent - first])
      }
      g.dice.maybe(&attributes, "index") { String($0.within(-parts...parts - 1)) }
      return one("split", attributes)
    },
    "pad": Rule { g, type in
      let pads = (0..<2 * type.shape.rank).map { _ in g.dice.pick([0, 0, 0, 1, 2, 5]) }
      var attributes = ["pads": list(pads)]
      let mode = g.dice.pick(["constant", "reflect", "edge"])
      if mode != "constant" || g.dice.oneIn(2) { attributes["mode"] = mode }
      if mode == "constant", g.dice.oneIn(2) { attributes["value"] = g.dice.pick(["-1.5", "3"]) }
      return one("pad", attributes)
    },
    "squeeze": Rule(
      dims: { dice in
        dice.oneIn(2)
          ? ([dice.within(1...3), dice.within(1...9), 1, dice.within(1...9)], .nchw)
          : ([1, dice.within(1...5), 1, dice.within(1...5), 1, 2], .other)
      },
      propose: { g, type in
        let ones = type.dims.indices.filter { type.dims[$0] == 1 }
        guard !ones.isEmpty, !g.dice.oneIn(3) else { return one("squeeze") }
        let axes = ones.filter { _ in g.dice.oneIn(2) }
        let rank = type.shape.rank
        return one(
          "squeeze",
          ["axes": list((axes.isEmpty ? ones : axes).map { g.dice.oneIn(3) ? $0 - rank : $0 })])
      }),
    "unsqueeze": Rule { g, type in
      let rank = type.shape.rank + g.dice.within(1...2)
      let first = g.dice.below(rank)
      let axes = rank == type.shape.rank + 1 ? [first] : [first, (first + 1) % rank]
      return one("unsqueeze", ["axes": list(axes)])
    },
    "reduce": Rule { g, type in
      var attributes = [
        "kind": g.dice.pick(["sum", "mean", "max", "min", "prod", "l1", "l2"])
      ]
      var folded = type.elementCount
      if !g.dice.oneIn(4) {
        let axes = g.dice.axes(type.shape.rank)
        attributes["axes"] = list(axes)
        folded = axes.reduce(1) { $0 * type.dims[$1 < 0 ? $1 + type.shape.rank : $1] }
      }
      // A longer product overflows on its way.
      if attributes["kind"] == "prod", folded > 9 { return nil }
      g.dice.maybe(&attributes, "keepdims") { $0.yesNo() }
      return one("reduce", attributes)
    },
    "expand": Rule(
      dims: { dice in
        ([dice.pick([1, 2]), dice.pick([1, 3]), 1, dice.pick([1, 5])], .nchw)
      },
      propose: { g, type in
        var shape = type.dims.map { extent in
          extent == 1 && g.dice.oneIn(2) ? g.dice.within(1...5) : g.dice.pick([1, -1, extent])
        }
        if g.dice.oneIn(4) { shape.insert(g.dice.within(1...3), at: 0) }
        var attributes = ["shape": shape.map(String.init).joined(separator: "x")]
        if g.dice.oneIn(3) {
          attributes["layout"] = Layout.unnamedLayout(max(shape.count, type.shape.rank)).rawValue
        }
        return one("expand", attributes)
      }),
    "roll": Rule { g, type in
      let axes = g.dice.axes(type.shape.rank)
      return one(
        "roll", ["axes": list(axes), "shifts": list(axes.map { _ in g.dice.within(-9...9) })])
    },
  ]

  private static func list(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }

  private static func reshape(_ type: TensorType, _ dice: inout Dice) -> Rule.Proposal {
    var dims = type.dims
    switch dice.below(4) {
    case 0:
      // Two neighbours joined.
      if dims.count > 1 {
        let place = dice.below(dims.count - 1)
        dims[place] *= dims.remove(at: place + 1)
      }
    case 1:
      // One taken apart.
      let place = dice.below(dims.count)
      let part = dice.pick((1...dims[place]).filter { dims[place].isMultiple(of: $0) })
      dims[place] /= part
      dims.insert(part, at: place)
    case 2: dims.reverse()
    default: dims = [type.elementCount]
    }
    var texts = dims.map(String.init)
    if dice.oneIn(2) { texts[dice.below(texts.count)] = "-1" }
    if let place = dims.indices.first(where: { $0 < type.dims.count && dims[$0] == type.dims[$0] }),
      texts[place] != "-1", dice.oneIn(2)
    {
      texts[place] = "0"
    }
    var attributes = ["shape": texts.joined(separator: "x")]
    let layouts = Layout.allCases.filter { $0.rank == nil || $0.rank == dims.count }
    dice.maybe(&attributes, "layout") { $0.pick(layouts).rawValue }
    return one("reshape", attributes)
  }

  static let lookups: [String: Rule] = [
    "embedding": Rule(
      readsIndices: true,
      dims: { dice in
        dice.pick([
          ([dice.within(1...9), dice.within(1...4)], .nc),
          ([dice.within(1...9), dice.within(1...4), 1], .tnc), ([dice.within(1...9)], .other),
        ])
      },
      propose: { g, _ in
        one(
          "embedding",
          ["rows": g.dice.pick(["1", "7", "16", "33"]), "dim": String(g.dice.pick(Rule.channels))])
      }),
    "gather": Rule { g, type in
      let axis = g.dice.below(type.shape.rank)
      let dims = g.dice.pick([[1], [3], [2, 2], [5, 1]])
      guard let indices = g.indices(dims, below: type.dims[axis]) else { return nil }
      let text = String(g.dice.oneIn(3) ? axis - type.shape.rank : axis)
      return one(
        "gather", axis == 0 && g.dice.oneIn(2) ? [:] : ["axis": text], with: [indices])
    },
    "one-hot": Rule(
      dims: { dice in
        dice.pick([
          ([dice.within(1...9), dice.within(1...4)], .nc),
          ([dice.within(1...5), dice.within(1...4), 1], .tnc),
        ])
      },
      propose: { g, type in
        var attributes = ["depth": g.dice.pick(["1", "2", "7", "17"])]
        g.dice.maybe(&attributes, "axis") { $0.axis(type.shape.rank + 1) }
        g.dice.maybe(&attributes, "on") { $0.pick(["2", "-1.5"]) }
        g.dice.maybe(&attributes, "off") { $0.pick(["0.5", "-1"]) }
        if g.dice.oneIn(3) {
          attributes["layout"] = Layout.unnamedLayout(type.shape.rank + 1).rawValue
        }
        // Whole numbers that others make, too.
        let scaled =
          one("activation", ["kind": "linear", "alpha": "3"])
          + one("activation", ["kind": "round"])
        return (g.dice.oneIn(2) ? scaled : []) + one("one-hot", attributes)
      }),
    "top-k": Rule { g, type in
      let axis = g.dice.below(type.shape.rank)
      var attributes = ["k": String(g.dice.within(1...min(9, type.dims[axis])))]
      if axis != type.shape.rank - 1 || g.dice.oneIn(2) { attributes["axis"] = String(axis) }
      g.dice.maybe(&attributes, "largest") { $0.yesNo() }
      g.dice.maybe(&attributes, "output") { $0.pick(["values", "indices"]) }
      return one("top-k", attributes)
    },
    "inlay": Rule(
      dims: { dice in
        dice.oneIn(2)
          ? ([dice.within(1...2), dice.within(64...200)], .nc)
          : ([dice.within(1...6), dice.within(1...3), dice.within(2...7)], .tnc)
      },
      propose: { g, type in inlay(type, &g.dice) }),
  ]

  private static func inlay(_ type: TensorType, _ dice: inout Dice) -> Rule.Proposal {
    switch dice.below(6) {
    case 0:
      var attributes = ["kind": "mfcc", "rate": "1000", "window": "32", "step": "20"]
      attributes["coefficients"] = dice.pick(["3", "13"])
      attributes["context"] = dice.pick(["0", "2"])
      return one("inlay", attributes)
    case 1:
      var attributes = ["kind": "ctc-beam-search"]
      dice.maybe(&attributes, "width") { $0.pick(["1", "3", "10"]) }
      return one("softmax") + one("inlay", attributes)
    case 2: return one("inlay", ["kind": "ctc-greedy"])
    case 3: return one("inlay", ["kind": "argmax"])
    case 4: return one("inlay", ["kind": "copy"])
    default:
      let tags: [[String]] = [
        ["a"], ["ab", "ba"], ["abc", "acb", "aBc8b"], ["nchw", "nhwc", "nChw8c", "aBcd16b"],
        ["ncdhw", "ndhwc", "nCdhw16c"], ["abcdef"],
      ]
      let rank = min(type.shape.rank, tags.count)
      return one("inlay", ["kind": "reorder", "to": dice.pick(tags[rank - 1])])
    }
  }
}
