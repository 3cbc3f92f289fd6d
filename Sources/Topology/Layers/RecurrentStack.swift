/// `lstm`, `gru`, `rnn`: recurrent layers on sequences (`tnc`).
///
/// With T steps, N samples, I input and H hidden channels, D directions, G gates (LSTM 4, GRU 3,
/// RNN 1) and B bias vectors (G; 4 for a `linear-before-reset` GRU), each of the stacked layers
/// has parameters = D·(G·H·(I + H) + B·H) and MACs = T·N·D·G·H·(I + H), the products of the cell.
/// FLOP = 2·MACs + T·N·D·E·H with E element-wise operations a hidden unit: LSTM 9 (four gate
/// functions; f·c, i·c̃, their sum; tanh of it, times o), GRU 8 (three gate functions; r·h, u·h,
/// 1 − u, its product with o, the sum), RNN 1; `bidirectional-sum` adds T·N·H. So an LSTM whose
/// I equals H costs 16·H² + 9·H FLOP a cell, step and sample.
///
/// First states are further operands: h, and c of an LSTM, each L·D x N x H with L stacked layers (a
/// layer's directions side by side, as in PyTorch); they are zero by default. Last states, alike, are
/// the layer's `.h` and `.c`.
///
/// Later layers of a stack feed on what the direction gives: 2·H channels for `bidirectional`.
struct RecurrentStack: LayerKind {
  static let elements = [
    ElementSchema(
      "lstm", doc: "Long short-term memory.", with: "first states", states: ["h", "c"], hidden,
      layers, direction),
    ElementSchema(
      "gru", doc: "Gated recurrent unit.", with: "first states", states: ["h"], hidden, layers,
      direction,
      linearBeforeReset),
    ElementSchema(
      "rnn", doc: "Plain recurrent layer.", with: "first states", states: ["h"], hidden, layers,
      direction,
      activation),
  ]

  private static let hidden = Attribute<Int>("hidden", doc: "Hidden channels a direction.")
  private static let layers = Attribute<Int>(
    "layers", default: 1, in: 1...1024,
    doc: "Stacked layers, up to 1024; each feeds on what the one below gives.")
  private static let direction = Attribute<Recurrent.Direction>(
    "direction", default: .forward,
    doc: "Which way time is walked; `bidirectional` concatenates both ways, "
      + "`bidirectional-sum` adds them.",
    guide: "`forward`, `backward`, `bidirectional` (outputs concatenated), "
      + "`bidirectional-sum` (added)")
  private static let linearBeforeReset = Attribute<Bool>(
    "linear-before-reset", default: false, doc: "Whether the reset gate acts after the product.",
    guide: "`gru` only: whether the reset gate acts after the product")
  private static let activation = Attribute<Activation>(
    "activation", default: .tanh, doc: "Its activation.",
    guide: "`rnn` only: `relu`, `tanh` or `sigmoid`")

  private enum Activation: String, AttributeChoice {
    case relu, tanh, sigmoid

    static let typeName = "cellActivation"
    static let typeDoc = "Activations of a plain recurrent layer."

    var eltwise: EltwiseKind {
      switch self {
      case .relu: .relu
      case .tanh: .tanh
      case .sigmoid: .logistic
      }
    }
  }

  private let layer: Recurrent
  private let layers: Int

  init(_ attributes: Attributes) throws(AttributeError) {
    let cell: Recurrent.Cell
    switch attributes.element {
    case "lstm":
      cell = .lstm
    case "gru":
      cell = try attributes[Self.linearBeforeReset] ? .linearBeforeResetGRU : .gru
    default:
      cell = .vanilla(try attributes[Self.activation].eltwise)
    }
    layer = Recurrent(
      cell: cell, hidden: try attributes[Self.hidden], direction: try attributes[Self.direction])
    layers = try attributes[Self.layers]
  }

  var operands: ClosedRange<Int> { 1...1 + stateNames.count }

  private var stateNames: [String] { layer.cell == .lstm ? ["h", "c"] : ["h"] }

  func states(_ inputs: [TensorType]) throws(ShapeError) -> [(name: String, type: TensorType)] {
    let type = try stateType(inputs[0], layers: layers)
    return stateNames.map { ($0, type) }
  }

  private func stateType(_ input: TensorType, layers: Int) throws(ShapeError) -> TensorType {
    try TensorType(
      dims: [layers * layer.direction.count, input.dims[1], layer.hidden], .tnc)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.layout == .tnc else { throw ShapeError("wants tnc, not \(input)") }
    if inputs.count > 1 {
      guard inputs.count == 1 + stateNames.count else {
        throw ShapeError("wants both first states, h and c, or none")
      }
      let wanted = try stateType(input, layers: layers)
      for state in inputs.dropFirst() where state.dims != wanted.dims {
        throw ShapeError("a first state is \(wanted.shape), not \(state)")
      }
    }
    let channels = layer.direction == .bidirectional ? 2 * layer.hidden : layer.hidden
    return try TensorType(dims: [input.dims[0], input.dims[1], channels], .tnc)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let steps = inputs[0].dims[0] * inputs[0].dims[1]
    let hidden = layer.hidden
    let directions = layer.direction.count
    var total = Cost()
    var channels = inputs[0].dims[2]
    for _ in 0..<layers {
      var weights = 0
      for slot in weightSlots(channels: channels) {
        weights = try sum(weights, Shape(slot.dims).elementCount)
      }
      let biases = directions * layer.cell.biases * hidden
      let macs = try checkedProduct(steps, weights - biases)
      var elementwise = try checkedProduct(steps, directions, operationsPerUnit, hidden)
      if layer.direction == .bidirectionalSum {
        elementwise = try sum(elementwise, checkedProduct(steps, hidden))
      }
      total = try total.adding(
        Cost(parameters: weights, macs: macs, flops: sum(checkedProduct(2, macs), elementwise)))
      channels = output.dims[2]
    }
    return total
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = try outputType([program.type(of: inputs[0])])
    let one = try stateType(program.type(of: inputs[0]), layers: 1)
    let wanted = program.wantsStates ? stateNames.map { _ in one } : []
    var value = inputs[0]
    var last: [[ValueID]] = []
    for number in 0..<layers {
      let weights = weightSlots(channels: program.type(of: value).dims[2])
      let first = inputs.dropFirst().map { part(number, of: $0, one, in: &program) }
      let made = program.emit(
        .recurrent(layer), [value] + first, weights: weights, type: type, states: wanted)
      value = made.output
      last.append(made.states)
    }
    if program.wantsStates {
      let all = try stateType(program.type(of: inputs[0]), layers: layers)
      program.states = stateNames.indices.map { state in
        let parts = last.map { $0[state] }
        return parts.count == 1 ? parts[0] : program.emit(.concat(axis: 0), parts, type: all)
      }
    }
    return value
  }

  /// The first state of one layer of a stack.
  private func part(
    _ number: Int, of states: ValueID, _ type: TensorType, in program: inout ProgramBuilder
  ) -> ValueID {
    if layers == 1 { return states }
    let slice = Slice(starts: [number * type.dims[0], 0, 0], steps: [1, 1, 1])
    return program.emit(.slice(slice), [states], type: type)
  }

  private var operationsPerUnit: Int {
    switch layer.cell {
    case .lstm: 9
    case .gru, .linearBeforeResetGRU: 8
    case .vanilla: 1
    }
  }

  /// The constants of one layer; every gate sums the products of input and state.
  private func weightSlots(channels: Int) -> [WeightSlot] {
    let directions = layer.direction.count
    let hidden = layer.hidden
    let fanIn = channels + hidden
    return [
      WeightSlot(
        .weights, dims: [1, directions, channels, layer.cell.gates, hidden], fanIn: fanIn),
      WeightSlot(
        .weightsIteration, dims: [1, directions, hidden, layer.cell.gates, hidden], fanIn: fanIn),
      WeightSlot(.bias, dims: [1, directions, layer.cell.biases, hidden], fanIn: fanIn),
    ]
  }

  private func sum(_ a: Int, _ b: Int) throws(ShapeError) -> Int {
    let (value, overflow) = a.addingReportingOverflow(b)
    if overflow { throw ShapeError("a total does not fit 64 bits") }
    return value
  }
}

extension Recurrent.Direction: AttributeChoice {
  /// `direction`.
  public static let typeName = "direction"
  /// What the schema says of it.
  public static let typeDoc = "Which way time is walked."
}
