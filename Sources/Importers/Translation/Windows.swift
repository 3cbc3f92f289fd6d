import Topology

extension Operators {
  /// Convolutions and poolings.
  static let windows: [String: Translation.Rule] = [
    "Conv": { (model, node) throws(TranslationFault) in try model.convolution(node) },
    "ConvTranspose": { (model, node) throws(TranslationFault) in try model.deconvolution(node) },
    "MaxPool": { (model, node) throws(TranslationFault) in
      try model.refuse(node, results: 1..<2, "indices")
      try model.pooling(node, "max")
    },
    "AveragePool": { (model, node) throws(TranslationFault) in try model.pooling(node, "avg") },
    "GlobalAveragePool": { (model, node) throws(TranslationFault) in
      try model.globalPooling(node, "avg")
    },
    "GlobalMaxPool": { (model, node) throws(TranslationFault) in
      try model.globalPooling(node, "max")
    },
    "Resize": { (model, node) throws(TranslationFault) in try model.resize(node) },
    "Upsample": { (model, node) throws(TranslationFault) in try model.resize(node) },
  ]
}

extension Translation {
  /// A value with the layout that an element wants; the dims stay.
  mutating func with(_ layout: Layout, _ flow: Flow) throws(TranslationFault) -> Flow {
    if flow.type.layout == layout { return flow }
    guard layout.rank == nil || layout.rank == flow.type.shape.rank else {
      throw .unsupported("\(flow.rank) dimensions where \(layout.rawValue) is wanted")
    }
    var result = try reshaped(flow, flow.type.dims, layout: layout)
    result.dims = flow.dims
    return result
  }

  /// A value as an image: its channels behind N, then space.
  mutating func image(_ flow: Flow) throws(TranslationFault) -> Flow {
    guard (3...5).contains(flow.rank) else {
      throw .unsupported("\(flow.rank) dimensions: only images of one to three are")
    }
    return try with(.spatial(flow.rank - 2), flow)
  }

  /// A value whose channels are dimension 1, as ONNX's normalisations have them.
  mutating func channelsFirst(_ flow: Flow) throws(TranslationFault) -> Flow {
    guard flow.rank >= 2 else { throw .unsupported("\(flow.rank) dimensions") }
    return flow.type.layout == .tnc ? try with(.ncw, flow) : flow
  }

  /// Cells around the input, begins and ends, as `pads` or `auto_pad` say.
  private func pads(
    _ node: OperatorNode, _ space: [Int], kernel: [Int], stride: [Int], dilation: [Int]
  ) throws(TranslationFault) -> [Int] {
    switch node.string("auto_pad") ?? "NOTSET" {
    case "NOTSET", "":
      let pads = node.ints("pads") ?? Array(repeating: 0, count: 2 * space.count)
      guard pads.count == 2 * space.count else { throw .invalid("\(pads.count) pads") }
      guard pads.allSatisfy({ $0 >= 0 }) else { throw .unsupported("negative pads") }
      return pads
    case "VALID": return Array(repeating: 0, count: 2 * space.count)
    case let mode where mode == "SAME_UPPER" || mode == "SAME_LOWER":
      var (begins, ends): ([Int], [Int]) = ([], [])
      for axis in space.indices {
        let extent = dilation[axis] * (kernel[axis] - 1) + 1
        let count = (space[axis] - 1) / stride[axis]
        let total = max(0, count * stride[axis] + extent - space[axis])
        begins.append(mode == "SAME_UPPER" ? total / 2 : total - total / 2)
        ends.append(total - begins[axis])
      }
      return begins + ends
    case let mode: throw .invalid("auto_pad '\(mode)'")
    }
  }

  private func paddingText(_ pads: [Int]) -> String? {
    let half = pads.count / 2
    if pads.allSatisfy({ $0 == 0 }) { return nil }
    if Array(pads[..<half]) == Array(pads[half...]) {
      return NumberText.extents(Array(pads[..<half]))
    }
    return NumberText.list(pads)
  }

  /// A list with an entry for each dimension of space.
  private func spatial(_ node: OperatorNode, _ name: String, _ rank: Int, default fallback: Int)
    throws(TranslationFault) -> [Int]
  {
    let values = node.ints(name) ?? Array(repeating: fallback, count: rank)
    guard values.count == rank, values.allSatisfy({ $0 > 0 }) else {
      throw .invalid("\(name) \(values) of \(rank) dimensions")
    }
    return values
  }

  /// The common attributes of a window.
  private func windowAttributes(
    kernel: [Int], stride: [Int], dilation: [Int], pads: [Int], strideDefault: [Int]
  ) -> [String: String] {
    var attributes = ["kernel": NumberText.extents(kernel)]
    if stride != strideDefault { attributes["stride"] = NumberText.extents(stride) }
    if dilation.contains(where: { $0 != 1 }) {
      attributes["dilation"] = NumberText.extents(dilation)
    }
    attributes["padding"] = paddingText(pads)
    return attributes
  }

  fileprivate mutating func convolution(_ node: OperatorNode) throws(TranslationFault) {
    guard let weight = try weight(node, 1) else { throw .invalid("has no weights") }
    let bias = try weight2(node, 2)
    set(node, try convolved(try flow(node, 0), weight, bias, node))
  }

  /// An optional operand of weights.
  private mutating func weight2(_ node: OperatorNode, _ index: Int) throws(TranslationFault)
    -> ConstantTensor?
  {
    has(node, index) ? try weight(node, index) : nil
  }

  /// A convolution with weights `[O, I/G, k…]`.
  mutating func convolved(
    _ input: Flow, _ weight: ConstantTensor, _ bias: ConstantTensor?, _ node: OperatorNode
  ) throws(TranslationFault) -> Flow {
    let input = try image(input)
    let rank = input.rank - 2
    guard weight.dims.count == rank + 2 else {
      throw .invalid("weights of \(shapeText(weight.dims)) meet \(input.type)")
    }
    let kernel = Array(weight.dims[2...])
    let groups = node.int("group", default: 1)
    let (filters, channels) = (weight.dims[0], input.dims[1])
    if let given = node.ints("kernel_shape"), given != kernel {
      throw .invalid("kernel_shape \(given) disagrees with weights of \(shapeText(weight.dims))")
    }
    guard groups > 0, weight.dims[1] * groups == channels, filters.isMultiple(of: groups) else {
      throw .invalid(
        "weights of \(shapeText(weight.dims)) in \(groups) groups meet \(channels) channels")
    }
    if let bias, bias.count != filters {
      throw .invalid("a bias of \(shapeText(bias.dims)) for \(filters) filters")
    }
    let stride = try spatial(node, "strides", rank, default: 1)
    let dilation = try spatial(node, "dilations", rank, default: 1)
    let pads = try pads(
      node, Array(input.dims[2...]), kernel: kernel, stride: stride, dilation: dilation)
    var attributes = windowAttributes(
      kernel: kernel, stride: stride, dilation: dilation, pads: pads,
      strideDefault: stride.map { _ in 1 })
    attributes["filters"] = String(filters)
    if groups > 1 {
      attributes["groups"] = groups == channels ? "depthwise" : String(groups)
    }
    var weights = [(name: "weight", tensor: weight)]
    if let bias {
      weights.append(("bias", bias.reshaped([filters])))
    } else {
      attributes["bias"] = "false"
    }
    return try add("conv", attributes, [input], weights: weights)
  }

  fileprivate mutating func deconvolution(_ node: OperatorNode) throws(TranslationFault) {
    guard let weight = try weight(node, 1) else { throw .invalid("has no weights") }
    let bias = try weight2(node, 2)
    let input = try image(try flow(node, 0))
    let rank = input.rank - 2
    guard weight.dims.count == rank + 2, weight.dims[0] == input.dims[1] else {
      throw .invalid("weights of \(shapeText(weight.dims)) meet \(input.type)")
    }
    let kernel = Array(weight.dims[2...])
    let groups = node.int("group", default: 1)
    let filters = weight.dims[1] * groups
    let stride = try spatial(node, "strides", rank, default: 1)
    let dilation = try spatial(node, "dilations", rank, default: 1)
    var extra = node.ints("output_padding") ?? Array(repeating: 0, count: rank)
    guard extra.count == rank else { throw .invalid("output_padding \(extra)") }
    var pads = node.ints("pads") ?? Array(repeating: 0, count: 2 * rank)
    let mode = node.string("auto_pad") ?? "NOTSET"
    var wanted = node.ints("output_shape")
    if wanted?.count == rank + 2 { wanted = wanted.map { Array($0[2...]) } }
    if mode.hasPrefix("SAME") {
      wanted = wanted ?? zip(input.dims[2...], stride).map { $0 * $1 }
    } else if mode == "VALID" {
      pads = Array(repeating: 0, count: 2 * rank)
    }
    if let wanted {
      guard wanted.count == rank else { throw .invalid("output_shape \(wanted)") }
      for axis in 0..<rank {
        let whole =
          stride[axis] * (input.dims[2 + axis] - 1) + extra[axis]
          + dilation[axis] * (kernel[axis] - 1) + 1
        let total = whole - wanted[axis]
        if total < 0 { extra[axis] -= total }
        let half = max(0, total) / 2
        pads[axis] = mode == "SAME_UPPER" ? half : max(0, total) - half
        pads[rank + axis] = max(0, total) - pads[axis]
      }
    }
    guard pads.count == 2 * rank, pads.allSatisfy({ $0 >= 0 }) else {
      throw .unsupported("pads \(pads)")
    }
    var attributes = windowAttributes(
      kernel: kernel, stride: stride, dilation: dilation, pads: pads,
      strideDefault: stride.map { _ in 1 })
    attributes["filters"] = String(filters)
    if groups > 1 { attributes["groups"] = String(groups) }
    if extra.contains(where: { $0 != 0 }) {
      attributes["output-padding"] = NumberText.extents(extra)
    }
    var weights = [(name: "weight", tensor: weight)]
    if let bias {
      guard bias.count == filters else {
        throw .invalid("a bias of \(shapeText(bias.dims)) for \(filters) filters")
      }
      weights.append(("bias", bias.reshaped([filters])))
    } else {
      attributes["bias"] = "false"
    }
    set(node, try add("deconv", attributes, [input], weights: weights))
  }

  fileprivate mutating func pooling(_ node: OperatorNode, _ kind: String)
    throws(TranslationFault)
  {
    let input = try image(try flow(node, 0))
    let rank = input.rank - 2
    guard let kernel = node.ints("kernel_shape"), kernel.count == rank else {
      throw .invalid("kernel_shape is not of \(rank) dimensions")
    }
    let stride = try spatial(node, "strides", rank, default: 1)
    let dilation = try spatial(node, "dilations", rank, default: 1)
    guard dilation.allSatisfy({ $0 == 1 }) else { throw .unsupported("dilations \(dilation)") }
    let pads = try pads(
      node, Array(input.dims[2...]), kernel: kernel, stride: stride, dilation: dilation)
    for axis in 0..<rank where max(pads[axis], pads[rank + axis]) >= kernel[axis] {
      throw .unsupported("pads \(pads), as wide as the kernel \(kernel)")
    }
    var attributes = windowAttributes(
      kernel: kernel, stride: stride, dilation: dilation, pads: pads, strideDefault: kernel)
    if kind != "max" { attributes["kind"] = kind }
    if node.int("ceil_mode", default: 0) == 1 { attributes["ceil"] = "true" }
    if kind == "avg", node.int("count_include_pad", default: 0) == 1,
      pads.contains(where: { $0 != 0 })
    {
      attributes["count-include-pad"] = "true"
    }
    set(node, try add("pool", attributes, [input]))
  }

  fileprivate mutating func globalPooling(_ node: OperatorNode, _ kind: String)
    throws(TranslationFault)
  {
    let input = try image(try flow(node, 0))
    set(node, try add("global-pool", kind == "avg" ? [:] : ["kind": kind], [input]))
  }
}
