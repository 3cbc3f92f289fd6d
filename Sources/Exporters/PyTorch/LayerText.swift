import Topology

/// Writes one layer as a module: a module of PyTorch's where one does it, else a class of its own.
struct LayerText {
  /// How a layer's module is made.
  struct Made {
    let constructor: Constructor
    let classes: [ClassText]
    /// Whether it uses the class `Weights`.
    let usesWeights: Bool
  }

  let layer: Layer
  let program: Program
  let instructions: [Int]
  let readers: [ValueID: Set<Int>]
  /// The primitives that have learned constants.
  let weighted: [Int]

  var names: [ValueID: String] = [:]
  private var body: [Snippet] = []
  /// What the last line of the body assigns to.
  private var lastTarget = ""
  private(set) var initializers: [Snippet] = []
  private var fresh = ["h", "a", "b", "c", "d", "e", "f", "g", "k", "m", "n", "p", "q", "r", "s"][
    ...]
  private var freshCount = 0
  /// The index in the program of the instruction being written.
  var index = 0
  /// What holds the weights of each primitive.
  private var containers: [Int: Snippet] = [:]
  /// A module that does all of a primitive; absent where none does.
  private var modules: [Int: Snippet] = [:]
  private var buffers = Identifiers()
  /// The parts of an attention's constants that its products read, by instruction.
  var projections: [Int: [String]] = [:]
  /// Indices of instructions still to be written.
  private var rest: [Int] = []

  init(layer: Layer, program: Program, instructions: [Int], readers: [ValueID: Set<Int>]) {
    self.layer = layer
    self.program = program
    self.instructions = instructions
    self.readers = readers
    weighted = Set(
      instructions.filter { index in
        program.instructions[index].weights.contains { $0.pattern == nil }
      }.map { program.instructions[$0].primitive }
    ).sorted()
  }

  var instruction: Instruction { program.instructions[index] }
  var type: TensorType { program.values[instruction.output] }

  func input(_ operand: Int = 0) -> String { names[instruction.inputs[operand]] ?? "None" }
  func inputType(_ operand: Int = 0) -> TensorType { program.values[instruction.inputs[operand]] }

  /// An error about the primitive being written.
  func unsupported(_ what: String) -> GraphError {
    let primitive = layer.primitives[instruction.primitive]
    return GraphError(
      "<\(primitive.element)>: PyTorch has nothing for \(what)", layer: layer.name,
      location: primitive.location ?? layer.location)
  }

  /// What the layer reads, in order of first use.
  private var arguments: [ValueID] {
    let own = Set(instructions.flatMap { made(by: $0) })
    var list: [ValueID] = []
    for index in instructions {
      for value in program.instructions[index].inputs
      where !own.contains(value) && !list.contains(value) {
        list.append(value)
      }
    }
    return list
  }

  private func made(by index: Int) -> [ValueID] {
    [program.instructions[index].output] + program.instructions[index].states
  }

  /// The layer's output, then what else of it is read outside.
  private var results: [ValueID] {
    guard let last = instructions.last else { return [] }
    let primitive = program.instructions[last].primitive
    let main =
      instructions.last { index in
        if case .recurrent = program.instructions[index].operation {
          return program.instructions[index].primitive == primitive
        }
        return false
      } ?? last
    let output = program.instructions[main].output
    let others = instructions.flatMap(made).filter { value in
      value != output && readers[value, default: []].contains { $0 != layer.index }
    }
    return [output] + others.sorted()
  }

  /// Writes the layer.
  ///
  /// - Returns: Its module, what it is called with, and what it gives; nil for a layer that only names
  ///   what another made.
  func make() throws(GraphError) -> (made: Made, arguments: [ValueID], results: [ValueID])? {
    guard !instructions.isEmpty else { return nil }
    var text = self
    return try text.written()
  }

  private mutating func written() throws(GraphError) -> (
    made: Made, arguments: [ValueID], results: [ValueID]
  ) {
    let (arguments, results) = (self.arguments, self.results)
    let letters = ["x", "y", "z", "w", "u", "v"]
    for (place, value) in arguments.enumerated() {
      names[value] = place < letters.count ? letters[place] : "x\(place)"
    }
    var isChain = arguments.count == 1 && results.count == 1
    var chained = arguments.first
    for primitive in layer.primitives.indices {
      let own = instructions.filter { program.instructions[$0].primitive == primitive }
      guard let first = own.first else { continue }
      rest = instructions.filter { $0 > (own.last ?? first) }
      index = first
      let inputs = Set(own.flatMap { program.instructions[$0].inputs })
        .subtracting(own.flatMap { made(by: $0) })
      try write(own, primitive)
      if own.count != 1 || modules[primitive] == nil || inputs != Set([chained].compactMap(\.self))
      {
        isChain = false
      }
      chained = program.instructions[own[own.count - 1]].output
    }
    let order = layer.primitives.indices.filter { primitive in
      instructions.contains { program.instructions[$0].primitive == primitive }
    }
    let name = Python.className(order.map { layer.primitives[$0].element })
    if isChain, order.count == 1, let module = modules[order[0]] {
      return (
        Made(constructor: .plain(module), classes: [], usesWeights: false), arguments, results
      )
    }
    let usesWeights = containers.values.contains { $0.text.hasPrefix("Weights(") }
    let own: ClassText
    if isChain, weighted.count != 1, order == Array(layer.primitives.indices) {
      let list = Snippet.joined(order.compactMap { modules[$0] }, by: ",\n    ")
      own = ClassText(
        name: name, base: "nn.Sequential",
        initializer: "super().__init__(\n    " + list + ",\n)", forward: nil)
    } else {
      own = ClassText(
        name: name, base: base, initializer: initializer,
        forward: (arguments.map { Self.argument(names, $0, arguments) }, forwardBody(results)))
    }
    return (
      Made(constructor: .own(own), classes: [own], usesWeights: usesWeights), arguments, results
    )
  }

  private static func argument(
    _ names: [ValueID: String], _ value: ValueID, _ all: [ValueID]
  ) -> String {
    let letters = ["x", "y", "z", "w", "u", "v"]
    let place = all.firstIndex(of: value) ?? 0
    return place < letters.count ? letters[place] : "x\(place)"
  }

  private var base: String {
    guard let first = weighted.first, let container = containers[first] else { return "nn.Module" }
    guard weighted.count == 1 else { return "nn.ModuleList" }
    return String(container.text.prefix { $0 != "(" })
  }

  private var initializer: Snippet {
    var lines: [Snippet] = []
    if weighted.count == 1, let container = containers[weighted[0]] {
      // The arguments of its own constructor.
      let base = container.text.prefix { $0 != "(" }
      lines.append("super().__init__" + container.dropping(base.count))
    } else if weighted.count > 1 {
      let places = 0...(weighted.last ?? 0)
      let list = places.map { containers[$0] ?? Snippet("nn.Identity()") }
      lines.append("super().__init__([\n    " + Snippet.joined(list, by: ",\n    ") + ",\n])")
    } else if !initializers.isEmpty {
      lines.append(Snippet("super().__init__()"))
    }
    return Snippet.joined(lines + initializers, by: "\n")
  }

  private func forwardBody(_ results: [ValueID]) -> Snippet {
    let list = results.map { names[$0] ?? "None" }
    var lines = body
    if list.count == 1, list[0] == lastTarget, let last = lines.popLast() {
      // `x = …` and `return x` are one line.
      lines.append("return " + last.dropping(lastTarget.count + 3))
    } else {
      lines.append(Snippet("return \(list.joined(separator: ", "))"))
    }
    return Snippet.joined(lines, by: "\n")
  }
}

extension LayerText {
  /// Whether somebody behind the instruction still reads a value under its name here.
  private func isNeeded(_ value: ValueID) -> Bool {
    if results.contains(value) { return true }
    return instructions.contains { index in
      index > self.index && program.instructions[index].inputs.contains(value)
    }
  }

  /// Whether a value, or another of the same name, is still read.
  private func isNameNeeded(of value: ValueID) -> Bool {
    names.contains { $0.value == names[value] && isNeeded($0.key) }
  }

  private mutating func freshName() -> String {
    if let name = fresh.popFirst() { return name }
    freshCount += 1
    return "t\(freshCount)"
  }

  /// Writes `name = expression` for the result of the instruction.
  mutating func assign(_ expression: Snippet) { assign(expression, to: [instruction.output]) }

  /// Writes `name, name = expression`.
  mutating func assign(_ expression: Snippet, to values: [ValueID]) {
    var targets: [String] = []
    for (place, value) in values.enumerated() {
      let source = instruction.inputs.first
      let reused = place == 0 ? source.flatMap { isNameNeeded(of: $0) ? nil : names[$0] } : nil
      // A tensor of the whole network is no variable.
      let name = reused.flatMap { $0.contains(".") ? nil : $0 } ?? freshName()
      names[value] = name
      targets.append(name)
    }
    lastTarget = targets.joined(separator: ", ")
    body.append("\(lastTarget) = " + expression)
  }

  /// Writes the call of a recurrent module, and names what of it is read.
  mutating func assignRecurrent(
    _ call: Snippet, output: ValueID, states: [ValueID], isLSTM: Bool
  ) {
    let name = freshName()
    names[output] = name
    let targets = states.map { value in
      let name = freshName()
      names[value] = name
      return name
    }
    let rest =
      targets.isEmpty ? "_" : isLSTM ? "(\(targets.joined(separator: ", ")))" : targets[0]
    body.append("\(name), \(rest) = " + call)
    lastTarget = ""
  }

  /// Writes `name = name…`.
  mutating func rewrite(_ value: ValueID, _ suffix: String) {
    guard let name = names[value] else { return }
    lastTarget = name
    body.append(Snippet("\(name) = \(name)\(suffix)"))
  }

  /// Writes the sum of both directions.
  mutating func halve(_ value: ValueID, _ hidden: Int) {
    guard let name = names[value] else { return }
    lastTarget = name
    body.append(
      "\(name) = \(name)[..., :\("hidden", hidden)] + \(name)[..., \("hidden", hidden):]")
  }

  /// The result is another name of a value.
  mutating func alias(_ value: ValueID) { names[instruction.output] = names[value] }

  /// Says what holds the weights of the primitive, and gives what it is called by.
  mutating func contain(_ constructor: Snippet) -> String {
    containers[instruction.primitive] = constructor
    return weighted.count == 1 ? "super().forward" : "self[\(instruction.primitive)]"
  }

  /// What the weights of the primitive are members of.
  var holder: String { weighted.count == 1 ? "self" : "self[\(instruction.primitive)]" }

  /// Says that a module does all of the primitive.
  mutating func module(_ constructor: Snippet) { modules[instruction.primitive] = constructor }

  /// A constant by rule, as a member that is no weight.
  mutating func buffer(_ name: String, _ value: String) -> String {
    let member = buffers.claim(Python.identifier(name))
    initializers.append(
      Snippet("self.register_buffer(\(Python.text(member)), \(value), persistent=False)"))
    return "self.\(member)"
  }
}

extension Snippet {
  /// Without the first characters, none of which is an argument.
  func dropping(_ count: Int) -> Snippet {
    var rest = Snippet(String(text.dropFirst(count)))
    rest.adopt(arguments)
    return rest
  }
}
