import FoundationEssentials
import ONNX
import Topology

/// Turns the operations of a program into nodes, one after the other.
struct Translation {
  let graph: Graph
  let program: Program
  private(set) var message = ONNXGraph()
  private(set) var tensors: [StreamedTensor] = []
  /// Where each node of ``message`` comes from: layer and primitive.
  private(set) var origins: [(layer: Int, primitive: Int)] = []
  /// The ONNX name of each value made so far.
  private var values: [String] = []
  private var names = NameTable()
  private var scalars: [UInt32: String] = [:]
  private var lists: [[Int]: String] = [:]
  /// The zero points of integers; those of signed ones have a 1 behind them.
  var zeroPoints: [[Int]: String] = [:]
  /// Values that are integers in the model, and whether they are signed.
  var integerValues: [ValueID: Bool] = [:]
  /// The instructions that read each value of a network that quantises itself.
  let readers: [ValueID: [Int]]
  /// The words of the last primitive that was asked for.
  private var said: (layer: Int, primitive: Int, text: String?)?
  /// The name of the last operation's operand, where it is part of the next one's operator.
  private var passed: String?
  /// The instruction being translated.
  private(set) var index = 0
  /// The name of its result and of the node that makes it.
  private var target = ""
  /// The names of the values made beside the result of the instruction.
  var stateNames: [String] = []
  /// The names of values that leave the network.
  private var ownNames: [ValueID: String] = [:]
  /// The names of all that leaves the network.
  private let taken: Set<String>
  /// Initialisers that several instructions share.
  private var shared: [SharedInitializer: String] = [:]
  /// The constants of embeddings.
  let tables: Set<WeightOwner>
  /// The names of the network's own constants.
  private let constantNames: Set<String>
  /// The values that leave the network.
  private let leaving: Set<ValueID>

  init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    program = try graph.program()
    leaving = Set(program.outputs)
    taken = Set(graph.outputs.map(graph.name(of:)))
    message.name = graph.name
    for input in graph.inputs {
      names.claim(input.name)
      values.append(input.name)
    }
    for constant in graph.constants { names.claim(constant.name) }
    for layer in graph.layers { names.claim(layer.name) }
    readers =
      !graph.quantizesItself
      ? [:]
      : program.instructions.enumerated().reduce(into: [:]) { readers, instruction in
        for input in instruction.element.inputs {
          readers[input, default: []].append(instruction.offset)
        }
      }
    tables = Set(
      program.instructions.enumerated().flatMap { index, instruction -> [WeightOwner] in
        guard case .embedding = instruction.operation else { return [] }
        return instruction.weights.enumerated().map { place, slot in
          slot.owner ?? WeightOwner(instruction: index, index: place)
        }
      })
    constantNames = Set(graph.constants.map(\.name))
    // States, which nodes name, are no results.
    let makers = Dictionary(
      program.instructions.map { ($0.output, $0.layer) }, uniquingKeysWith: { first, _ in first })
    for (value, source) in zip(program.outputs, graph.outputs) {
      let name = graph.name(of: source)
      names.claim(name)
      // What a layer only hands on bears the name of the layer that made it.
      if source.layer == makers[value], ownNames[value] == nil {
        ownNames[value] = name
      }
    }
  }

  var instruction: Instruction { program.instructions[index] }
  var layer: Layer { graph.layers[instruction.layer] }
  /// Type of the result.
  var type: TensorType { program.values[instruction.output] }

  /// The name of an operand.
  func input(_ operand: Int = 0) -> String { values[instruction.inputs[operand]] }

  /// The type of an operand.
  func inputType(_ operand: Int = 0) -> TensorType { program.values[instruction.inputs[operand]] }

  /// Translates everything.
  mutating func run() throws(GraphError) {
    for index in program.instructions.indices {
      self.index = index
      try translate()
    }
    message.input = zip(graph.inputs.indices, graph.inputs).map { value, input in
      var info = info(input.name, of: value)
      info.docString = OwnNotes(layout: input.type.layout).text
      return info
    }
    for (value, source) in zip(program.outputs, graph.outputs) {
      let name = graph.name(of: source)
      if values[value] != name { addIdentity(of: value, name, source) }
      message.output.append(info(name, of: value))
    }
  }

  /// Gives what leaves the network its name where another one made it: a layer that hands on what it
  /// reads, a state that stands beside the result of a node.
  private mutating func addIdentity(of value: ValueID, _ name: String, _ source: Source) {
    var node = ONNXNode()
    node.opType = "Identity"
    node.name = name
    node.input = [values[value]]
    node.output = [name]
    message.node.append(node)
    let layer = source.layer ?? 0
    origins.append((layer, graph.layers[layer].primitives.count - 1))
  }

  private mutating func translate() throws(GraphError) {
    if beginsHardSigmoid {
      values.append(input())
      return
    }
    if case .identity = instruction.operation, !leaving.contains(instruction.output) {
      values.append(input())
      return
    }
    let next = index + 1
    let isLast =
      next == program.instructions.count || program.instructions[next].layer != instruction.layer
    let element = layer.primitives[instruction.primitive].element
    if case .constant(let name) = instruction.operation {
      values.append(try addConstant(name))
      return
    }
    // States are computed behind the result that is the layer's.
    let isNamed = isLast && !taken.contains(layer.name)
    target =
      ownNames[instruction.output]
      ?? (isNamed ? layer.name : names.unique("\(layer.name)/\(element)"))
    if !addQuantization() { try addNodes() }
    values.append(passed ?? target)
    passed = nil
    values += stateNames
    stateNames = []
  }

  private func info(_ name: String, of value: ValueID) -> ONNXValueInfo {
    var info = ONNXValueInfo()
    info.name = name
    info.type.tensorType.elemType = Int32(ONNXTensor.DataType.float.rawValue)
    info.type.tensorType.shape.dim = program.values[value].dims.map { extent in
      var dimension = ONNXTensorShape.Dimension()
      dimension.dimValue = Int64(extent)
      return dimension
    }
    return info
  }

  /// Makes nothing of the instruction: a later one's operator reads what it reads.
  mutating func pass() { passed = input() }

  /// An error about the primitive being translated.
  func unsupported(_ what: String) -> GraphError {
    let primitive = layer.primitives[instruction.primitive]
    return GraphError(
      "<\(primitive.element)>: ONNX has no operator for \(what)", layer: layer.name,
      location: primitive.location ?? layer.location)
  }
}

extension Translation {
  /// Appends a node whose result the next one reads, and returns the result's name.
  mutating func add(_ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [])
    -> String
  {
    let name = names.unique("\(target)/\(type)")
    append(type, inputs, name, attributes)
    return name
  }

  /// Appends a node, and returns the names of its first result and of `others` behind it.
  mutating func addSeveral(
    _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute], others: Int
  ) -> (first: String, others: [String]) {
    let first = add(type, inputs, attributes)
    let further = (0..<others).map { names.unique("\(first).\($0 + 1)") }
    message.node[message.node.count - 1].output += further
    return (first, further)
  }

  /// Appends the node that makes the result of the instruction.
  ///
  /// `others` counts results of the node that nobody reads.
  mutating func finish(
    _ type: String, _ inputs: [String], _ attributes: [ONNXAttribute] = [], others: Int = 0
  ) {
    append(type, inputs, target, attributes)
    for number in 0..<others {
      let name = names.unique("\(target)/\(type).\(number + 1)")
      message.node[message.node.count - 1].output.append(name)
    }
  }

  private mutating func append(
    _ type: String, _ inputs: [String], _ output: String, _ attributes: [ONNXAttribute]
  ) {
    var node = ONNXNode()
    node.opType = type
    node.name = output
    node.input = inputs
    node.output = [output]
    node.attribute = attributes
    if let words = words() { node.docString = words }
    message.node.append(node)
    origins.append((instruction.layer, instruction.primitive))
  }

  /// What the primitive is in the topology, for the import of own exports.
  private mutating func words() -> String? {
    let place = (layer: instruction.layer, primitive: instruction.primitive)
    if let said, said.layer == place.layer, said.primitive == place.primitive { return said.text }
    let text = PrimitiveWords(layer.primitives[place.primitive])?.text
    said = (place.layer, place.primitive, text)
    return text
  }

  /// An initialiser made of a constant of the instruction.
  mutating func weight(
    _ role: WeightRole, _ name: String, dims: [Int],
    arrangement: StreamedTensor.Arrangement? = nil
  ) throws(GraphError) -> String {
    guard let slot = instruction.weights.firstIndex(where: { $0.role == role }) else {
      throw unsupported("an operation without \(role.rawValue)")
    }
    let owner = instruction.weights[slot].owner ?? WeightOwner(instruction: index, index: slot)
    let key = SharedInitializer(
      owner: owner, dims: dims,
      form: arrangement == nil ? "" : String("\(instruction.operation)".prefix { $0 != "(" }))
    if let known = shared[key] { return known }
    let name = names.unique("\(target).\(name)")
    shared[key] = name
    tensors.append(
      try StreamedTensor(
        name: name, dims: dims,
        source: .init(instruction: index, index: slot, slot: instruction.weights[slot]),
        arrangement: arrangement))
    return name
  }

  /// An initialiser that is a tensor of the network; a layer's own bears its name, too.
  private mutating func addConstant(_ name: String) throws(GraphError) -> String {
    let isNamed = constantNames.contains(name)
    let unique = isNamed ? name : names.unique("\(layer.name).\(name)")
    let slot = instruction.weights[0]
    tensors.append(
      try StreamedTensor(
        name: unique, dims: type.dims,
        source: .init(instruction: index, index: 0, slot: slot), arrangement: nil,
        notes: OwnNotes(
          isFixed: slot.pattern != nil, pattern: slot.pattern, layout: type.layout)))
    return unique
  }

  /// A constant without dimensions, shared by all nodes.
  mutating func scalar(_ value: Double) -> String {
    let value = Float(value)
    if let name = scalars[value.bitPattern] { return name }
    let name = constant("scalar", .float, dims: [], [value])
    scalars[value.bitPattern] = name
    return name
  }

  /// A list of integers, shared by all nodes.
  mutating func integers(_ list: [Int]) -> String {
    if let name = lists[list] { return name }
    let name = constant("integers", .int64, dims: [list.count], list.map(Int64.init))
    lists[list] = name
    return name
  }

  /// A small constant that stands in the graph itself.
  mutating func constant<Element>(
    _ name: String, _ type: ONNXTensor.DataType, dims: [Int], _ elements: [Element]
  ) -> String {
    var tensor = ONNXTensor()
    tensor.name = names.unique("\(name)")
    tensor.dims = dims.map(Int64.init)
    tensor.dataType = Int32(type.rawValue)
    tensor.rawData = elements.withUnsafeBytes { Data($0) }
    message.initializer.append(tensor)
    return tensor.name
  }
}

extension Source {
  /// The layer whose output or state it is.
  fileprivate var layer: Int? {
    switch self {
    case .layer(let layer), .state(let layer, _): layer
    case .input, .constant, .previous: nil
    }
  }
}

/// What makes two uses of a constant one initialiser.
private struct SharedInitializer: Hashable {
  let owner: WeightOwner
  let dims: [Int]
  /// How it is arranged; empty for ntprof's own order.
  let form: String
}
