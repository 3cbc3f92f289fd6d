import Model

/// Why a layer of an intermediate representation contradicts itself.
struct IRFault: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

/// Turns a layer of an intermediate representation into ONNX's operators.
///
/// A type without a rule keeps its name in the domain `openvino`, so that the import lists it with all others
/// that it has no layer for.
struct IROperation {
  let layer: IRLayer
  let inputs: [String]
  let outputs: [String]
  /// Constants that were read.
  let constants: [String: ConstantTensor]
  /// All names of values.
  var taken: Set<String>
  /// The operators it becomes; the last one has the layer's name.
  private(set) var nodes: [OperatorNode] = []
  /// Constants that were made for them.
  private(set) var made: [String: ConstantTensor] = [:]

  init(
    layer: IRLayer, inputs: [String], outputs: [String], constants: [String: ConstantTensor],
    taken: Set<String>
  ) {
    self.layer = layer
    self.inputs = inputs
    self.outputs = outputs
    self.constants = constants
    self.taken = taken
  }

  // MARK: Parts

  /// Appends an operator.
  mutating func add(
    _ type: String, _ inputs: [String], _ outputs: [String]? = nil,
    _ attributes: [String: OperatorAttribute] = [:]
  ) {
    let last = outputs == nil || outputs == self.outputs
    nodes.append(
      OperatorNode(
        name: last ? layer.name : outputs?.first ?? "", type: type, inputs: inputs,
        outputs: outputs ?? self.outputs, attributes: attributes, place: layer.place))
  }

  /// A name for a value between the operators of a layer.
  mutating func name(_ what: String) -> String {
    var name = "\(layer.name)/\(what)"
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(layer.name)/\(what)_\(number)"
      number += 1
    }
    return name
  }

  /// An operator whose result another one of the layer reads.
  mutating func step(
    _ type: String, _ inputs: [String], _ what: String,
    _ attributes: [String: OperatorAttribute] = [:]
  ) -> String {
    let result = name(what)
    add(type, inputs, [result], attributes)
    return result
  }

  /// A constant made for the layer.
  mutating func constant(_ tensor: ConstantTensor, _ what: String) -> String {
    let name = name(what)
    made[name] = tensor
    return name
  }

  /// An operand; empty where there is none.
  func input(_ index: Int) -> String { index < inputs.count ? inputs[index] : "" }

  /// An operand that is a constant.
  func constant(_ index: Int) -> ConstantTensor? { constants[input(index)] }

  /// Integers of an operand that must be a constant.
  func ints(_ index: Int, _ what: String) throws(IRFault) -> [Int] {
    guard let tensor = constant(index) else {
      throw IRFault("its \(what) are computed while it runs")
    }
    return tensor.integers().map { Int($0) }
  }

  /// A number of an operand that must be a constant.
  func real(_ index: Int, _ what: String) throws(IRFault) -> Float {
    guard let tensor = constant(index), tensor.count == 1 else {
      throw IRFault("its \(what) is no constant number")
    }
    return Float(tensor.reals()[0])
  }
}

extension IROperation {
  /// Layers that have the same operands and no attributes under another name.
  private static let renamed: [String: String] = [
    "Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Divide": "Div", "Power": "Pow",
    "Maximum": "Max", "Minimum": "Min", "Equal": "Equal", "Greater": "Greater",
    "GreaterEqual": "GreaterOrEqual", "Less": "Less", "LessEqual": "LessOrEqual",
    "LogicalNot": "Not", "LogicalAnd": "And", "LogicalOr": "Or", "Select": "Where",
    "ReLU": "Relu", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Exp": "Exp", "Log": "Log",
    "Sqrt": "Sqrt", "Abs": "Abs", "Negative": "Neg", "Floor": "Floor", "Ceiling": "Ceil",
    "Erf": "Erf", "Sign": "Sign", "HSwish": "HardSwish", "SoftPlus": "Softplus", "Mish": "Mish",
    "ShapeOf": "Shape", "Broadcast": "Expand", "Squeeze": "Squeeze", "Unsqueeze": "Unsqueeze",
    "Tile": "Tile", "Range": "Range", "Sin": "Sin", "Cos": "Cos", "PReLU": "PRelu",
  ]

  /// Translates the layer.
  mutating func translate() throws(IRFault) {
    if layer.type == "PReLU" { return parametricRelu() }
    if let type = Self.renamed[layer.type] {
      // A Broadcast with a third operand maps axes, which Expand cannot.
      if layer.type == "Broadcast", inputs.count > 2 { return keep() }
      return add(type, layer.type == "ShapeOf" ? [input(0)] : inputs)
    }
    switch layer.type {
    case "Convolution", "GroupConvolution": try convolution()
    case "ConvolutionBackpropData", "GroupConvolutionBackpropData": try deconvolution()
    case "MaxPool", "AvgPool": try pooling()
    case "MatMul": product()
    case "SoftMax", "Softmax": add("Softmax", inputs, nil, ["axis": .int(axis(default: 1))])
    case "LogSoftmax": add("LogSoftmax", inputs, nil, ["axis": .int(axis(default: 1))])
    case "Clamp":
      let low = constant(.init(dims: [], reals: [Double(layer.number("min") ?? 0)]), "min")
      let high = constant(.init(dims: [], reals: [Double(layer.number("max") ?? 0)]), "max")
      add("Clip", [input(0), low, high])
    case "Elu": add("Elu", inputs, nil, ["alpha": .float(layer.number("alpha") ?? 1)])
    case "HardSigmoid":
      add(
        "HardSigmoid", [input(0)], nil,
        [
          "alpha": .float(try real(1, "alpha")), "beta": .float(try real(2, "beta")),
        ])
    case "Swish":
      var scaled = input(0)
      if inputs.count > 1 { scaled = step("Mul", inputs, "scaled") }
      let gate = step("Sigmoid", [scaled], "gate")
      add("Mul", [input(0), gate])
    case "Gelu":
      let isTanh = layer.data["approximation_mode"]?.lowercased() == "tanh"
      add("Gelu", [input(0)], nil, ["approximate": .string(isTanh ? "tanh" : "none")])
    case "SquaredDifference":
      let difference = step("Sub", inputs, "difference")
      add("Mul", [difference, difference])
    case "NotEqual": add("Not", [step("Equal", inputs, "equal")])
    case "Reshape":
      add("Reshape", inputs, nil, ["allowzero": .int(layer.flag("special_zero") ? 0 : 1)])
    case "Transpose":
      let order = inputs.count > 1 ? try ints(1, "order") : []
      add("Transpose", [input(0)], nil, order.isEmpty ? [:] : ["perm": .ints(order)])
    case "Concat": add("Concat", inputs, nil, ["axis": .int(axis(default: 1))])
    case "Gather":
      if let batch = layer.ints("batch_dims")?.first, batch != 0 { return keep() }
      let axes = try ints(2, "axis")
      add("Gather", [input(0), input(1)], nil, ["axis": .int(axes.first ?? 0)])
    case "Convert", "ConvertLike": try conversion()
    case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2":
      add(
        layer.type, inputs, nil, ["keepdims": .int(layer.flag("keep_dims") ? 1 : 0)])
    case "Pad": try padding()
    case "Slice":
      let axes = input(4)
      add("Slice", [input(0), input(1), input(2), axes, input(3)])
    case "StridedSlice": try stridedSlice()
    case "Split", "VariadicSplit": try split()
    case "LRN": try responseNormalization()
    case "BatchNormInference":
      // The first set of operations has the data behind the scale and the shift.
      let isOld = layer.version == "opset1"
      let order = isOld ? [2, 0, 1, 3, 4] : [0, 1, 2, 3, 4]
      add(
        "BatchNormalization", order.map(input), nil,
        ["epsilon": .float(layer.number("epsilon") ?? 1e-5)])
    case "DepthToSpace", "SpaceToDepth":
      let mode = layer.data["mode"] == "depth_first" ? "CRD" : "DCR"
      var attributes: [String: OperatorAttribute] = [
        "blocksize": .int(layer.ints("block_size")?.first ?? 1)
      ]
      if layer.type == "DepthToSpace" { attributes["mode"] = .string(mode) }
      add(layer.type, inputs, nil, attributes)
    case "LSTMSequence", "GRUSequence", "RNNSequence": try recurrence()
    case "FakeQuantize": try fakeQuantize()
    case "Interpolate": try interpolation()
    case "MVN": try standardization()
    default: keep()
    }
  }

  /// Leaves the layer as it is, for the list of what is not supported.
  mutating func keep() {
    nodes.append(
      OperatorNode(
        name: layer.name, type: layer.type, domain: "openvino", inputs: inputs, outputs: outputs,
        place: layer.place))
  }

  func axis(default fallback: Int) -> Int { layer.ints("axis")?.first ?? fallback }

  private mutating func parametricRelu() {
    // A slope a channel stands as it does in memory; ONNX's is broadcast from the last dimension.
    if let slope = constant(1), slope.dims.count == 1, slope.count > 1,
      let rank = layer.inputRanks.first, rank > 2
    {
      let dims = slope.dims + Array(repeating: 1, count: rank - 2)
      return add("PRelu", [input(0), constant(slope.reshaped(dims), "slope")])
    }
    add("PRelu", inputs)
  }

  private mutating func product() {
    var operands = [input(0), input(1)]
    // Weights as they lie: nothing is turned around twice.
    if layer.inputRanks == [2, 2], layer.flag("transpose_b"), !layer.flag("transpose_a") {
      return add("Gemm", operands, nil, ["transB": .int(1)])
    }
    for (place, key) in ["transpose_a", "transpose_b"].enumerated() where layer.flag(key) {
      let rank = layer.inputRanks.indices.contains(place) ? layer.inputRanks[place] : 2
      guard rank > 1 else { continue }
      var order = Array(0..<rank)
      order.swapAt(rank - 2, rank - 1)
      if let tensor = constant(place), tensor.dims.count == rank {
        operands[place] = constant(tensor.transposed(order), "transposed")
      } else {
        operands[place] = step(
          "Transpose", [operands[place]], "transposed", ["perm": .ints(order)])
      }
    }
    add("MatMul", operands)
  }

  private static let typeNumbers: [String: Int] = [
    "f32": 1, "u8": 2, "i8": 3, "u16": 4, "i16": 5, "i32": 6, "i64": 7, "boolean": 9, "f16": 10,
    "f64": 11, "u32": 12, "u64": 13, "bf16": 16,
  ]

  private mutating func conversion() throws(IRFault) {
    let name = (layer.data["destination_type"] ?? "f32").lowercased()
    guard let number = Self.typeNumbers[name] else {
      throw IRFault("converts to '\(name)', which is no type of element")
    }
    add("Cast", [input(0)], nil, ["to": .int(number)])
  }

  private mutating func padding() throws(IRFault) {
    let pads = step("Concat", [input(1), input(2)], "pads", ["axis": .int(0)])
    let modes = ["constant": "constant", "edge": "edge", "reflect": "reflect"]
    guard let mode = modes[layer.data["pad_mode"] ?? "constant"] else { return keep() }
    add("Pad", [input(0), pads, input(3)], nil, ["mode": .string(mode)])
  }

  private mutating func split() throws(IRFault) {
    let axis = try ints(1, "axis").first ?? 0
    if layer.type == "Split" {
      return add(
        "Split", [input(0)], nil, ["axis": .int(axis), "num_outputs": .int(outputs.count)])
    }
    add("Split", [input(0), input(2)], nil, ["axis": .int(axis)])
  }

  /// Begins, ends and steps with masks of the axes that ignore them.
  private mutating func stridedSlice() throws(IRFault) {
    let begin = try ints(1, "begins")
    let end = try ints(2, "ends")
    let steps = inputs.count > 3 ? try ints(3, "steps") : Array(repeating: 1, count: begin.count)
    let masks = ["begin_mask", "end_mask", "shrink_axis_mask"].map { layer.ints($0) ?? [] }
    func isSet(_ mask: Int, _ axis: Int) -> Bool {
      axis < masks[mask].count && masks[mask][axis] == 1
    }
    let others = ["new_axis_mask", "ellipsis_mask"].flatMap { layer.ints($0) ?? [] }
    guard !others.contains(1), end.count == begin.count, steps.count == begin.count else {
      return keep()
    }
    let axes = begin.indices.filter { axis in
      !(isSet(0, axis) && isSet(1, axis) && steps[axis] == 1)
    }
    let starts = axes.map { isSet(0, $0) ? (steps[$0] > 0 ? 0 : Int(Int32.max)) : begin[$0] }
    let ends = axes.map { axis in
      if isSet(2, axis) {
        return begin[axis] == -1 ? Int(Int32.max) : begin[axis] + 1
      }
      return isSet(1, axis) ? (steps[axis] > 0 ? Int(Int32.max) : -Int(Int32.max)) : end[axis]
    }
    let shrunk = begin.indices.filter { isSet(2, $0) }
    guard !axes.isEmpty else { return add("Identity", [input(0)]) }
    let operands = [
      input(0), constant(.init(starts), "starts"), constant(.init(ends), "ends"),
      constant(.init(axes), "axes"), constant(.init(axes.map { steps[$0] }), "steps"),
    ]
    if shrunk.isEmpty { return add("Slice", operands) }
    let part = step("Slice", operands, "slice")
    add("Squeeze", [part, constant(.init(shrunk), "shrunk")])
  }

  private mutating func responseNormalization() throws(IRFault) {
    guard try ints(1, "axes") == [1] else { return keep() }
    add(
      "LRN", [input(0)], nil,
      [
        "alpha": .float(layer.number("alpha") ?? 1e-4),
        "beta": .float(layer.number("beta") ?? 0.75),
        "bias": .float(layer.number("bias") ?? 1), "size": .int(layer.ints("size")?.first ?? 1),
      ])
  }
}
