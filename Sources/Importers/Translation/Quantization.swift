import Model
import Topology

extension Operators {
  /// Integers that stand for fractions.
  ///
  /// Values flow as numbers: what is computed on them is what a model in integers computes, exactly.
  static let quantized: [String: Translation.Rule] = [
    "QuantizeLinear": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      let scaling = try model.scaling(node, 1, 2, of: data.dims)
      model.set(node, try model.quantized(data, scaling, node))
    },
    "DequantizeLinear": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      let scaling = try model.scaling(node, 1, 2, of: data.dims)
      model.set(node, try model.dequantized(data, scaling, node))
    },
    "QLinearConv": { (model, node) throws(TranslationFault) in
      let data = try model.flow(node, 0)
      let input = try model.dequantized(
        data, try model.scaling(node, 1, 2, of: data.dims), node)
      guard let weight = try model.constant(node, 3), let scale = try model.constant(node, 4) else {
        throw .invalid("has no weights")
      }
      let zero = model.has(node, 5) ? try model.constant(node, 5) : nil
      let inputScale = try model.scaling(node, 1, 2, of: data.dims).scale.floats()[0]
      var bias = model.has(node, 8) ? try model.constant(node, 8) : nil
      if let integers = bias {
        let scales = scale.floats()
        bias = ConstantTensor(
          dims: integers.dims,
          reals: integers.reals().enumerated().map { place, value in
            value * Double(inputScale) * Double(scales[scales.count == 1 ? 0 : place])
          })
      }
      let real = Quantization.dequantized(weight, scale, zero, axis: 0)
      let output = try model.convolved(input, real, bias, node)
      model.set(
        node, try model.quantized(output, try model.scaling(node, 6, 7, of: output.dims), node))
    },
    "QLinearMatMul": { (model, node) throws(TranslationFault) in
      let a = try model.dequantizedOperand(node, 0)
      let product: Flow
      if let matrix = try model.weightIfConstant(node, 3), matrix.dims.count == 2,
        let scale = try model.constant(node, 4), scale.count == 1
      {
        let zero = try model.constant(node, 5)
        let real = Quantization.dequantized(matrix, scale, zero, axis: 1)
        product = try model.fullyConnected(a, real.transposed([1, 0]), nil)
      } else {
        product = try model.product(a, try model.dequantizedOperand(node, 3))
      }
      model.set(
        node, try model.quantized(product, try model.scaling(node, 6, 7, of: product.dims), node))
    },
    "ConvInteger": { (model, node) throws(TranslationFault) in
      let input = try model.shifted(node, 0, by: 2)
      guard let weight = try model.constant(node, 1) else { throw .invalid("has no weights") }
      let zero = model.has(node, 3) ? try model.constant(node, 3) : nil
      guard zero?.count ?? 1 == 1 else { throw .unsupported("a zero point a filter") }
      let shift = zero?.floats()[0] ?? 0
      var output = try model.convolved(input, weight.mapped { $0 - shift }, nil, node)
      output.elementType = .i32
      model.set(node, output)
    },
    "DynamicQuantizeLinear": { (model, node) throws(TranslationFault) in
      // A step of 1 for what was not rounded: products with a step behind them are the same but for
      // the rounding.
      guard !node.outputs.contains(where: model.graph.outputs.contains) else {
        throw .unsupported("what it gives leaves the network")
      }
      model.set(node, try model.flow(node, 0))
      model.set(node, 1, .constant(ConstantTensor(dims: [], elementType: .f32, fill: 1)))
      model.set(node, 2, .constant(ConstantTensor(dims: [], elementType: .u8, fill: 0)))
    },
    "MatMulInteger": { (model, node) throws(TranslationFault) in
      let a = try model.shifted(node, 0, by: 2)
      var output: Flow
      if let matrix = try model.weightIfConstant(node, 1), matrix.dims.count == 2,
        !matrix.isAbsent
      {
        let zero = model.has(node, 3) ? try model.constant(node, 3) : nil
        let whole = Quantization.dequantized(
          matrix, ConstantTensor(dims: zero?.dims ?? [], fillOf: 1), zero, axis: 1)
        output = try model.fullyConnected(a, whole.transposed([1, 0]), nil)
      } else {
        output = try model.product(a, try model.shifted(node, 1, by: 3))
      }
      output.elementType = .i32
      model.set(node, output)
    },
  ]

  /// ONNX Runtime's own operators of quantised models.
  static let microsoft: [String: Translation.Rule] = [
    "DynamicQuantizeLSTM": { (model, node) throws(TranslationFault) in
      try model.dynamicRecurrence(node)
    },
    "QGemm": { (model, node) throws(TranslationFault) in try model.quantizedGemm(node) },
    "QLinearAdd": { (model, node) throws(TranslationFault) in
      try model.quantizedBinary(node, "add")
    },
    "QLinearMul": { (model, node) throws(TranslationFault) in
      try model.quantizedBinary(node, "mul")
    },
    "QLinearSigmoid": { (model, node) throws(TranslationFault) in
      try model.quantizedUnary(node) { (model, data) throws(TranslationFault) in
        try model.activation("sigmoid", [:], data)
      }
    },
    "QLinearLeakyRelu": { (model, node) throws(TranslationFault) in
      let alpha = node.float("alpha", default: 0.01)
      try model.quantizedUnary(node) { (model, data) throws(TranslationFault) in
        try model.activation("leaky-relu", ["alpha": alpha], data)
      }
    },
    "QLinearGlobalAveragePool": { (model, node) throws(TranslationFault) in
      if node.int("channels_last", default: 0) == 1 { throw .unsupported("channels_last") }
      try model.quantizedUnary(node) { (model, data) throws(TranslationFault) in
        try model.add("global-pool", [:], [try model.image(data)])
      }
    },
    "QLinearConcat": { (model, node) throws(TranslationFault) in
      var parts: [Flow] = []
      for index in stride(from: 2, to: node.inputs.count, by: 3) {
        parts.append(try model.dequantizedOperand(node, index))
      }
      guard let first = parts.first else { throw .invalid("has no operands") }
      let axis = try model.axis(node.int("axis", default: 1), first.rank)
      let joined =
        parts.count == 1 ? first : try model.add("concat", ["axis": String(axis)], parts)
      model.set(
        node, try model.quantized(joined, try model.scaling(node, 0, 1, of: joined.dims), node))
    },
    "QLinearSoftmax": { (model, node) throws(TranslationFault) in
      let opset = node.int("opset", default: 13)
      try model.quantizedUnary(node) { (model, data) throws(TranslationFault) in
        let axis = try model.axis(node.int("axis", default: opset < 13 ? 1 : -1), data.rank)
        guard opset >= 13 || axis == data.rank - 1 else {
          throw .unsupported("an axis before the last one, as before version 13")
        }
        return try model.add(
          "softmax", axis == data.rank - 1 ? [:] : ["axis": String(axis)], [data])
      }
    },
    "Gelu": { (model, node) throws(TranslationFault) in
      model.set(node, try model.activation("gelu", [:], try model.flow(node, 0)))
    },
    "FastGelu": { (model, node) throws(TranslationFault) in
      guard !model.has(node, 1) else { throw .unsupported("a bias") }
      model.set(node, try model.activation("gelu-tanh", [:], try model.flow(node, 0)))
    },
  ]
}

/// A scale and a zero point, of the whole or along an axis.
struct Scaling {
  let scale: ConstantTensor
  let zeroPoint: ConstantTensor?
  let axis: Int
}

/// Quantised constants.
enum Quantization {
  /// What a node makes of constants; `nil` where it is not computed here.
  static func folded(_ node: OperatorNode, _ inputs: [ConstantTensor?]) -> [ConstantTensor]? {
    guard node.domain.isEmpty, node.type == "DequantizeLinear", inputs.count >= 2,
      let data = inputs[0], let scale = inputs[1], !data.isAbsent,
      node.int("block_size", default: 0) == 0
    else { return nil }
    let given = node.int("axis", default: 1)
    let axis = given < 0 ? given + data.dims.count : given
    guard scale.count == 1 || data.dims.indices.contains(axis) && scale.count == data.dims[axis]
    else { return nil }
    return [dequantized(data, scale, inputs.count > 2 ? inputs[2] : nil, axis: axis)]
  }

  /// (x − zero point) · scale, made when it is read.
  static func dequantized(
    _ data: ConstantTensor, _ scale: ConstantTensor, _ zeroPoint: ConstantTensor?, axis: Int
  ) -> ConstantTensor {
    let (scales, zeros) = (scale.floats(), zeroPoint?.floats() ?? [0])
    let inner = scales.count == 1 ? 1 : data.dims[(axis + 1)...].reduce(1, *)
    let extent = scales.count
    var result = ConstantTensor(dims: data.dims, elementType: .f32) { offset, buffer in
      data.read(offset: offset, into: buffer)
      for place in buffer.indices {
        let index = (offset + place) / inner % extent
        buffer[place] = (buffer[place] - zeros[zeros.count == 1 ? 0 : index]) * scales[index]
      }
    }
    result.origin = data.origin
    if scales.allSatisfy({ $0 > 0 }) { result.grid = IntegerGrid(steps: scales, axis: axis) }
    return result
  }
}

extension Translation {
  /// The scale and zero point of a node.
  mutating func scaling(_ node: OperatorNode, _ scale: Int, _ zeroPoint: Int, of dims: [Int])
    throws(TranslationFault) -> Scaling
  {
    if node.int("block_size", default: 0) != 0 { throw .unsupported("block_size") }
    guard let factor = try constant(node, scale) else { throw .invalid("has no scale") }
    let zero = has(node, zeroPoint) ? try constant(node, zeroPoint) : nil
    let axis = factor.count == 1 ? 0 : try axis(node.int("axis", default: 1), dims.count)
    guard factor.count == 1 || factor.count == dims[axis] else {
      throw .invalid("\(factor.count) scales for \(shapeText(dims))")
    }
    if let zero, zero.count != factor.count {
      throw .invalid("\(zero.count) zero points for \(factor.count) scales")
    }
    return Scaling(scale: factor, zeroPoint: zero, axis: axis)
  }

  /// A list along an axis as an operand of a value.
  private mutating func perChannel(
    _ tensor: ConstantTensor, _ axis: Int, _ rank: Int, _ name: String
  ) throws(TranslationFault) -> Flow {
    let dims = [tensor.count] + Array(repeating: 1, count: rank - axis - 1)
    return try flow(of: tensor.reshaped(dims), named: name)
  }

  /// The integers of a value.
  mutating func quantized(_ data: Flow, _ scaling: Scaling, _ node: OperatorNode)
    throws(TranslationFault) -> Flow
  {
    let type = scaling.zeroPoint?.elementType ?? .u8
    guard type == .u8 || type == .i8 else { throw .unsupported("integers of \(type.rawValue)") }
    if scaling.scale.count == 1 {
      var attributes = ["scale": NumberText.real(scaling.scale.reals()[0])]
      let zero = scaling.zeroPoint?.integers()[0] ?? 0
      if zero != 0 { attributes["zero-point"] = String(zero) }
      if type == .i8 { attributes["type"] = "s8" }
      return try add("quantize", attributes, [data], elementType: type)
    }
    let scale = try perChannel(
      scaling.scale, scaling.axis, data.rank, "\(node.title)/scales")
    var value = try activation("round", [:], try add("div", [:], [data, scale]))
    if let zero = scaling.zeroPoint {
      let zeros = try perChannel(zero, scaling.axis, data.rank, "\(node.title)/zeros")
      value = try add("add", [:], [value, zeros])
    }
    var result = try activation(
      "clip", type == .u8 ? ["alpha": 0, "beta": 255] : ["alpha": -128, "beta": 127], value)
    result.elementType = type
    return result
  }

  /// The numbers that integers stand for.
  mutating func dequantized(_ data: Flow, _ scaling: Scaling, _ node: OperatorNode)
    throws(TranslationFault) -> Flow
  {
    if scaling.scale.count == 1 {
      var attributes = ["scale": NumberText.real(scaling.scale.reals()[0])]
      let zero = scaling.zeroPoint?.integers()[0] ?? 0
      if zero != 0 { attributes["zero-point"] = String(zero) }
      return try add("dequantize", attributes, [data], elementType: .f32)
    }
    var value = data
    if let zero = scaling.zeroPoint {
      let zeros = try perChannel(zero, scaling.axis, data.rank, "\(node.title)/zeros")
      value = try add("sub", [:], [value, zeros])
    }
    let scale = try perChannel(
      scaling.scale, scaling.axis, data.rank, "\(node.title)/scales")
    return try add("mul", [:], [value, scale], elementType: .f32)
  }

  /// An operand, its scale and its zero point, one behind the other.
  fileprivate mutating func dequantizedOperand(_ node: OperatorNode, _ index: Int)
    throws(TranslationFault) -> Flow
  {
    let data = try flow(node, index)
    return try dequantized(data, try scaling(node, index + 1, index + 2, of: data.dims), node)
  }

  /// A product of rows with weights of integers, and a bias in units of both steps.
  fileprivate mutating func quantizedGemm(_ node: OperatorNode) throws(TranslationFault) {
    guard node.int("transA", default: 0) == 0 else { throw .unsupported("transA") }
    let data = try flow(node, 0)
    let scaling = try scaling(node, 1, 2, of: data.dims)
    let input = try dequantized(data, scaling, node)
    guard let matrix = try constant(node, 3), matrix.dims.count == 2,
      let scale = try constant(node, 4), scaling.scale.count == 1
    else { throw .invalid("has no weights") }
    let isTurned = node.int("transB", default: 0) == 1
    let zero = has(node, 5) ? try constant(node, 5) : nil
    let alpha = Float(node.float("alpha", default: 1))
    var real = Quantization.dequantized(matrix, scale, zero, axis: isTurned ? 0 : 1)
    if !isTurned { real = real.transposed([1, 0]) }
    if alpha != 1 { real = real.mapped { $0 * alpha } }
    var bias: ConstantTensor?
    if has(node, 6), let integers = try constant(node, 6) {
      let units = scale.floats().map { $0 * scaling.scale.floats()[0] * alpha }
      guard integers.count == real.dims[0] else { throw .unsupported("a matrix as its bias") }
      bias = ConstantTensor(
        dims: [integers.count],
        reals: integers.reals().enumerated().map { place, value in
          value * Double(units[units.count == 1 ? 0 : place])
        })
    }
    let output = try fullyConnected(input, real, bias)
    guard has(node, 7) else { return set(node, output) }
    set(node, try quantized(output, try self.scaling(node, 7, 8, of: output.dims), node))
  }

  /// An LSTM whose weights are integers, channels before gates, and whose data are rounded while it runs,
  /// which is left out.
  fileprivate mutating func dynamicRecurrence(_ node: OperatorNode) throws(TranslationFault) {
    var inputs = Array(node.inputs.prefix(8))
    for (place, scale) in [(1, 8), (2, 10)] {
      guard let data = try constant(node, place), let steps = try constant(node, scale),
        data.dims.count == 3, [data.dims[0], data.dims[0] * data.dims[2]].contains(steps.count)
      else { throw .invalid("has no weights with steps") }
      let (numbers, zeros) = (steps.floats(), try constant(node, scale + 1)?.floats() ?? [0])
      let (ways, inner, width) = (data.dims[0], data.dims[1], data.dims[2])
      guard [1, numbers.count].contains(zeros.count) else {
        throw .invalid("\(zeros.count) zero points for \(numbers.count) steps")
      }
      let real = ConstantTensor(dims: data.dims) { offset, buffer in
        data.read(offset: offset, into: buffer)
        for index in buffer.indices {
          let (row, column) = (offset + index).quotientAndRemainder(dividingBy: width)
          let way = row / inner
          let step = numbers.count == ways ? way : way * width + column
          buffer[index] = (buffer[index] - zeros[zeros.count == 1 ? 0 : step]) * numbers[step]
        }
      }
      let name = "\(node.title)/\(node.inputs[place])"
      values[name] = .constant(real.transposed([0, 2, 1]))
      inputs[place] = name
    }
    var whole = node
    whole.type = "LSTM"
    whole.domain = ""
    whole.inputs = inputs
    guard let rule = Operators.rule(for: whole) else { throw .unsupported("") }
    try rule(&self, whole)
  }

  /// An operand less its zero point.
  fileprivate mutating func shifted(_ node: OperatorNode, _ index: Int, by zeroPoint: Int)
    throws(TranslationFault) -> Flow
  {
    let data = try flow(node, index)
    guard has(node, zeroPoint), let zero = try constant(node, zeroPoint) else { return data }
    guard let number = zero.fill else { throw .unsupported("a zero point a row") }
    return try line(data, 1, -number)
  }

  fileprivate mutating func quantizedBinary(_ node: OperatorNode, _ element: String)
    throws(TranslationFault)
  {
    let operands = [try dequantizedOperand(node, 0), try dequantizedOperand(node, 3)]
    let result = try add(element, [:], operands)
    set(node, try quantized(result, try scaling(node, 6, 7, of: result.dims), node))
  }

  fileprivate mutating func quantizedUnary(
    _ node: OperatorNode,
    _ body: (inout Translation, Flow) throws(TranslationFault) -> Flow
  ) throws(TranslationFault) {
    let result = try body(&self, try dequantizedOperand(node, 0))
    set(node, try quantized(result, try scaling(node, 3, 4, of: result.dims), node))
  }
}
