import Model
import Topology

extension Operators {
  /// Recurrent layers.
  static let recurrent: [String: Translation.Rule] = [
    "LSTM": { (model, node) throws(TranslationFault) in try model.recurrence(node, .lstm) },
    "GRU": { (model, node) throws(TranslationFault) in try model.recurrence(node, .gru) },
    "RNN": { (model, node) throws(TranslationFault) in try model.recurrence(node, .rnn) },
  ]
}

/// What is particular to each recurrent cell.
private struct CellRule {
  let element: String
  /// PyTorch's gates as places among ONNX's.
  let order: [Int]
  let activations: [String]
  /// Whether there is a state c.
  let hasCell: Bool
}

extension Translation {
  fileprivate enum Cell { case lstm, gru, rnn }

  private func rule(_ cell: Cell) -> CellRule {
    switch cell {
    // ONNX: i o f c; PyTorch: i f g o.
    case .lstm:
      CellRule(
        element: "lstm", order: [0, 2, 3, 1], activations: ["sigmoid", "tanh", "tanh"],
        hasCell: true)
    // ONNX: z r h; PyTorch: r z n.
    case .gru:
      CellRule(
        element: "gru", order: [1, 0, 2], activations: ["sigmoid", "tanh"], hasCell: false)
    case .rnn: CellRule(element: "rnn", order: [0], activations: ["tanh"], hasCell: false)
    }
  }

  fileprivate mutating func recurrence(_ node: OperatorNode, _ cell: Cell)
    throws(TranslationFault)
  {
    let rule = rule(cell)
    let input = try flow(node, 0)
    guard input.rank == 3 else { throw .invalid("\(input.type) is no sequence") }
    if node.int("layout", default: 0) != 0 { throw .unsupported("layout 1, the batch first") }
    if node.float("clip") != nil { throw .unsupported("clip") }
    if node.int("input_forget", default: 0) != 0 { throw .unsupported("input_forget") }
    if has(node, 7), cell == .lstm { throw .unsupported("peepholes") }
    guard let weight = try weight(node, 1), let recurrent = try self.weight(node, 2),
      weight.dims.count == 3, recurrent.dims.count == 3
    else { throw .invalid("has no weights") }
    let (ways, gates, hidden) = (weight.dims[0], rule.order.count, recurrent.dims[2])
    guard weight.dims == [ways, gates * hidden, input.dims[2]],
      recurrent.dims == [ways, gates * hidden, hidden]
    else {
      throw .invalid(
        "weights of \(shapeText(weight.dims)) and \(shapeText(recurrent.dims)) meet \(input.type)")
    }
    let bias = has(node, 3) ? try self.weight(node, 3) : nil
    if let bias, bias.dims != [ways, 2 * gates * hidden] {
      throw .invalid("a bias of \(shapeText(bias.dims))")
    }
    try checkLengths(node, input.dims[0])
    var attributes = ["hidden": String(hidden)]
    switch (node.string("direction") ?? "forward", ways) {
    case ("forward", 1): break
    case ("reverse", 1): attributes["direction"] = "backward"
    case ("bidirectional", 2): attributes["direction"] = "bidirectional"
    case (let direction, _): throw .invalid("direction '\(direction)' of \(ways)")
    }
    if let activation = try activations(node, rule, cell, ways) {
      attributes["activation"] = activation
    }
    if cell == .gru, node.int("linear_before_reset", default: 0) == 1 {
      attributes["linear-before-reset"] = "true"
    }
    var weights: [(name: String, tensor: ConstantTensor)] = []
    for way in 0..<ways {
      let suffix = way == 0 ? "" : "_reverse"
      weights.append(("weight_ih_l0" + suffix, gateRows(weight, way, rule.order, hidden)))
      weights.append(("weight_hh_l0" + suffix, gateRows(recurrent, way, rule.order, hidden)))
      for (half, name) in ["bias_ih_l0", "bias_hh_l0"].enumerated() {
        guard let bias else {
          weights.append(
            (name + suffix, ConstantTensor(dims: [gates * hidden], elementType: .f32, fill: 0)))
          continue
        }
        let vectors = bias.reshaped([2 * ways, gates * hidden])
        weights.append((name + suffix, gateRows(vectors, 2 * way + half, rule.order, hidden)))
      }
    }
    let operands = [try with(.tnc, input)] + (try firstStates(node, rule, ways, hidden, input))
    let output = try add(rule.element, attributes, operands, weights: weights)
    try setResults(node, rule, output, ways, hidden)
  }

  /// The gates of one direction in PyTorch's order.
  private func gateRows(_ tensor: ConstantTensor, _ way: Int, _ order: [Int], _ hidden: Int)
    -> ConstantTensor
  {
    let height = order.count * hidden
    let width = tensor.dims.count == 3 ? tensor.dims[2] : 1
    let dims = tensor.dims.count == 3 ? [height, width] : [height]
    if tensor.isAbsent {
      return ConstantTensor(
        dims: dims, elementType: tensor.elementType, .absent, origin: tensor.origin)
    }
    let rows = tensor.reshaped([tensor.count / width, width])
    let places = order.flatMap { gate in
      way * height + gate * hidden..<way * height + (gate + 1) * hidden
    }
    return rows.rows(places).reshaped(dims)
  }

  /// Lengths of sequences are an operand; all must be the number of steps.
  private mutating func checkLengths(_ node: OperatorNode, _ steps: Int) throws(TranslationFault) {
    guard has(node, 4) else { return }
    guard let lengths = try constant(node, 4), lengths.integers().allSatisfy({ $0 == steps })
    else { throw .unsupported("sequences of different lengths") }
  }

  /// The activation of a plain cell; `nil` for the usual ones.
  private func activations(_ node: OperatorNode, _ rule: CellRule, _ cell: Cell, _ ways: Int)
    throws(TranslationFault) -> String?
  {
    guard let names = node.strings("activations")?.map({ $0.lowercased() }) else { return nil }
    let each = rule.activations.count
    guard names.count == each * ways else { throw .invalid("\(names.count) activations") }
    if cell == .rnn {
      guard Set(names).count == 1, ["tanh", "relu", "sigmoid"].contains(names[0]) else {
        throw .unsupported("activations \(names.joined(separator: ", "))")
      }
      return names[0] == "tanh" ? nil : names[0]
    }
    for way in 0..<ways where Array(names[way * each..<(way + 1) * each]) != rule.activations {
      throw .unsupported("activations \(names.joined(separator: ", "))")
    }
    return nil
  }

  /// First states, unless they are zero.
  private mutating func firstStates(
    _ node: OperatorNode, _ rule: CellRule, _ ways: Int, _ hidden: Int, _ input: Flow
  ) throws(TranslationFault) -> [Flow] {
    let places = rule.hasCell ? [5, 6] : [5]
    var isZero = true
    for place in places {
      switch try value(node, place) {
      case nil: continue
      case .constant(let tensor)?: if tensor.fill != 0 { isZero = false }
      default: isZero = false
      }
    }
    if isZero { return [] }
    var states: [Flow] = []
    for place in places {
      let dims = [ways, input.dims[1], hidden]
      let state =
        has(node, place)
        ? try flow(node, place)
        : try flow(
          of: ConstantTensor(dims: dims, elementType: .f32, fill: 0),
          named: "\(node.title)/zeros")
      guard state.dims == dims else {
        throw .invalid("a first state of \(shapeText(state.dims)), not \(shapeText(dims))")
      }
      states.append(try with(.tnc, state))
    }
    return states
  }

  /// Y of T × D × N × H, and the last states.
  private mutating func setResults(
    _ node: OperatorNode, _ rule: CellRule, _ output: Flow, _ ways: Int, _ hidden: Int
  ) throws(TranslationFault) {
    guard case .draft(let index) = output.operand else { return }
    for state in 0..<(rule.hasCell ? 2 : 1) where isUsed(node, state + 1) {
      let result = state + 1
      let dims = [ways, output.dims[1], hidden]
      set(
        node, result,
        .flow(Flow(.state(index, state), try type(dims, .tnc), .f32)))
    }
    guard isUsed(node, 0) else { return }
    let (steps, batch) = (output.dims[0], output.dims[1])
    if ways == 1 {
      return set(node, try reshaped(output, [steps, 1, batch, hidden]))
    }
    let parts = try reshaped(output, [steps, batch, ways, hidden])
    set(node, try transposed(parts, [0, 2, 1, 3]))
  }
}
