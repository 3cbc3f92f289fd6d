import Model
import Topology

/// Turns operators into primitives, one after the other: constants are folded, shapes inferred, and what
/// there is no layer for is noted.
struct Translation {
  typealias Rule = @Sendable (inout Translation, OperatorNode) throws(TranslationFault) -> Void

  let file: String
  let graph: OperatorGraph
  let options: ImportOptions
  /// The nodes that were translated, those of branches among them.
  private(set) var nodes: [OperatorNode] = []
  var values: [String: ModelValue] = [:]
  var drafts: [Draft] = []
  var inputs: [NetworkInput] = []
  var constants: [NamedConstant] = []
  var constantPlaces: [String: Int] = [:]
  /// How many operands and outputs a value is.
  private(set) var uses: [String: Int] = [:]
  private(set) var unsupported: [UnsupportedUse] = []
  /// What primitives that only give other dims were made of.
  var reshapes: [Int: Flow] = [:]
  /// What transpositions were made of.
  var transposes: [Int: (source: Flow, order: [Int])] = [:]
  /// Which nodes of the outermost graph read each value.
  private(set) var consumers: [String: [Int]] = [:]
  /// The index of the node being translated.
  private(set) var current = 0
  private var branchDepth = 0

  struct NetworkInput {
    let name: String
    let type: TensorType
    /// Whether it turned out to stand where weights do.
    var isParameter = false
  }

  struct NamedConstant {
    let name: String
    let tensor: ConstantTensor
    let type: TensorType
  }

  var opset: Int { graph.opset }

  init(_ graph: OperatorGraph, file: String, options: ImportOptions) {
    self.file = file
    self.graph = graph
    self.options = options
  }

  /// Translates everything.
  ///
  /// - Throws: ``ImportError`` for what contradicts itself; what is not supported is collected.
  mutating func run() throws(ImportError) {
    let order = try NodeOrder.sorted(graph, file: file)
    for node in graph.nodes { countUses(of: node) }
    for name in graph.outputs { uses[name, default: 0] += 1 }
    for (name, tensor) in graph.constants { values[name] = .constant(tensor) }
    consumers = order.consumers
    try addInputs()
    for index in order.order { try translate(graph.nodes[index]) }
  }

  private mutating func countUses(of node: OperatorNode) {
    for name in node.inputs where !name.isEmpty { uses[name, default: 0] += 1 }
    for case .graph(let branch) in node.attributes.values {
      for inner in branch.nodes { countUses(of: inner) }
      for name in branch.outputs { uses[name, default: 0] += 1 }
    }
  }

  private mutating func translate(_ node: OperatorNode) throws(ImportError) {
    current = nodes.count
    nodes.append(node)
    do throws(TranslationFault) {
      let operands = node.inputs.map { name in name.isEmpty ? nil : values[name] }
      if node.type == "If", node.domain.isEmpty {
        return try inline(node, operands.first.flatMap { $0 })
      }
      if try fold(node, operands) { return }
      let isReachable = !operands.contains { operand in
        if case .unknown? = operand { return true }
        return false
      }
      guard let rule = Operators.rule(for: node) else {
        throw .unsupported(node.domain.isEmpty ? "" : "an operator of '\(node.domain)'")
      }
      guard isReachable else { return forget(node) }
      let count = drafts.count
      try rule(&self, node)
      adoptWords(of: node, since: count)
    } catch {
      switch error {
      case .invalid(let message): throw fault(node, message)
      case .unsupported(let reason):
        unsupported.append(UnsupportedUse(node, reason, macs: roughMACs(of: node)))
        guess(node)
      }
    }
  }

  /// An error about a node, with its place.
  func fault(_ node: OperatorNode, _ message: String) -> ImportError {
    ImportError(
      file: file, place: "\(node.place): node '\(node.title)' (\(node.type))", message)
  }

  /// Computes a node of constants, and those that only ask for a shape.
  private mutating func fold(_ node: OperatorNode, _ operands: [ModelValue?])
    throws(TranslationFault) -> Bool
  {
    if node.domain.isEmpty, node.type == "Shape" || node.type == "Size",
      case .flow(let flow)? = operands.first.flatMap({ $0 })
    {
      let result =
        node.type == "Shape"
        ? ConstantTensor(ShapeRules.shape(flow.dims, node))
        : ConstantTensor(dims: [], integers: [Int64(flow.dims.reduce(1, *))])
      set(node, 0, .constant(result))
      return true
    }
    var constants: [ConstantTensor?] = []
    for operand in operands {
      switch operand {
      case nil: constants.append(nil)
      case .constant(let tensor)?: constants.append(tensor)
      default: return false
      }
    }
    let folded: [ConstantTensor]?
    do throws(FoldingFault) {
      folded =
        try ConstantFolding.evaluate(node, constants, opset: opset)
        ?? Quantization.folded(node, constants)
    } catch {
      throw .invalid(error.message)
    }
    guard let folded else { return false }
    for (index, tensor) in folded.enumerated() { set(node, index, .constant(tensor)) }
    return true
  }

  /// Puts the nodes of a branch in the place of an `If` whose condition is known.
  private mutating func inline(_ node: OperatorNode, _ condition: ModelValue?)
    throws(TranslationFault)
  {
    guard case .constant(let flag)? = condition, !flag.isAbsent, flag.count == 1 else {
      throw .unsupported(
        "its condition is not known; fix an input by --value INPUT=N if it follows from one")
    }
    let name = flag.reals()[0] != 0 ? "then_branch" : "else_branch"
    guard case .graph(let branch)? = node.attributes[name] else {
      throw .invalid("has no \(name)")
    }
    guard branchDepth < ONNXReader.maximumDepth else { throw .invalid("branches too deep") }
    branchDepth += 1
    defer { branchDepth -= 1 }
    // Names of a branch hide those outside for as long as it lasts.
    var hidden: [(String, ModelValue?)] = []
    for (name, tensor) in branch.constants {
      hidden.append((name, values.updateValue(.constant(tensor), forKey: name)))
    }
    do throws(ImportError) {
      let order = try NodeOrder.sorted(branch, file: file, outer: values)
      for index in order.order {
        for output in branch.nodes[index].outputs where !output.isEmpty {
          hidden.append((output, values[output]))
        }
        try translate(branch.nodes[index])
      }
    } catch {
      throw .invalid(
        "in its \(name): " + (error.place.map { $0 + ": " } ?? "") + error.message)
    }
    let results = branch.outputs.map { values[$0] ?? .unknown }
    for (name, before) in hidden.reversed() { values[name] = before }
    for (index, result) in results.enumerated() { set(node, index, result) }
  }

  /// Says that nobody knows what a node makes.
  private mutating func forget(_ node: OperatorNode) {
    for name in node.outputs where !name.isEmpty { values[name] = .unknown }
  }
}

// MARK: Results

extension Translation {
  /// Says what a node makes.
  mutating func set(_ node: OperatorNode, _ index: Int, _ value: ModelValue) {
    guard index < node.outputs.count, !node.outputs[index].isEmpty else { return }
    values[node.outputs[index]] = value
  }

  /// Says what a node makes.
  mutating func set(_ node: OperatorNode, _ flow: Flow) { set(node, 0, .flow(flow)) }

  /// Whether somebody reads a result of a node.
  func isUsed(_ node: OperatorNode, _ index: Int) -> Bool {
    index < node.outputs.count && !node.outputs[index].isEmpty
      && uses[node.outputs[index], default: 0] > 0
  }

  /// Refuses results that ntprof's layers do not give.
  func refuse(_ node: OperatorNode, results: Range<Int>, _ what: String) throws(TranslationFault) {
    for index in results where isUsed(node, index) {
      throw .unsupported("its result '\(node.outputs[index])' (\(what)) is read")
    }
  }

  /// Appends a primitive.
  mutating func add(
    _ element: String, _ attributes: [String: String] = [:], _ operands: [Flow],
    weights: [(name: String, tensor: ConstantTensor)] = [], elementType: ElementType? = nil
  ) throws(TranslationFault) -> Flow {
    let draft = try Draft(
      element, attributes, operands.map(\.operand), types: operands.map(\.type), weights: weights,
      node: current)
    drafts.append(draft)
    var flow = Flow(
      .draft(drafts.count - 1), draft.type, elementType ?? operands[0].elementType)
    // An element-wise function of a scalar is a scalar.
    if operands.allSatisfy({ $0.dims.isEmpty }), draft.type.dims == [1] { flow.dims = [] }
    return flow
  }

  /// Appends an activation.
  mutating func activation(_ kind: String, _ numbers: [String: Double] = [:], _ flow: Flow)
    throws(TranslationFault) -> Flow
  {
    var attributes = numbers.mapValues(NumberText.real)
    attributes["kind"] = kind
    return try add("activation", attributes, [flow])
  }

  /// Appends an operator that no layer has and a pattern may absorb; one that is left is told of as
  /// unsupported.
  mutating func absorbable(_ name: String, _ flow: Flow) throws(TranslationFault) -> Flow {
    let result = try add("dropout", [:], [flow])
    drafts[drafts.count - 1].unsupported = name
    return result
  }

  /// The primitive that makes a value; `nil` for an input or a constant.
  func producer(_ flow: Flow) -> Draft? {
    guard case .draft(let index) = flow.operand else { return nil }
    return drafts[index]
  }

  /// The dims of a result that no rule gives: those that the file declares, or those of the operand.
  private mutating func guess(_ node: OperatorNode) {
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      values[name] = .unknown
      var dims = graph.declared[name]
      var elementType = ElementType.f32
      if case .flow(let flow)? = node.inputs.first.flatMap({ values[$0] }) {
        elementType = flow.elementType
        if dims == nil, index == 0, Operators.keepsShape(node.type) { dims = flow.dims }
      }
      guard let dims, let type = try? type(dims, .natural(dims.count)) else { continue }
      // Only shapes of it are looked at: a model with such a node is refused in the end.
      values[name] = .flow(Flow(.input(-1), type, elementType, dims: dims))
    }
  }

  private mutating func note(_ use: UnsupportedUse) { unsupported.append(use) }

  /// Notes that a primitive stands for an operator that nothing absorbed.
  mutating func refuse(_ draft: Draft) {
    note(UnsupportedUse(nodes[draft.node], "", macs: 0))
  }

  /// The multiply-adds of an operator that multiplies, as far as its dims tell.
  private func roughMACs(of node: OperatorNode) -> Int {
    func dims(_ index: Int) -> [Int]? {
      guard index < node.inputs.count else { return nil }
      switch values[node.inputs[index]] {
      case .constant(let tensor)?: return tensor.dims
      case .flow(let flow)?: return flow.dims
      default: return nil
      }
    }
    guard let out = node.outputs.first.flatMap({ graph.declared[$0] }) else { return 0 }
    let count = out.reduce(1, *)
    switch node.type {
    case "Conv", "ConvInteger":
      return (dims(1) ?? []).dropFirst().reduce(1, *) * count
    case "QLinearConv": return (dims(3) ?? []).dropFirst().reduce(1, *) * count
    case "MatMul", "MatMulInteger", "Gemm", "QLinearMatMul": return (dims(0)?.last ?? 0) * count
    default: return 0
    }
  }
}

extension Layout {
  /// The layout of dims whose meaning nobody told: four are an image, three are not taken for anything.
  static func natural(_ rank: Int) -> Layout {
    switch rank {
    case 2: .nc
    case 4: .nchw
    case 5: .ncdhw
    default: .other
    }
  }
}
