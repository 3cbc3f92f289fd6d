import Model
import Topology

/// Names layers and puts the network together.
struct NetworkAssembly {
  let drafts: DraftGraph
  let groups: [[Int]]
  let nodes: [OperatorNode]
  let isOwn: Bool
  let file: String
  /// Names of the values that leave the network, in order.
  let outputNames: [String]

  private var names: Set<String> = []
  /// The number that the next layer of a name gets that several have.
  private var numbers: [String: Int] = [:]
  private var inputNames: [Int: String] = [:]
  private var constantNames: [Int: String] = [:]
  private var layerNames: [String] = []
  /// The layer that a primitive ends.
  private var layerOf: [Int: Int] = [:]
  /// The first layer of each set of weights; others share them.
  private var owners: [[String]: String] = [:]
  private var builder = GraphBuilder(name: "")
  private var weights: TensorCollection
  private(set) var absent: [String] = []

  init(
    _ drafts: DraftGraph, groups: [[Int]], nodes: [OperatorNode], isOwn: Bool, file: String,
    outputNames: [String]
  ) {
    self.drafts = drafts
    self.groups = groups
    self.nodes = nodes
    self.isOwn = isOwn
    self.file = file
    self.outputNames = outputNames
    weights = TensorCollection(name: file)
  }

  /// The network.
  ///
  /// - Throws: ``ImportError`` naming the node whose layer cannot be.
  mutating func assemble(name: String) throws(ImportError) -> ImportedModel {
    builder = GraphBuilder(name: NetworkAssembly.clean(name.isEmpty ? stem : name))
    let live = groups.joined()
    let read = Set(live.flatMap { drafts.drafts[$0].operands } + drafts.outputs)
    var inputs: [ImportedModel.Port] = []
    for (index, input) in drafts.inputs.enumerated()
    where !input.isParameter && read.contains(.input(index)) {
      let name = claim(input.name)
      inputNames[index] = name
      inputs.append(.init(name: input.name, graphName: name))
    }
    guard !inputs.isEmpty else {
      throw ImportError(
        .unsupported, file: file, "nothing that goes into the model reaches its outputs")
    }
    for (index, group) in groups.enumerated() {
      layerNames.append(claim(title(of: group)))
      for place in group { layerOf[place] = index }
    }
    nameConstants(read)
    let named = drafts.inputs.enumerated().compactMap { index, input in
      inputNames[index].map { (name: $0, type: input.type) }
    }
    try attempt(nil) { (builder) throws(GraphError) in
      for input in named { try builder.addInput(name: input.name, type: input.type) }
    }
    for index in constantNames.keys.sorted() { try addConstant(index) }
    for index in groups.indices { try addLayer(index) }
    let outputs = try addOutputs()
    var graph: Graph?
    try attempt(nil) { (builder) throws(GraphError) in
      graph = try builder.build(outputs: outputs.map(\.graphName))
    }
    guard let graph else { throw ImportError(file: file, "has no graph") }
    return ImportedModel(
      model: Model(
        graph: graph, weights: weights.keys.isEmpty ? nil : weights, format: .onnx),
      inputs: inputs, outputs: outputs, unknownWeights: absent)
  }

  private var stem: String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    return last.split(separator: ".").first.map(String.init) ?? last
  }

  // MARK: Names

  /// A text that may name a layer or an input.
  static func clean(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isFine =
        scalar != "," && !scalar.properties.isWhitespace
        && scalar.properties.generalCategory != .control
      result.unicodeScalars.append(isFine ? scalar : "_")
    }
    while let range = result.firstRange(of: "..") { result.replaceSubrange(range, with: "._") }
    if result.hasPrefix("@") { result = "_" + result.dropFirst() }
    return result.isEmpty ? "_" : result
  }

  private mutating func claim(_ wanted: String) -> String {
    let wanted = NetworkAssembly.clean(wanted)
    if names.insert(wanted).inserted { return wanted }
    var number = numbers[wanted, default: 2]
    while !names.insert("\(wanted)_\(number)").inserted { number += 1 }
    numbers[wanted] = number + 1
    return "\(wanted)_\(number)"
  }

  /// What a layer is called: as ntprof called it, or as the node that it is there for.
  private func title(of group: [Int]) -> String {
    guard let last = group.last else { return "" }
    if isOwn { return nodes[drafts.drafts[last].node].title }
    let main =
      group.first { !Grouping.preparations.contains(drafts.drafts[$0].element) } ?? last
    return nodes[drafts.drafts[main].node].title
  }

  private mutating func nameConstants(_ read: Set<Operand>) {
    // A key of a constant is its name: none that a layer's weights have.
    var keys: Set<String> = []
    for index in groups.indices {
      for (key, _) in weightKeys(of: index) { keys.insert(key.description) }
    }
    for index in drafts.constants.indices where read.contains(.constant(index)) {
      let name = drafts.constants[index].name
      constantNames[index] = claim(keys.contains(name) ? "\(name)/constant" : name)
    }
  }

  // MARK: Parts

  private mutating func addConstant(_ index: Int) throws(ImportError) {
    guard let name = constantNames[index] else { return }
    let (tensor, type) = (drafts.constants[index].tensor, drafts.constants[index].type)
    let isLearned =
      tensor.elementType.isReal && tensor.origin != nil && tensor.count > 1 && !tensor.isFixed
    var pattern: ConstantPattern?
    if !isLearned {
      if let known = tensor.knownPattern {
        pattern = known
      } else if let fill = tensor.fill {
        pattern = .fill(Float(fill))
      } else if tensor.count <= 1 << 16 {
        pattern = .list(tensor.floats())
      }
    }
    if pattern == nil { add(tensor, WeightKey(constant: name)) }
    try attempt(nil) { (builder) throws(GraphError) in
      do throws(ShapeError) {
        let constant = try GraphConstant(
          name: name, type: type, pattern: pattern, isLearned: isLearned)
        do throws(GraphError) { try builder.addConstant(constant) } catch {
          throw ShapeError(error.description)
        }
      } catch {
        throw GraphError(error.description)
      }
    }
  }

  private mutating func addLayer(_ index: Int) throws(ImportError) {
    let group = groups[index]
    var specs: [GraphBuilder.PrimitiveSpec] = []
    var inputs: [String] = []
    for (place, number) in group.enumerated() {
      let draft = drafts.drafts[number]
      var operands = draft.operands
      if place == 0 {
        inputs = operands.map(text)
        operands = []
      } else if let own = operands.firstIndex(of: .draft(group[place - 1])) {
        operands.remove(at: own)
      }
      specs.append(
        GraphBuilder.PrimitiveSpec(
          element: draft.element, kind: draft.kind,
          attributes: Attributes(element: draft.element, draft.attributes),
          with: operands.map(text)))
    }
    let name = layerNames[index]
    let origins = origins(of: group)
    let owner = origins.flatMap { owners[$0] }
    if let origins, owner == nil { owners[origins] = name }
    try attempt(group.last) { (builder) throws(GraphError) in
      try builder.addLayer(name: name, inputs: inputs, primitives: specs, weights: owner)
    }
    guard owner == nil else { return }
    for (key, tensor) in weightKeys(of: index) { add(tensor, key) }
  }

  /// Which initialisers a layer's weights are; `nil` where some are made of others, or it has none.
  private func origins(of group: [Int]) -> [String]? {
    var (result, names): ([String], [String]) = ([], [])
    for (place, number) in group.enumerated() {
      let draft = drafts.drafts[number]
      for (name, tensor) in draft.weights {
        guard let origin = tensor.origin else { return nil }
        result.append("\(origin) \(tensor.view) \(NumberText.dims(tensor.dims))")
        names.append("\(place) \(draft.element) \(name)")
      }
    }
    if result.isEmpty { return nil }
    // One matrix may be rows to one layer and a product's to another; of several each has its place.
    return result.count == 1 ? result : result + names
  }

  private func weightKeys(of index: Int) -> [(WeightKey, ConstantTensor)] {
    let group = groups[index]
    let isAlone = group.count { !drafts.drafts[$0].weights.isEmpty } == 1
    return group.enumerated().flatMap { place, number in
      drafts.drafts[number].weights.map { weight in
        (
          WeightKey(
            layer: layerNames[index], primitive: isAlone ? nil : place, name: weight.name),
          weight.tensor
        )
      }
    }
  }

  private mutating func add(_ tensor: ConstantTensor, _ key: WeightKey) {
    if tensor.isAbsent {
      absent.append(key.description)
    } else {
      weights.add(key, tensor.keyed)
      addSteps(tensor, key)
    }
  }

  /// The steps of weights that are multiples of integers, one or one an output channel.
  private mutating func addSteps(_ tensor: ConstantTensor, _ key: WeightKey) {
    guard key.name == "weight", let grid = tensor.grid, grid.steps.count == 1 || grid.axis == 0
    else { return }
    weights.add(
      "\(key)\(WeightKey.stepSuffix)", KeyedTensor(grid.steps, dims: [grid.steps.count]))
  }

  private func text(_ operand: Operand) -> String {
    switch operand {
    case .input(let index): inputNames[index] ?? ""
    case .constant(let index): constantNames[index] ?? ""
    case .draft(let index): layerOf[index].map { layerNames[$0] } ?? ""
    case .state(let index, let number):
      (layerOf[index].map { layerNames[$0] } ?? "") + (number == 0 ? ".h" : ".c")
    }
  }

  /// What leaves the network; a value that no layer makes, or that leaves twice, gets a layer that hands
  /// it on.
  private mutating func addOutputs() throws(ImportError) -> [ImportedModel.Port] {
    var ports: [ImportedModel.Port] = []
    var used: Set<String> = []
    for (operand, name) in zip(drafts.outputs, outputNames) {
      var graphName = text(operand)
      var isLayer = true
      switch operand {
      case .input, .constant: isLayer = false
      case .draft, .state: break
      }
      if !isLayer || used.contains(graphName) {
        let source = graphName
        graphName = claim(name)
        let layer = graphName
        try attempt(nil) { (builder) throws(GraphError) in
          let kind = try NetworkAssembly.identity()
          try builder.addLayer(
            name: layer, inputs: [source], primitives: [.init(element: "dropout", kind: kind)])
        }
      }
      used.insert(graphName)
      ports.append(.init(name: name, graphName: graphName))
    }
    return ports
  }

  private static func identity() throws(GraphError) -> any LayerKind {
    guard let kind = LayerKinds.standard["dropout"],
      let made = try? kind.init(Attributes(element: "dropout"))
    else { throw GraphError("there is no <dropout>") }
    return made
  }

  private mutating func attempt(
    _ draft: Int?, _ body: (inout GraphBuilder) throws(GraphError) -> Void
  ) throws(ImportError) {
    do throws(GraphError) { try body(&builder) } catch {
      let node = draft.map { nodes[drafts.drafts[$0].node] }
      throw ImportError(
        file: file, place: node.map { "\($0.place): node '\($0.title)' (\($0.type))" },
        error.description)
    }
  }
}
