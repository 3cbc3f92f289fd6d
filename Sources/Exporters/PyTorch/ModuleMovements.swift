import Topology

extension LayerText {
  private func dims(_ name: String, _ values: [Int]) -> Snippet {
    .number(name, Python.list(values))
  }

  /// Operations that move elements, choose some, or fold dimensions.
  mutating func writeMovement() throws(GraphError) {
    let x = input()
    switch instruction.operation {
    case .reshape:
      if type.dims.count == 2, inputType().dims.count > 2, inputType().dims[0] == type.dims[0] {
        assign(Snippet("\(x).flatten(1)"))
        module(Snippet("nn.Flatten()"))
      } else {
        assign("\(x).reshape(" + dims("shape", type.dims) + ")")
      }
    case .transpose(let order): assign("\(x).permute(" + dims("order", order) + ")")
    case .slice(let slice): writeSlice(slice)
    case .pad(let padding): writePad(padding)
    case .roll(let shifts):
      let axes = shifts.indices.filter { shifts[$0] != 0 }
      assign(
        "torch.roll(\(x), " + dims("shifts", axes.map { shifts[$0] }) + ", " + dims("dims", axes)
          + ")")
    case .expand: assign("\(x).expand(" + dims("shape", type.dims) + ")")
    case .spaceBlocks(let blocks):
      let (apart, order) = blocks.transposition(of: inputType().dims)
      assign(
        "\(x).reshape(" + dims("apart", apart) + ").permute(" + dims("order", order) + ").reshape("
          + dims("shape", type.dims) + ")")
    case .cumulativeSum(let sum):
      let axis = Snippet.number("dim", sum.axis)
      let flipped: Snippet = sum.isReversed ? "\(x).flip(" + axis + ")" : Snippet(x)
      var total = flipped + ".cumsum(" + axis + ")"
      if sum.isReversed { total += ".flip(" + axis + ")" }
      assign(sum.isExclusive ? total + " - \(x)" : total)
    case .topK(let topK):
      let found: Snippet =
        "\(x).topk(\("k", type.dims[topK.axis]), \("dim", topK.axis), "
        + (topK.isLargest ? "largest=True)" : "largest=False)")
      assign(topK.output == .values ? found + ".values" : found + ".indices.float()")
    case .oneHot(let oneHot):
      let depth = type.dims[oneHot.axis]
      let ones: Snippet =
        "F.one_hot(\(x).long() % \("depth", depth), \("depth", depth))"
        + ".movedim(-1, \("dim", oneHot.axis))"
      let scale = Snippet.number("scale", Python.number(oneHot.on - oneHot.off))
      assign("(\(ones) * \(scale) + \("off", Python.number(oneHot.off))).float()")
    case .select: assign(Snippet("torch.where(\(x) != 0, \(input(1)), \(input(2)))"))
    case .gather(let axis):
      let rows: Snippet =
        "\(input(1)).long().flatten() % \("rows", inputType(0).dims[axis])"
      let shape = dims("shape", type.dims)
      assign("\(x).index_select(\("dim", axis), \(rows)).reshape(\(shape))")
    case .causalMask(let value):
      let (rows, columns) = (type.dims[type.dims.count - 2], type.dims[type.dims.count - 1])
      let mask = buffer(
        "mask", "torch.ones(\(rows), \(columns), dtype=torch.bool).triu(\(columns - rows + 1))")
      assign("\(x).masked_fill(\(mask), \("value", Python.number(Double(value))))")
    case .resampling(let kind):
      let size = dims("size", Array(type.dims.dropFirst(2)))
      let mode =
        kind == .nearest
        ? "nearest-exact" : ["linear", "bilinear", "trilinear"][min(type.dims.count - 3, 2)]
      assign("F.interpolate(\(x), " + size + ", mode=\"\(mode)\")")
      module("nn.Upsample(" + size + ", mode=\"\(mode)\")")
    case .reduction(let kind): writeReduction(kind)
    default: throw unsupported("this operation")
    }
  }

  private mutating func writeReduction(_ kind: ReductionKind) {
    let folded = type.dims.indices.filter { type.dims[$0] != inputType().dims[$0] }
    let axes = dims("dims", folded) + ", keepdim=True)"
    let x = input()
    switch kind {
    case .sum: assign("\(x).sum(" + axes)
    case .mean: assign("\(x).mean(" + axes)
    case .max: assign("\(x).amax(" + axes)
    case .min: assign("\(x).amin(" + axes)
    case .l1: assign("\(x).abs().sum(" + axes)
    case .l2: assign("\(x).square().sum(" + axes + ".sqrt()")
    case .prod:
      var product: Snippet = Snippet(x)
      for axis in folded { product += ".prod(\("dim", axis), keepdim=True)" }
      assign(product)
    }
  }

  private mutating func writeSlice(_ slice: Slice) {
    let extents = inputType().dims
    var places: [Snippet] = []
    var reversed: [Int] = []
    for axis in extents.indices {
      let (start, step, count) = (slice.starts[axis], slice.steps[axis], type.dims[axis])
      if step < 0 {
        reversed.append(axis)
        places.append(Snippet(":"))
      } else if start == 0, step == 1, count == extents[axis] {
        places.append(Snippet(":"))
      } else {
        let range: Snippet =
          "\("begin", start):\("end", start + (count - 1) * step + 1)"
        places.append(step == 1 ? range : range + ":\("step", step)")
      }
    }
    while places.count > 1, places.last?.text == ":" { places.removeLast() }
    var value = Snippet(input())
    if places.contains(where: { $0.text != ":" }) {
      value += "[" + Snippet.joined(places, by: ", ") + "]"
    }
    for axis in reversed {
      let (start, step, count) = (slice.starts[axis], slice.steps[axis], type.dims[axis])
      let range: Snippet =
        "\("begin", start), \("end", start + count * step), \("step", step)"
      value += ".index_select(\(axis), torch.arange(\(range)))"
    }
    assign(value)
  }

  private mutating func writePad(_ padding: Padding) {
    let axes = type.dims.indices
    let ends = axes.map { type.dims[$0] - inputType().dims[$0] - padding.begins[$0] }
    let first = axes.first { padding.begins[$0] != 0 || ends[$0] != 0 } ?? axes.endIndex - 1
    let cells = Python.plain(
      axes[first...].reversed().flatMap { [padding.begins[$0], ends[$0]] })
    let mode: Snippet =
      switch padding.mode {
      case .constant: ", value=" + Snippet.number("value", Python.number(padding.value)) + ")"
      case .reflect: Snippet(", mode=\"reflect\")")
      case .edge: Snippet(", mode=\"replicate\")")
      }
    assign("F.pad(\(input()), \("cells", "(\(cells))")" + mode)
  }
}
