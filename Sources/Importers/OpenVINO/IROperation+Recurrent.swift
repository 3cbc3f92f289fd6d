import Model

extension IROperation {
  /// A sequence layer: N × T × C in, N × D × T × H out, states N × D × H; gates f i c o of an LSTM and
  /// z r h of a GRU, with one bias (a GRU that resets behind the product has four).
  mutating func recurrence() throws(IRFault) {
    let hasCell = layer.type == "LSTMSequence"
    let first = hasCell ? 4 : 3
    guard let hidden = layer.ints("hidden_size")?.first, hidden > 0,
      let weights = constant(first), let recurrent = constant(first + 1),
      let bias = constant(first + 2)
    else { throw IRFault("its hidden_size or weights are missing or no constant") }
    let isLate = layer.type == "GRUSequence" && layer.flag("linear_before_reset")
    // ONNX: i o f c and z r h.
    let order = hasCell ? [1, 3, 0, 2] : layer.type == "GRUSequence" ? [0, 1, 2] : [0]
    let ways = weights.dims.first ?? 0
    let biases = isLate ? 4 : order.count
    guard weights.dims.count == 3, recurrent.dims == [ways, order.count * hidden, hidden],
      weights.dims[1] == order.count * hidden, bias.dims == [ways, biases * hidden]
    else { throw IRFault("its weights do not fit a hidden_size of \(hidden)") }
    let sequence = step("Transpose", [input(0)], "steps", ["perm": .ints([1, 0, 2])])
    let state = step("Transpose", [input(1)], "first_h", ["perm": .ints([1, 0, 2])])
    var operands = [
      sequence, constant(gates(weights, order, hidden), "w"),
      constant(gates(recurrent, order, hidden), "r"),
      constant(self.bias(bias, order, hidden, isLate: isLate), "b"), input(first - 1), state,
    ]
    if hasCell {
      operands.append(step("Transpose", [input(2)], "first_c", ["perm": .ints([1, 0, 2])]))
    }
    var attributes: [String: OperatorAttribute] = [
      "hidden_size": .int(hidden),
      "direction": .string(layer.data["direction"] ?? "forward"),
    ]
    if let clip = layer.number("clip"), clip != 0 { attributes["clip"] = .float(clip) }
    let activations = layer.words("activations")
    if !activations.isEmpty {
      attributes["activations"] = .strings(
        (0..<ways).flatMap { _ in activations.map(Self.title) })
    }
    if layer.type == "GRUSequence" { attributes["linear_before_reset"] = .int(isLate ? 1 : 0) }
    let type = String(layer.type.dropLast("Sequence".count))
    var made: [String] = []
    for place in outputs.indices { made.append(name("out\(place)")) }
    add(type, operands, made, attributes)
    for (place, output) in outputs.enumerated() {
      add(
        "Transpose", [made[place]], [output],
        ["perm": .ints(place == 0 ? [2, 1, 0, 3] : [1, 0, 2])])
    }
  }

  private static func title(_ word: String) -> String {
    switch word.lowercased() {
    case "sigmoid": "Sigmoid"
    case "tanh": "Tanh"
    case "relu": "Relu"
    default: word
    }
  }

  /// Weights D × G·H × … with their gates in another order.
  private func gates(_ tensor: ConstantTensor, _ order: [Int], _ hidden: Int) -> ConstantTensor {
    if order == order.sorted() { return tensor }
    let (ways, height) = (tensor.dims[0], tensor.dims[1])
    let width = tensor.dims.dropFirst(2).reduce(1, *)
    var places: [Int] = []
    for way in 0..<ways {
      for gate in order {
        let first = way * height + gate * hidden
        places += first..<first + hidden
      }
    }
    return tensor.reshaped([ways * height, width]).rows(places).reshaped(tensor.dims)
  }

  /// Both biases of ONNX, those of the input and those of the state, D × 2·G·H.
  private func bias(_ tensor: ConstantTensor, _ order: [Int], _ hidden: Int, isLate: Bool)
    -> ConstantTensor
  {
    let values = tensor.floats()
    let ways = tensor.dims[0]
    let count = tensor.dims[1]
    var both: [Double] = []
    for way in 0..<ways {
      func gate(_ index: Int) -> [Double] {
        let start = way * count + index * hidden
        return values[start..<start + hidden].map(Double.init)
      }
      for index in order { both += gate(index) }
      // Of four biases the last is the state's part of the third gate.
      for index in order.indices {
        both += isLate && index == 2 ? gate(3) : Array(repeating: 0, count: hidden)
      }
    }
    return ConstantTensor(dims: [ways, 2 * order.count * hidden], reals: both)
  }
}
