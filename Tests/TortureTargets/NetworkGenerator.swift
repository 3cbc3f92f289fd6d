import TestSupport
import Topology

/// Draws valid networks of all elements of the language at random: one proposal after the other, of which
/// those stay that the language takes.
///
/// ``rules`` says how an element is proposed; a test holds that it knows every element of
/// ``Topology/LayerKinds`` with every attribute.
public struct NetworkGenerator {
  /// The most elements of a value.
  static let mostElements = 6000
  /// The most multiply-adds of a layer: naive loops must be done with it soon.
  static let mostMACs = 1_500_000
  /// The most parameters of a layer.
  static let mostParameters = 60_000

  var dice: Dice
  var network = DrawnNetwork()
  /// Everything that can be read, in order.
  var values: [(name: String, type: TensorType)] = []
  private var builder = GraphBuilder(name: "torture")

  /// A network of a seed.
  ///
  /// - Parameters:
  ///   - seed: The same one gives the same network.
  ///   - elements: What it is made of; all by default.
  /// - Returns: The network, which is valid.
  public static func network(seed: UInt64, elements: [String] = rules.keys.sorted())
    -> DrawnNetwork
  {
    var generator = NetworkGenerator(dice: Dice(seed: seed))
    generator.draw(elements)
    return generator.network
  }

  private init(dice: Dice) { self.dice = dice }

  private mutating func draw(_ elements: [String]) {
    let wanted = dice.oneIn(4) ? 1 : 2 + dice.below(9)
    for _ in 0..<wanted {
      let element = dice.pick(elements)
      for _ in 0..<6 where add(element) { break }
    }
    // Something of everything that was read must be there.
    while network.layers.isEmpty { _ = add(dice.pick(elements)) }
    if dice.oneIn(4) { chooseOutputs() }
    network = network.withoutIdle()
  }

  /// Adds a layer that begins with an element; whether that could be done.
  private mutating func add(_ element: String) -> Bool {
    let kept = self
    if tryToAdd(element) { return true }
    let dice = dice
    self = kept
    self.dice = dice
    return false
  }

  private mutating func tryToAdd(_ element: String) -> Bool {
    guard let rule = Self.rules[element] else { return false }
    guard let source = source(for: rule) else { return false }
    guard let first = propose(rule, on: source.type) else { return false }
    var (primitives, type) = first
    var inputs = [source.name]
    // A layer's inputs may be what its first primitive reads further.
    let naming = LayerKinds.standard.schema(of: primitives[0].element)?.naming.isEmpty == false
    if !naming, dice.oneIn(2) {
      inputs += primitives[0].with
      primitives[0].with = []
    }
    for _ in 0..<(dice.oneIn(3) ? dice.within(1...4) : 0) {
      let tail = dice.oneIn(4) ? dice.pick(Self.rules.keys.sorted()) : dice.pick(Self.tails)
      guard let rule = Self.rules[tail], !rule.readsIndices, rule.takes(type),
        let more = propose(rule, on: type)
      else { continue }
      primitives += more.primitives
      type = more.type
    }
    var layer = DrawnNetwork.Layer(
      name: "l\(network.layers.count)", inputs: inputs, primitives: primitives)
    if dice.oneIn(3) { nameInputs(of: &layer) }
    guard let added = attempt(layer) else { return false }
    builder = added
    network.layers.append(layer)
    if dice.oneIn(3) { shareWeights() }
    guard let graph = try? builder.build(), let last = graph.layers.last,
      last.cost.macs <= Self.mostMACs, last.cost.parameters <= Self.mostParameters,
      let program = try? graph.program(),
      program.values.allSatisfy({ $0.elementCount <= 8 * Self.mostElements })
    else { return false }
    values.append((layer.name, last.outputType))
    for state in last.states { values.append(("\(layer.name).\(state.name)", state.type)) }
    return true
  }

  private func attempt(_ layer: DrawnNetwork.Layer) -> GraphBuilder? {
    var copy = builder
    do { try copy.add(layer) } catch { return nil }
    return copy
  }

  /// Lets `@input` name what is one.
  private func nameInputs(of layer: inout DrawnNetwork.Layer) {
    for index in layer.primitives.indices {
      layer.primitives[index].with = layer.primitives[index].with.map { name in
        guard let place = layer.inputs.firstIndex(of: name) else { return name }
        return place == 0 ? "@input" : "@input\(place + 1)"
      }
    }
  }

  /// Gives the last layer the weights of one before it where they fit.
  private mutating func shareWeights() {
    guard var layer = network.layers.popLast() else { return }
    defer { network.layers.append(layer) }
    var before = GraphBuilder(name: "torture")
    guard let graph = try? builder.build(), graph.layers.count == network.layers.count + 1,
      graph.layers[network.layers.count].cost.parameters > 0
    else { return }
    for other in network.layers.reversed().prefix(6) {
      layer.weights = other.name
      before = GraphBuilder(name: "torture")
      do {
        for input in network.inputs { try before.addInput(name: input.name, type: input.type) }
        for constant in network.constants { try before.addConstant(constant.graphConstant()) }
        for earlier in network.layers { try before.add(earlier) }
        try before.add(layer)
        builder = before
        return
      } catch {
        layer.weights = nil
      }
    }
  }

  /// Names the outputs: what nobody reads, and some more.
  private mutating func chooseOutputs() {
    let read = Set(network.layers.flatMap(\.reads).map { String($0.split(separator: ".")[0]) })
    let made = values.filter { value in
      network.layers.contains { value.name == $0.name || value.name.hasPrefix($0.name + ".") }
    }
    var names = made.map(\.name).filter { name in
      !name.contains(".") && !read.contains(name) || dice.oneIn(3)
    }
    guard !names.isEmpty else { return }
    names.swapAt(0, dice.below(names.count))
    network.outputs = names
    if (try? network.graph().program()) == nil { network.outputs = nil }
  }

  /// What a layer begins with: something that is there, that in another shape, or a new input.
  private mutating func source(for rule: Rule) -> (name: String, type: TensorType)? {
    if rule.readsIndices {
      let (dims, layout) = rule.fresh(&dice)
      return newInput(dims, layout)
    }
    let fitting = values.filter { rule.takes($0.type) }
    if !fitting.isEmpty, !dice.oneIn(6) {
      return dice.oneIn(3) ? dice.pick(fitting) : fitting[fitting.count - 1]
    }
    if let last = values.last, !dice.oneIn(3), let other = reshaped(last, for: rule) {
      return other
    }
    let (dims, layout) = rule.fresh(&dice)
    return newInput(dims, layout)
  }

  /// A layer that gives a value a shape and layout that a rule takes.
  private mutating func reshaped(
    _ value: (name: String, type: TensorType), for rule: Rule
  ) -> (name: String, type: TensorType)? {
    for _ in 0..<8 {
      let (wanted, layout) = rule.fresh(&dice)
      var rest = value.type.elementCount
      var dims: [Int] = []
      for extent in wanted.dropLast() {
        // The nearest divisor below.
        let part = (1...max(1, min(extent, rest))).last { rest.isMultiple(of: $0) } ?? 1
        dims.append(part)
        rest /= part
      }
      dims.append(rest)
      guard let type = try? TensorType(dims: dims, layout), rule.takes(type) else { continue }
      let layer = DrawnNetwork.Layer(
        name: "l\(network.layers.count)", inputs: [value.name],
        primitives: [
          .init(
            element: "reshape",
            attributes: [
              "shape": dims.map(String.init).joined(separator: "x"), "layout": layout.rawValue,
            ])
        ])
      guard let added = attempt(layer) else { continue }
      builder = added
      network.layers.append(layer)
      values.append((layer.name, type))
      return (layer.name, type)
    }
    return nil
  }

  /// The primitives of a proposal that the language takes, and what they make.
  private mutating func propose(_ rule: Rule, on type: TensorType)
    -> (primitives: [DrawnNetwork.Primitive], type: TensorType)?
  {
    for _ in 0..<10 {
      let kept = self
      if let proposal = rule.propose(&self, type), !proposal.isEmpty,
        let result = result(of: proposal, on: type)
      {
        return (proposal, result)
      }
      let dice = dice
      self = kept
      self.dice = dice
    }
    return nil
  }

  private func result(of primitives: [DrawnNetwork.Primitive], on type: TensorType) -> TensorType? {
    var type = type
    for primitive in primitives {
      let types = [type] + primitive.with.compactMap { builder.type(of: $0) }
      guard let spec = try? primitive.spec(), spec.kind.operands.contains(types.count),
        let output = try? spec.kind.outputType(types),
        output.elementCount <= Self.mostElements
      else { return nil }
      type = output
    }
    return type
  }
}

// MARK: Operands

extension NetworkGenerator {
  /// A new input of the network.
  mutating func newInput(_ dims: [Int], _ layout: Layout) -> (name: String, type: TensorType)? {
    guard let type = try? TensorType(dims: dims, layout), type.elementCount <= Self.mostElements
    else { return nil }
    let name = "in\(network.inputs.count)"
    guard (try? builder.addInput(name: name, type: type)) != nil else { return nil }
    network.inputs.append(.init(name: name, dims: dims, layout: layout.rawValue))
    values.append((name, type))
    return (name, type)
  }

  /// A new constant.
  mutating func newConstant(_ dims: [Int], _ attributes: [String: String]) -> String? {
    var tensor = DrawnNetwork.Tensor(
      name: "c\(network.constants.count)", dims: dims,
      layout: dims.count == 2 ? "nc" : dims.count == 3 ? "tnc" : dims.count == 4 ? "nchw" : "other",
      attributes: attributes)
    tensor.isLearned = dice.oneIn(3)
    guard let constant = try? tensor.graphConstant(),
      (try? builder.addConstant(constant)) != nil
    else { return nil }
    network.constants.append(tensor)
    return tensor.name
  }

  /// A constant of any contents that fit.
  mutating func anyConstant(_ dims: [Int]) -> String? {
    for _ in 0..<4 {
      let attributes: [String: String] =
        switch dice.pick(ConstantSchema.Kind.allCases) {
        case .random: [:]
        case .fill: ["value": dice.pick(["0.5", "-1.25", "2", "0"])]
        case .list:
          ["values": (0..<dims.reduce(1, *)).map { "\($0 % 7 - 3)" }.joined(separator: " ")]
        case .range: ["kind": "range", "value": "-1", "step": "0.125"]
        case .causal: ["kind": "causal", "value": "-2"]
        case .lowerTriangle: ["kind": "lower-triangle"]
        case .rotaryCosine: ["kind": "rotary-cos", "base": "100"]
        case .rotarySine: ["kind": "rotary-sin"]
        case .sinusoids: ["kind": "sinusoids"]
        case .relativePositions: ["kind": "relative-positions", "window": "2"]
        case .shiftedWindows:
          ["kind": "shifted-windows", "window": "2", "shift": "1", "value": "-3"]
        }
      if let name = newConstant(dims, attributes) { return name }
    }
    return newConstant(dims, [:])
  }

  /// Something to be read beside a value, of these dims: one that is there, a constant or an input.
  mutating func operand(_ dims: [Int], _ layout: Layout? = nil) -> String? {
    let peers = values.filter {
      $0.type.dims == dims && (layout == nil || $0.type.layout == layout)
    }
    if !peers.isEmpty, !dice.oneIn(4) { return dice.pick(peers).name }
    if layout == nil, dice.oneIn(2) { return anyConstant(dims) }
    return newInput(dims, layout ?? .unnamedLayout(dims.count))?.name
  }

  /// Something that broadcasts with a value of these dims.
  mutating func broadcastable(_ dims: [Int]) -> String? {
    switch dice.below(6) {
    case 0, 1, 2: return operand(dims)
    case 3:
      let peers = values.filter { broadcastDims($0.type.dims, dims) == dims }
      if !peers.isEmpty { return dice.pick(peers).name }
      fallthrough
    case 4: return operand(dims.map { dice.oneIn(2) ? 1 : $0 })
    default:
      return operand(Array(dims.suffix(dice.within(1...dims.count))).map { dice.oneIn(3) ? 1 : $0 })
    }
  }

  /// Whole numbers from 0 to below a bound, as indices are: an input, or a constant that lists them.
  mutating func indices(_ dims: [Int], below bound: Int) -> String? {
    if dice.oneIn(2) { return newInput(dims, .unnamedLayout(dims.count))?.name }
    let count = dims.reduce(1, *)
    if count <= bound, dice.oneIn(3) {
      return newConstant(dims, ["kind": "range", "value": "\(dice.below(bound - count + 1))"])
    }
    let numbers = (0..<count).map { _ in String(dice.below(bound)) }
    return newConstant(dims, ["values": numbers.joined(separator: " ")])
  }
}

/// The dims that two broadcast to, as NumPy does it; nil where they do not.
func broadcastDims(_ a: [Int], _ b: [Int]) -> [Int]? {
  var result: [Int] = []
  for place in 0..<max(a.count, b.count) {
    let one = place < a.count ? a[a.count - 1 - place] : 1
    let other = place < b.count ? b[b.count - 1 - place] : 1
    guard one == other || one == 1 || other == 1 else { return nil }
    result.append(max(one, other))
  }
  return result.reversed()
}

extension Layout {
  /// The layout of dims whose meaning does not matter.
  static func unnamedLayout(_ rank: Int) -> Layout {
    switch rank {
    case 2: .nc
    case 3: .tnc
    case 4: .nchw
    case 5: .ncdhw
    default: .other
    }
  }
}
