/// An order in which nodes can run.
enum NodeOrder {
  /// Sorts the nodes of a graph, which mostly are sorted.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - file: Its file, for messages.
  ///   - outer: Values of the graphs around it.
  /// - Returns: The order, and which nodes read each value.
  /// - Throws: ``ImportError`` naming the nodes of a cycle, a value that two make, or one that none makes.
  /// - Complexity: O(nodes and operands).
  static func sorted(
    _ graph: OperatorGraph, file: String, outer: [String: ModelValue] = [:]
  ) throws(ImportError) -> (order: [Int], consumers: [String: [Int]]) {
    func fault(_ node: Int, _ message: String) -> ImportError {
      let node = graph.nodes[node]
      return ImportError(
        file: file, place: "\(node.place): node '\(node.title)' (\(node.type))", message)
    }
    let inputs = Set(graph.inputs.map(\.name))
    var maker: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for name in node.outputs where !name.isEmpty {
        if let other = maker.updateValue(index, forKey: name) {
          throw fault(
            index, "makes '\(name)', which node '\(graph.nodes[other].title)' makes, too")
        }
        if inputs.contains(name) || graph.constants[name] != nil {
          throw fault(index, "makes '\(name)', which is an input or initializer, too")
        }
      }
    }
    for name in graph.outputs
    where maker[name] == nil && !inputs.contains(name) && graph.constants[name] == nil
      && outer[name] == nil
    {
      throw ImportError(file: file, "nothing makes the output '\(name)'")
    }
    var waiting = [Int](repeating: 0, count: graph.nodes.count)
    var consumers: [String: [Int]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for name in Set(reads(node)) {
        consumers[name, default: []].append(index)
        if maker[name] != nil {
          waiting[index] += 1
        } else if !inputs.contains(name), graph.constants[name] == nil, outer[name] == nil {
          throw fault(index, "reads '\(name)', which nothing makes")
        }
      }
    }
    var isPlaced = [Bool](repeating: false, count: graph.nodes.count)
    var order: [Int] = []
    order.reserveCapacity(graph.nodes.count)
    // In the order of the file as long as that works: then nothing is ever put aside.
    var ready: [Int] = []
    func release(_ index: Int, _ ready: inout [Int]) {
      for name in graph.nodes[index].outputs where !name.isEmpty {
        for consumer in consumers[name] ?? [] {
          waiting[consumer] -= 1
          if waiting[consumer] == 0 { ready.append(consumer) }
        }
      }
    }
    for first in graph.nodes.indices where waiting[first] == 0 && !isPlaced[first] {
      ready.append(first)
    }
    var pending = Heap(ready)
    while let next = pending.pop() {
      guard !isPlaced[next] else { continue }
      isPlaced[next] = true
      order.append(next)
      var fresh: [Int] = []
      release(next, &fresh)
      for index in fresh { pending.push(index) }
    }
    if let stuck = isPlaced.firstIndex(of: false) {
      throw fault(
        stuck,
        "waits for what it makes itself: "
          + cycle(from: stuck, graph, maker, isPlaced).joined(separator: " -> "))
    }
    return (order, consumers)
  }

  /// What a node reads, its branches among it.
  private static func reads(_ node: OperatorNode) -> [String] {
    var names = node.inputs.filter { !$0.isEmpty }
    for case .graph(let branch) in node.attributes.values {
      var own = Set(branch.constants.keys).union(branch.inputs.map(\.name))
      for inner in branch.nodes { own.formUnion(inner.outputs) }
      names += branch.nodes.flatMap(reads).filter { !own.contains($0) }
      names += branch.outputs.filter { !own.contains($0) }
    }
    return names
  }

  /// The titles of nodes that wait for each other.
  private static func cycle(
    from start: Int, _ graph: OperatorGraph, _ maker: [String: Int], _ isPlaced: [Bool]
  ) -> [String] {
    var path: [Int] = []
    var place = start
    while !path.contains(place) {
      path.append(place)
      guard path.count < 8,
        let next = reads(graph.nodes[place]).lazy.compactMap({ maker[$0] }).first(where: {
          !isPlaced[$0]
        })
      else { break }
      place = next
    }
    return (path + [place]).map { graph.nodes[$0].title }
  }
}

/// Integers, the least one first.
private struct Heap {
  private var items: [Int]

  /// Integers in ascending order.
  init(_ sorted: [Int]) { items = sorted }

  mutating func push(_ item: Int) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[child] < items[(child - 1) / 2] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Int? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    guard !items.isEmpty else { return first }
    items[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < items.count else { return first }
      let child = left + 1 < items.count && items[left + 1] < items[left] ? left + 1 : left
      guard items[child] < items[parent] else { return first }
      items.swapAt(parent, child)
      parent = child
    }
  }
}
