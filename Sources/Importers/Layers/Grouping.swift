import Topology

/// Joins primitives to layers: what a reader of the network would write as one.
struct Grouping {
  /// The primitives of each layer in order, layers in order of execution.
  private(set) var groups: [[Int]] = []
  private let graph: DraftGraph
  private let alive: [Int]
  private let outputs: Set<Int>
  /// What each primitive continues, and whether its chain begins with a product.
  private var before: [Int: Int] = [:]
  private var isProduct: Set<Int> = []

  /// Joins what chains: a product, its normalisation, activation and residual.
  init(chainsOf graph: DraftGraph) {
    self.graph = graph
    alive = graph.drafts.indices.filter(graph.isAlive)
    outputs = Grouping.outputs(of: graph)
    joinChains()
  }

  /// Joins what one layer of ntprof's was exported as, by the names of its nodes.
  init(_ graph: DraftGraph, namesOf nodes: [OperatorNode]) {
    self.graph = graph
    alive = graph.drafts.indices.filter(graph.isAlive)
    outputs = Grouping.outputs(of: graph)
    joinNames(nodes)
  }

  // MARK: Chains

  private static let followers: Set<String> = [
    "batch-norm", "activation", "prelu", "add", "quantize",
  ]
  /// What only prepares the operand of what follows.
  static let preparations: Set<String> = ["reshape", "flatten", "dequantize"]
  private static let products: Set<String> = [
    "conv", "deconv", "fc", "matmul", "attention", "lstm", "gru", "rnn",
  ]

  private mutating func joinChains() {
    var taken: Set<Int> = []
    for index in alive {
      if Grouping.products.contains(graph.drafts[index].element) { isProduct.insert(index) }
      guard let found = predecessor(of: index), !taken.contains(found) else { continue }
      before[index] = found
      taken.insert(found)
      if isProduct.contains(found) { isProduct.insert(index) }
    }
    // A reshape goes with what follows, else with what stands before it.
    for index in alive where Grouping.preparations.contains(graph.drafts[index].element) {
      guard !taken.contains(index), before[index] == nil,
        let maker = graph.only(graph.drafts[index].operands[0]), !taken.contains(maker),
        !isOutput(maker)
      else { continue }
      before[index] = maker
      taken.insert(maker)
    }
    for index in alive where !taken.contains(index) {
      var chain = [index]
      while let next = before[chain[chain.count - 1]] { chain.append(next) }
      groups.append(chain.reversed())
    }
    // A layer runs where its last primitive stood: whatever it reads was made before.
    groups.sort { ($0.last ?? 0) < ($1.last ?? 0) }
  }

  /// The primitive that one continues in its layer; `nil` where it begins one.
  private func predecessor(of index: Int) -> Int? {
    let draft = graph.drafts[index]
    if let maker = graph.only(draft.operands[0]), !isOutput(maker),
      Grouping.preparations.contains(graph.drafts[maker].element),
      !Grouping.preparations.contains(draft.element)
    {
      return maker
    }
    guard Grouping.followers.contains(draft.element) else { return nil }
    guard draft.element == "add" else {
      return graph.only(draft.operands[0]).flatMap { continues($0) ? $0 : nil }
    }
    // Of two branches the one with the product that ends last.
    let branches = draft.operands.compactMap { graph.only($0) }.filter {
      continues($0) && graph.drafts[$0].type.dims == draft.type.dims
        && isProduct.contains($0)
    }
    return branches.max()
  }

  private func continues(_ index: Int) -> Bool {
    !isOutput(index) && !Grouping.preparations.contains(graph.drafts[index].element)
  }

  private func isOutput(_ index: Int) -> Bool { outputs.contains(index) }

  private static func outputs(of graph: DraftGraph) -> Set<Int> {
    Set(
      graph.outputs.compactMap { output in
        if case .draft(let index) = output { return index }
        return nil
      })
  }

  // MARK: Names

  private mutating func joinNames(_ nodes: [OperatorNode]) {
    var owner = ""
    var names: [Int: String] = [:]
    for index in alive.reversed() {
      let name = nodes[graph.drafts[index].node].title
      if name != owner, !name.hasPrefix(owner + "/") || owner.isEmpty { owner = name }
      names[index] = owner
    }
    for index in alive {
      if let last = groups.last?.last, names[last] == names[index], chains(last, index) {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
  }

  /// Whether a primitive reads what the one before it makes, which nothing else reads.
  private func chains(_ before: Int, _ index: Int) -> Bool {
    let draft = graph.drafts[index]
    let isFirst = draft.operands.first == .draft(before)
    let isExchanged = draft.element == "add" && draft.operands.contains(.draft(before))
    return (isFirst || isExchanged) && graph.only(.draft(before)) != nil && !isOutput(before)
  }
}
