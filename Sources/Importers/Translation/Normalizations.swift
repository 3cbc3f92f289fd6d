import Model
import Topology

extension Operators {
  /// Normalisations.
  static let normalizations: [String: Translation.Rule] = [
    "BatchNormalization": { (model, node) throws(TranslationFault) in
      try model.batchNormalization(node)
    },
    "InstanceNormalization": { (model, node) throws(TranslationFault) in
      let data = try model.channelsFirst(try model.flow(node, 0))
      guard data.rank >= 3 else { throw .unsupported("\(data.rank) dimensions") }
      let weights = try model.channelWeights(node, [("weight", 1), ("bias", 2)], data.dims[1])
      model.set(
        node,
        try model.add("instance-norm", Operators.epsilon(node), [data], weights: weights))
    },
    "GroupNormalization": { (model, node) throws(TranslationFault) in
      try model.groupNormalization(node)
    },
    "LayerNormalization": { (model, node) throws(TranslationFault) in
      try model.lastNormalization(node, "layer-norm", hasBias: true)
      try model.layerStatistics(node)
    },
    "RMSNormalization": { (model, node) throws(TranslationFault) in
      try model.lastNormalization(node, "rms-norm", hasBias: false)
    },
    "SimplifiedLayerNormalization": { (model, node) throws(TranslationFault) in
      try model.lastNormalization(node, "rms-norm", hasBias: false)
    },
    "LRN": { (model, node) throws(TranslationFault) in
      let data = try model.channelsFirst(try model.flow(node, 0))
      let attributes = [
        "size": String(node.int("size", default: 1)),
        "alpha": NumberText.real(node.float("alpha", default: 1e-4)),
        "beta": NumberText.real(node.float("beta", default: 0.75)),
        "k": NumberText.real(node.float("bias", default: 1)),
      ]
      model.set(node, try model.add("lrn", attributes, [data]))
    },
    "Softmax": { (model, node) throws(TranslationFault) in try model.softmax(node, "softmax") },
    "LogSoftmax": { (model, node) throws(TranslationFault) in
      try model.softmax(node, "log-softmax")
    },
  ]

  static func epsilon(_ node: OperatorNode, default fallback: Double = 1e-5) -> [String: String] {
    let value = node.float("epsilon", default: fallback)
    return Float(value) == 1e-5 ? [:] : ["epsilon": NumberText.real(value)]
  }
}

extension Translation {
  /// Operands with a number a channel.
  fileprivate mutating func channelWeights(
    _ node: OperatorNode, _ operands: [(name: String, index: Int)], _ channels: Int
  ) throws(TranslationFault) -> [(name: String, tensor: ConstantTensor)] {
    var result: [(name: String, tensor: ConstantTensor)] = []
    for (name, index) in operands {
      guard let tensor = try weight(node, index) else { throw .invalid("lacks operand \(index)") }
      guard tensor.count == channels else {
        throw .invalid(
          "'\(node.inputs[index])' has \(tensor.count) elements for \(channels) channels")
      }
      result.append((name, tensor.reshaped([channels])))
    }
    return result
  }

  fileprivate mutating func batchNormalization(_ node: OperatorNode) throws(TranslationFault) {
    if node.int("training_mode", default: 0) == 1 { throw .unsupported("training_mode") }
    if opset < 9, node.int("spatial", default: 1) == 0 { throw .unsupported("spatial 0") }
    try refuse(node, results: 1..<5, "statistics")
    let data = try channelsFirst(try flow(node, 0))
    let weights = try channelWeights(
      node, [("weight", 1), ("bias", 2), ("running_mean", 3), ("running_var", 4)], data.dims[1])
    set(node, try add("batch-norm", Operators.epsilon(node), [data], weights: weights))
  }

  fileprivate mutating func groupNormalization(_ node: OperatorNode) throws(TranslationFault) {
    let data = try channelsFirst(try flow(node, 0))
    let groups = node.int("num_groups", default: 1)
    let channels = data.dims[1]
    guard groups > 0, channels.isMultiple(of: groups) else {
      throw .invalid("\(groups) groups do not divide \(channels) channels")
    }
    var weights: [(name: String, tensor: ConstantTensor)] = []
    for (name, index) in [("weight", 1), ("bias", 2)] {
      guard var tensor = try weight(node, index) else { throw .invalid("lacks operand \(index)") }
      // Before version 21 there was one number a group.
      if tensor.count == groups, groups != channels {
        let share = channels / groups
        tensor = tensor.reshaped([groups]).rows((0..<channels).map { $0 / share })
      }
      guard tensor.count == channels else {
        throw .invalid("\(tensor.count) numbers for \(channels) channels")
      }
      weights.append((name, tensor.reshaped([channels])))
    }
    var attributes = Operators.epsilon(node)
    attributes["groups"] = String(groups)
    set(node, try add("group-norm", attributes, [data], weights: weights))
  }

  fileprivate mutating func lastNormalization(
    _ node: OperatorNode, _ element: String, hasBias: Bool
  ) throws(TranslationFault) {
    let data = try flow(node, 0)
    let axis = try axis(node.int("axis", default: -1), data.rank)
    let width = data.dims[axis...].reduce(1, *)
    guard let scale = try weight(node, 1) else { throw .invalid("has no scale") }
    let bias =
      try (has(node, 2) ? weight(node, 2) : nil)
      ?? ConstantTensor(dims: [width], elementType: .f32, fill: 0)
    guard scale.count == width, bias.count == width else {
      throw .unsupported("a scale of \(shapeText(scale.dims)) for \(width) elements")
    }
    var attributes = Operators.epsilon(node)
    if axis != data.rank - 1 { attributes["axis"] = String(axis) }
    let part = Array(data.dims[axis...])
    var weights = [(name: "weight", tensor: scale.reshaped(part))]
    if hasBias { weights.append(("bias", bias.reshaped(part))) }
    set(node, try add(element, attributes, [data], weights: weights))
  }

  /// The mean, and one over the root of the variance, where somebody reads them.
  fileprivate mutating func layerStatistics(_ node: OperatorNode) throws(TranslationFault) {
    guard isUsed(node, 1) || isUsed(node, 2) else { return }
    let data = try flow(node, 0)
    let axis = try axis(node.int("axis", default: -1), data.rank)
    let last = ["kind": "mean", "axes": NumberText.list(Array(axis..<data.rank))]
    let mean = try add("reduce", last, [data])
    set(node, 1, .flow(mean))
    guard isUsed(node, 2) else { return }
    let squares = try activation("square", [:], try add("sub", [:], [data, mean]))
    let variance = try line(
      try add("reduce", last, [squares]), 1, node.float("epsilon", default: 1e-5))
    set(node, 2, .flow(try activation("pow", ["beta": -0.5], variance)))
  }

  /// Before version 13 a softmax was over everything from its axis on.
  fileprivate mutating func softmax(_ node: OperatorNode, _ element: String)
    throws(TranslationFault)
  {
    let data = try flow(node, 0)
    guard data.rank > 0 else { throw .unsupported("a softmax of a scalar") }
    let axis = try axis(node.int("axis", default: opset < 13 ? 1 : -1), data.rank)
    func attributes(_ axis: Int, of rank: Int) -> [String: String] {
      axis == rank - 1 ? [:] : ["axis": String(axis)]
    }
    let behind = data.dims[(axis + 1)...].reduce(1, *)
    if opset >= 13 || behind == 1 {
      return set(node, try add(element, attributes(axis, of: data.rank), [data]))
    }
    let rows = try reshaped(
      data, [data.dims[..<axis].reduce(1, *), data.dims[axis...].reduce(1, *)])
    let result = try add(element, [:], [rows])
    set(node, try reshaped(result, data.dims))
  }
}
