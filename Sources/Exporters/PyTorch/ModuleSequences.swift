import Topology

extension LayerText {
  /// One module of PyTorch for a whole stack: it takes and gives the states of all its layers.
  mutating func writeRecurrent(_ own: [Int]) throws(GraphError) {
    let layers = own.filter {
      if case .recurrent = program.instructions[$0].operation { true } else { false }
    }
    guard let first = layers.first, let last = layers.last,
      case .recurrent(let recurrent) = program.instructions[first].operation
    else { return }
    index = last
    let made = Set(
      own.flatMap { [program.instructions[$0].output] + program.instructions[$0].states })
    var outside: [ValueID] = []
    for value in own.flatMap({ program.instructions[$0].inputs })
    where !made.contains(value) && !outside.contains(value) {
      outside.append(value)
    }
    // The sequence comes first; first states follow in order.
    let sequence = program.instructions[first].inputs[0]
    let given = outside.filter { $0 != sequence }
    let isTurned = recurrent.direction == .backward
    let isSummed = recurrent.direction == .bidirectionalSum
    if layers.count > 1, isTurned || isSummed {
      throw unsupported("stacked layers that walk backward or are summed")
    }
    let ways = recurrent.direction.count
    let channels = program.values[sequence].dims[2]
    var constructor: Snippet
    switch recurrent.cell {
    case .lstm: constructor = Snippet("nn.LSTM(")
    case .linearBeforeResetGRU: constructor = Snippet("nn.GRU(")
    case .gru:
      throw unsupported(
        "a GRU that resets before the product; set linear-before-reset to true for PyTorch's")
    case .vanilla(.tanh), .vanilla(.relu): constructor = Snippet("nn.RNN(")
    case .vanilla: throw unsupported("an RNN whose activation is neither tanh nor relu")
    }
    constructor += "\("inputs", channels), \("hidden", recurrent.hidden)"
    if layers.count > 1 { constructor += ", num_layers=\("layers", layers.count)" }
    if ways == 2 { constructor += Snippet(", bidirectional=True") }
    if case .vanilla(.relu) = recurrent.cell { constructor += Snippet(", nonlinearity=\"relu\"") }
    constructor += Snippet(")")
    let call = contain(constructor)
    let x = (names[sequence] ?? "x") + (isTurned ? ".flip(0)" : "")
    let states = given.map { names[$0] ?? "None" }
    let arguments =
      states.isEmpty
      ? x : "\(x), \(states.count > 1 ? "(\(states.joined(separator: ", ")))" : states[0])"
    let output = program.instructions[last].output
    let wanted = made.filter { value in
      value != output && readers[value, default: []].contains { $0 != layer.index }
    }.sorted()
    assignRecurrent(
      Snippet("\(call)(\(arguments))"), output: output, states: wanted,
      isLSTM: recurrent.cell == .lstm)
    if isTurned { rewrite(output, ".flip(0)") }
    if isSummed { halve(output, recurrent.hidden) }
  }

  /// The four projections of an attention, and where their constants lie in PyTorch's.
  mutating func prepareAttention(_ own: [Int]) {
    let products = own.filter {
      if case .innerProduct = program.instructions[$0].operation { true } else { false }
    }
    guard products.count == 4 else { return }
    index = products[0]
    let dims = products.map { program.instructions[$0].weights[0].dims }
    let hasBias = program.instructions[products[0]].weights.count > 1
    let isStacked = dims.dropLast().allSatisfy { $0 == [dims[0][1], dims[0][1]] }
    var sizes: [Snippet] = []
    func size(_ name: String, _ values: [Int]) {
      sizes.append("\(name)=\(name.replacing("__", with: "_"), Python.list(values))")
    }
    let rows = dims.dropLast().reduce(0) { $0 + $1[0] }
    if isStacked {
      size("in_proj_weight", [rows, dims[0][1]])
    } else {
      for (name, values) in zip(["q", "k", "v"], dims) { size("\(name)_proj_weight", values) }
    }
    if hasBias { size("in_proj_bias", [rows]) }
    size("out_proj__weight", dims[3])
    if hasBias { size("out_proj__bias", [dims[3][0]]) }
    for index in own {
      guard case .constant(let name) = program.instructions[index].operation,
        program.instructions[index].weights[0].pattern == nil
      else { continue }
      size(
        name == "relative-bias" ? "relative_position_bias_table" : name,
        program.instructions[index].weights[0].dims)
    }
    _ = contain("Weights(\n    " + Snippet.joined(sizes, by: ",\n    ") + ",\n)")
    var begin = 0
    for (place, product) in products.enumerated() {
      let end = begin + dims[place][0]
      let part = "[\(begin):\(end)]"
      let weight =
        place == 3
        ? "out_proj.weight"
        : isStacked ? "in_proj_weight\(part)" : "\(["q", "k", "v"][place])_proj_weight"
      let bias = place == 3 ? "out_proj.bias" : "in_proj_bias\(part)"
      projections[product] = [weight] + (hasBias ? [bias] : [])
      if place < 3 { begin = end }
    }
  }

  /// A product with a part of the attention's constants.
  mutating func writeProjection(_ parts: [String]) {
    let list = ([input()] + parts.map { "\(holder).\($0)" }).joined(separator: ", ")
    assign(Snippet("F.linear(\(list))"))
  }

  /// Scores, softmax and mix as PyTorch has them in one, where nothing is added to the scores.
  ///
  /// - Returns: How many instructions that were; nil where they are something else.
  mutating func writeScores(_ own: [Int]) throws(GraphError) -> Int? {
    func operation(_ place: Int) -> Operation? {
      own.indices.contains(place) ? program.instructions[own[place]].operation : nil
    }
    guard case .matrixProduct(let product) = operation(0), product.transposesSecond,
      case .eltwise(let scale) = operation(1), scale.kind == .linear, scale.beta == 0
    else { return nil }
    var place = 2
    func skipViews() {
      while case .reshape = operation(place) { place += 1 }
    }
    skipViews()
    var isCausal = false
    if case .causalMask = operation(place) {
      let dims = program.values[program.instructions[own[place]].output].dims
      let scores = program.values[program.instructions[own[0]].output].dims
      guard dims.suffix(2) == scores.suffix(2), dims[dims.count - 1] == dims[dims.count - 2] else {
        return nil
      }
      isCausal = true
      place += 1
    }
    skipViews()
    guard case .softmax = operation(place) else { return nil }
    place += 1
    skipViews()
    guard case .matrixProduct(let mix) = operation(place), !mix.transposesFirst,
      !mix.transposesSecond
    else { return nil }
    let (query, key) = (input(0), input(1))
    let value = names[program.instructions[own[place]].inputs[1]] ?? "None"
    let channels = inputType(0).dims[inputType(0).dims.count - 1]
    let usual = (scale.alpha * Double(channels).squareRoot() - 1).magnitude < 1e-6
    index = own[place]
    names[program.instructions[own[place]].inputs[0]] = query
    assign(
      "F.scaled_dot_product_attention(\(query), \(key), \(value)"
        + (isCausal ? ", is_causal=True" : "")
        + (usual ? Snippet(")") : ", scale=\("scale", scale.alpha))"))
    return place + 1
  }
}
