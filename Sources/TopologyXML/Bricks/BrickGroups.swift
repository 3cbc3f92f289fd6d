import Topology

/// Which layers of a network are measured together, and in which order.
///
/// Layers that a plan fuses are one group, for apart they would be other primitives. So is a layer that
/// reads constants alone with its first reader: by itself it would have nothing to be run on.
struct BrickGroups {
  private let graph: Graph
  /// The layers that each layer reads.
  private let reads: [[Int]]
  /// The layers that read each layer.
  private let readers: [[Int]]
  /// Whether each layer gives an output of the network.
  private let isOutput: [Bool]
  private var parent: [Int]

  /// The groups, each ascending, so that one comes after those that it reads.
  private(set) var groups: [[Int]] = []
  /// The group of each layer.
  private(set) var groupOfLayer: [Int] = []

  init(_ graph: Graph, fusedInto: [Int: Int]) {
    self.graph = graph
    reads = graph.layers.map { layer in layer.inputs.compactMap(\.layer) }
    var readers = [[Int]](repeating: [], count: graph.layers.count)
    for (reader, sources) in reads.enumerated() {
      for source in sources { readers[source].append(reader) }
    }
    self.readers = readers
    var isOutput = [Bool](repeating: false, count: graph.layers.count)
    for layer in graph.outputs.compactMap(\.layer) { isOutput[layer] = true }
    self.isOutput = isOutput
    parent = Array(graph.layers.indices)
    let anchors = joinFused(fusedInto)
    joinConstants()
    repeat { order(anchors) } while joinBackward()
  }

  /// The groups with chains of up to `granularity` of them made one.
  ///
  /// A chain goes on as long as the next group in order reads the one before, which nobody else reads.
  /// Chains do not overlap; each begins where the one before ends.
  func chains(upTo granularity: Int) -> [[Int]] {
    var chains: [[Int]] = []
    var length = 0
    for (index, group) in groups.enumerated() {
      if length > 0, length < granularity, follows(index) {
        chains[chains.count - 1] += group
        length += 1
      } else {
        chains.append(group)
        length = 1
      }
    }
    return chains.map { $0.sorted() }
  }

  /// Whether a group reads the one before it, and is all that does.
  private func follows(_ index: Int) -> Bool {
    let before = groups[index - 1]
    let outside = before.flatMap { readers[$0] }.filter { groupOfLayer[$0] != index - 1 }
    return !outside.isEmpty && outside.allSatisfy { groupOfLayer[$0] == index }
      && !before.contains { isOutput[$0] }
  }

  /// Joins what is fused; the layers whose place in the order counts for their group.
  private mutating func joinFused(_ fusedInto: [Int: Int]) -> [Bool] {
    var isAnchor = [Bool](repeating: true, count: parent.count)
    for (layer, host) in fusedInto where parent.indices.contains(layer) {
      join(layer, host)
      isAnchor[layer] = false
    }
    return isAnchor
  }

  /// Joins layers that depend on no input with their first reader.
  private mutating func joinConstants() {
    var isRooted = [Bool](repeating: false, count: parent.count)
    for layer in graph.layers {
      isRooted[layer.index] = layer.inputs.contains { source in
        switch source {
        case .input: true
        case .layer(let other), .state(let other, _): isRooted[other]
        case .constant, .previous: false
        }
      }
    }
    for layer in parent.indices where !isRooted[layer] {
      if let reader = readers[layer].first { join(layer, reader) }
    }
  }

  /// Sorts the groups by where they run: a fused one where its first layer does that is not fused.
  private mutating func order(_ isAnchor: [Bool]) {
    var members: [Int: [Int]] = [:]
    for layer in parent.indices { members[root(layer), default: []].append(layer) }
    func place(_ group: [Int]) -> Int {
      // Behind what only constants need, which stands first.
      let reading = group.filter { layer in
        isAnchor[layer]
          && graph.layers[layer].inputs.contains { source in
            if case .input = source { return true }
            return source.layer.map { root($0) != root(layer) } ?? false
          }
      }
      return reading.first ?? group[0]
    }
    groups = members.values.map { (place($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    groupOfLayer = parent
    for (index, group) in groups.enumerated() {
      for layer in group { groupOfLayer[layer] = index }
    }
  }

  /// Joins groups of which one reads another that comes later, which no order would allow; whether there
  /// were any.
  private mutating func joinBackward() -> Bool {
    var found = false
    for (layer, sources) in reads.enumerated() {
      for source in sources where groupOfLayer[source] > groupOfLayer[layer] {
        join(layer, source)
        found = true
      }
    }
    return found
  }

  private func root(_ layer: Int) -> Int {
    var layer = layer
    while parent[layer] != layer { layer = parent[layer] }
    return layer
  }

  private mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (root(a), root(b))
    parent[max(first, second)] = min(first, second)
  }
}

extension Source {
  /// The layer whose output or state it is.
  var layer: Int? {
    switch self {
    case .layer(let layer), .state(let layer, _): layer
    case .input, .constant, .previous: nil
    }
  }
}
