public import Topology

/// A part of a network as a network of its own: nothing in it tells where it comes from.
public struct Brick: Sendable {
  /// Its topology, by which bricks are told apart: kinds, attributes, shapes and wiring are in it, names
  /// and places in files are not.
  public let text: String
  /// The same as a graph.
  public let graph: Graph

  /// Its topology under a name.
  ///
  /// - Throws: ``GraphError`` for a name that the language cannot write.
  public func text(named name: String, comment: [String]) throws(GraphError) -> String {
    var writer = TopologyWriter(comment: comment)
    writer.name = name
    return try writer.write(graph)
  }
}

/// A place of a network where a brick stands.
public struct BrickUse: Hashable, Sendable {
  /// The brick's index in ``BrickDecomposition/bricks``.
  public let brick: Int
  /// The layers there, ascending.
  public let layers: [Int]
  /// The uses that it reads, by their place in the network's list, ascending; all stand before it.
  public let inputs: [Int]
  /// Whether it reads an input of the network.
  public let readsInput: Bool
  /// Whether it gives an output of the network.
  public let givesOutput: Bool
}

/// Takes networks apart into bricks, of which equal ones are kept once: DLBricks (Li, Dakkak, Xiong, Hwu,
/// ICPE 2020).
public struct BrickDecomposition: Sendable {
  /// The distinct bricks of all networks, in the order in which they were found.
  public private(set) var bricks: [Brick] = []
  /// The most groups of fused layers in a brick.
  public let granularity: Int
  private var known: [String: Int] = [:]

  /// Begins with no network.
  ///
  /// - Precondition: `granularity` is positive.
  public init(granularity: Int = 1) {
    precondition(granularity > 0, "a brick holds one layer at least")
    self.granularity = granularity
  }

  /// Takes a network apart.
  ///
  /// - Parameters:
  ///   - graph: The network.
  ///   - fusedInto: Layers that run as a part of others, and which.
  /// - Returns: Where bricks stand in it, in an order in which they can run; every layer is in one of them.
  /// - Throws: ``GraphError`` naming a layer that cannot stand alone.
  /// - Complexity: About O(layers + edges), and a text for each group of layers.
  public mutating func add(
    _ graph: Graph, fusedInto: [Int: Int] = [:]
  ) throws(GraphError) -> [BrickUse] {
    let chains = BrickGroups(graph, fusedInto: fusedInto).chains(upTo: granularity)
    var home = [Int](repeating: 0, count: graph.layers.count)
    for (index, chain) in chains.enumerated() {
      for layer in chain { home[layer] = index }
    }
    let leaving = Set(graph.outputs.compactMap(\.layer))
    var wanted: [Int: Set<Source>] = [:]
    for layer in graph.layers {
      for source in layer.inputs {
        guard let other = source.layer, home[other] != home[layer.index] else { continue }
        wanted[home[other], default: []].insert(source)
      }
    }
    for source in graph.outputs {
      if let layer = source.layer { wanted[home[layer], default: []].insert(source) }
    }
    var uses: [BrickUse] = []
    for (index, layers) in chains.enumerated() {
      let part = GraphPart(graph, layers, giving: wanted[index] ?? [])
      let brick = try part.brick()
      let place: Int
      if let found = known[brick.text] {
        place = found
      } else {
        place = bricks.count
        known[brick.text] = place
        bricks.append(brick)
      }
      let sources = layers.flatMap { graph.layers[$0].inputs }
      uses.append(
        BrickUse(
          brick: place, layers: layers,
          inputs: Set(sources.compactMap(\.layer).map { home[$0] }).subtracting([index]).sorted(),
          readsInput: sources.contains { if case .input = $0 { true } else { false } },
          givesOutput: layers.contains { leaving.contains($0) }))
    }
    return uses
  }
}
