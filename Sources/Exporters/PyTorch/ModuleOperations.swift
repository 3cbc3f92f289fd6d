import Topology

extension LayerText {
  /// Writes the instructions of a primitive.
  mutating func write(_ own: [Int], _ primitive: Int) throws(GraphError) {
    let isRecurrent = own.contains { index in
      if case .recurrent = program.instructions[index].operation { true } else { false }
    }
    if isRecurrent { return try writeRecurrent(own) }
    if layer.primitives[primitive].element == "attention" { prepareAttention(own) }
    var place = 0
    while place < own.count {
      index = own[place]
      if let length = try writeScores(Array(own[place...])) {
        place += length
        continue
      }
      try writeInstruction()
      place += 1
    }
  }

  private mutating func writeInstruction() throws(GraphError) {
    switch instruction.operation {
    case .convolution(let convolution): writeConvolution(convolution)
    case .deconvolution(let convolution): writeDeconvolution(convolution)
    case .innerProduct(let product): writeInnerProduct(product)
    case .recurrent: break  // a primitive of its own
    case .matrixProduct(let product):
      let (first, second) = (
        input(0) + (product.transposesFirst ? ".mT" : ""),
        input(1) + (product.transposesSecond ? ".mT" : "")
      )
      assign(Snippet("\(first) @ \(second)"))
    case .pooling(let pooling): writePooling(pooling)
    case .eltwise(let eltwise): writeEltwise(eltwise)
    case .binary(let kind): writeBinary(kind)
    case .concat(let axis):
      let list = instruction.inputs.indices.map { input($0) }.joined(separator: ", ")
      assign("torch.cat((\(list)), \("dim", axis))")
    case .softmax(let axis):
      assign("F.softmax(\(input()), \("dim", axis))")
      module("nn.Softmax(\("dim", axis))")
    case .logSoftmax(let axis):
      assign("F.log_softmax(\(input()), \("dim", axis))")
      module("nn.LogSoftmax(\("dim", axis))")
    case .batchNormalization(let epsilon): writeBatchNormalization(epsilon)
    case .layerNormalization(let epsilon): writeRowNormalization("nn.LayerNorm", epsilon)
    case .rootMeanSquareNormalization(let epsilon): writeRowNormalization("nn.RMSNorm", epsilon)
    case .groupNormalization(let groups, let epsilon):
      let constructor: Snippet =
        "nn.GroupNorm(\("groups", groups), \("channels", inputType().dims[1]), \("eps", epsilon))"
      assign(Snippet("\(contain(constructor))(\(input()))"))
      module(constructor)
    case .parametricRelu: writeParametricRelu()
    case .localResponse(let response):
      let numbers: Snippet =
        "\("size", response.size), \("alpha", response.alpha), \("beta", response.beta), \("k", response.k)"
      assign("F.local_response_norm(\(input()), " + numbers + ")")
      module("nn.LocalResponseNorm(" + numbers + ")")
    case .embedding: writeEmbedding()
    case .constant(let name): try writeConstant(name)
    case .identity:
      alias(instruction.inputs[0])
    case .copy, .reorder:
      assign(Snippet("\(input()).clone()"))
    case .host(let kernel):
      guard kernel.name == "argmax" else { throw unsupported("the inlay '\(kernel.name)'") }
      assign(Snippet("\(input()).argmax(-1).float()"))
    default: try writeMovement()
    }
  }

  private mutating func writeBinary(_ kind: BinaryKind) {
    let (a, b) = (input(0), input(1))
    let text =
      switch kind {
      case .add: "\(a) + \(b)"
      case .sub: "\(a) - \(b)"
      case .mul: "\(a) * \(b)"
      case .div: "\(a) / \(b)"
      case .max: "torch.maximum(\(a), \(b))"
      case .min: "torch.minimum(\(a), \(b))"
      case .equal: "(\(a) == \(b)).float()"
      case .greater: "(\(a) > \(b)).float()"
      case .greaterOrEqual: "(\(a) >= \(b)).float()"
      case .less: "(\(a) < \(b)).float()"
      case .lessOrEqual: "(\(a) <= \(b)).float()"
      }
    assign(Snippet(text))
  }

  /// A constant by rule, or one of an attention's own.
  private mutating func writeConstant(_ name: String) throws(GraphError) {
    let slot = instruction.weights[0]
    if let pattern = slot.pattern {
      names[instruction.output] = buffer(name, pattern.python(slot.dims))
      return
    }
    guard !projections.isEmpty else { throw unsupported("a learned constant '\(name)'") }
    let member = name == "relative-bias" ? "relative_position_bias_table" : name
    names[instruction.output] = "\(holder).\(member)"
  }

  /// Indices T x N x 1 choose T x N rows; negative ones count from the end.
  private mutating func writeEmbedding() {
    let dims = instruction.weights[0].dims
    let constructor: Snippet =
      "nn.Embedding(\("rows", dims[0]), \("dim", dims[1]))"
    let call = contain(constructor)
    let places = Array(type.dims.dropLast())
    var indices = Snippet("\(input()).long() % ") + .number("rows", dims[0])
    if inputType().dims != places {
      indices = "(" + indices + ").reshape(\("places", Python.list(places)))"
    }
    assign("\(call)(" + indices + ")")
  }

  /// `nn.Linear` on the last dimensions that the product consumes.
  private mutating func writeInnerProduct(_ product: InnerProduct) {
    if let parts = projections[index] { return writeProjection(parts) }
    let width = instruction.weights[0].elementCount / product.units
    let constructor: Snippet =
      "nn.Linear(\("inputs", width), \("outputs", product.units)"
      + (product.bias ? ")" : ", bias=False)")
    let source = inputType().dims
    let call = contain(constructor)
    let kept = Array(type.dims.dropLast())
    if source == kept + [width] {
      assign(Snippet("\(call)(\(input()))"))
      module(constructor)
    } else if kept.count == 1, source[0] == kept[0] {
      assign(Snippet("\(call)(\(input()).flatten(1))"))
    } else {
      assign(
        "\(call)(\(input()).reshape(\("rows", Python.list(kept + [width]))))")
    }
  }

  private mutating func writeBatchNormalization(_ epsilon: Double) {
    let source = inputType()
    let isSequence = source.layout == .tnc
    let channels = source.dims[isSequence ? 2 : 1]
    let rank = isSequence ? 1 : max(1, source.dims.count - 2)
    let constructor: Snippet =
      "nn.BatchNorm\(rank)d(\("channels", channels), eps=\("eps", epsilon))"
    let call = contain(constructor)
    guard isSequence else {
      assign(Snippet("\(call)(\(input()))"))
      module(constructor)
      return
    }
    // Channels stand second: time and batch are rows.
    let steps = Snippet.number("steps", Python.list(Array(source.dims.prefix(2))))
    assign("\(call)(\(input()).flatten(0, 1)).unflatten(0, \(steps))")
  }

  private mutating func writeRowNormalization(_ name: String, _ epsilon: Double) {
    let dims = inputType().dims
    let width = instruction.weights[0].elementCount
    var axis = dims.count - 1
    while axis > 0, dims[axis...].reduce(1, *) < width { axis -= 1 }
    let constructor: Snippet =
      Snippet("\(name)(")
      + .number("shape", axis == dims.count - 1 ? "\(width)" : Python.list(Array(dims[axis...])))
      + ", eps=\("eps", epsilon))"
    assign(Snippet("\(contain(constructor))(\(input()))"))
    module(constructor)
  }

  private mutating func writeParametricRelu() {
    let slopes = instruction.weights[0].elementCount
    let constructor: Snippet = "nn.PReLU(\("slopes", slopes))"
    let call = contain(constructor)
    if slopes == 1 || inputType().layout.channelAxis == 1 {
      assign(Snippet("\(call)(\(input()))"))
      module(constructor)
    } else {
      assign(Snippet("torch.where(\(input()) > 0, \(input()), \(input()) * \(holder).weight)"))
    }
  }
}
