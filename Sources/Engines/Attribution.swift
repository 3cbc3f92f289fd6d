public import Exporters
import Topology

/// Which layer each node of an engine's graph belongs to.
///
/// In this order: a node's name is in the exporter's table; the engine names what it computes, and the
/// first such name that is in the table counts; its name without what the engine's optimisers added, or
/// the name of a value that it makes, is; the nearest consumer with a layer, else the nearest producer
/// (a change of format belongs to the layer that needs it). What is left belongs to none.
///
/// A node that computes several layers belongs to the one of its main operation: the exported graph is
/// walked up from the named node, through what no other node computes, to the operator that the engine
/// says the node is.
public struct Attribution: Sendable {
  /// How the layer of a node was found.
  public enum Rule: String, Hashable, Sendable, CaseIterable {
    /// By its own name.
    case name
    /// By a name that the engine says it computes.
    case origin
    /// By its name without what the engine added, or by a value that it makes.
    case value
    /// By the nearest node that reads it.
    case consumer
    /// By the nearest node that it reads.
    case producer
    /// Not at all.
    case none
  }

  /// The layer of each node of the graph; nil where none was found.
  public private(set) var owners: [Int?]
  /// How it was found.
  public private(set) var rules: [Rule]
  /// The node of the table that each node mainly is, where one was found.
  public private(set) var mains: [Int?]
  /// Layers that a node of another layer computes, too.
  public private(set) var covered: [Int: Int] = [:]

  private let table: [ExportedNode]
  private let graph: [EngineNode]
  private var byName: [String: Int] = [:]
  private var byValue: [String: Int] = [:]
  /// Nodes of the table that nodes of the graph are by name.
  private var claimed: Set<Int> = []

  /// Finds the layers of a graph's nodes.
  ///
  /// - Parameters:
  ///   - graph: The graph that the engine executes.
  ///   - table: The nodes of the model that it was given.
  /// - Complexity: O(nodes) but for nodes without names, which cost O(edges) each.
  public init(of graph: [EngineNode], table: [ExportedNode]) {
    self.table = table
    self.graph = graph
    owners = Array(repeating: nil, count: graph.count)
    rules = Array(repeating: .none, count: graph.count)
    mains = Array(repeating: nil, count: graph.count)
    for (index, node) in table.enumerated() {
      byName[node.name] = byName[node.name] ?? index
      for value in node.outputs { byValue[value] = byValue[value] ?? index }
    }
    for node in graph { if let index = byName[node.name] { claimed.insert(index) } }
    for index in graph.indices { nameOwner(of: index) }
    askNeighbours()
  }

  /// Finds the layer by names.
  private mutating func nameOwner(of index: Int) {
    let (names, rule) = candidates(of: graph[index])
    guard let first = names.first else { return }
    let kind = OperatorClass(engine: graph[index].op)
    var found: (main: Int, path: [Int])?
    if let kind {
      for name in names where found == nil { found = main(of: kind, from: name) }
    }
    let main = found?.main ?? first
    owners[index] = table[main].layer
    mains[index] = main
    rules[index] = rule
    // What it computes besides: the way up, and all that the engine names.
    for other in (found?.path ?? []) + names where table[other].layer != table[main].layer {
      covered[table[other].layer] = covered[table[other].layer] ?? table[main].layer
    }
  }

  private func candidates(of node: EngineNode) -> ([Int], Rule) {
    if let index = byName[node.name] {
      return ([index] + (node.origin ?? []).compactMap { byName[$0] }, .name)
    }
    let origins = (node.origin ?? []).compactMap { byName[$0] }
    if !origins.isEmpty { return (origins, .origin) }
    for name in EngineNames.stripped(node.name) {
      if let index = byName[name] ?? byValue[name] { return ([index], .value) }
    }
    for value in node.outputs {
      for name in [value] + EngineNames.stripped(value) {
        if let index = byValue[name] { return ([index], .value) }
      }
    }
    return ([], .none)
  }

  /// The nearest node of a kind at or above a node of the table, and the nodes on the way.
  ///
  /// Those of the node's own layer come first; no way leads through what another node computes.
  private func main(of kind: OperatorClass, from start: Int) -> (main: Int, path: [Int])? {
    for staysInLayer in [true, false] {
      var queue = [[start]]
      var seen: Set<Int> = [start]
      while !queue.isEmpty {
        let path = queue.removeFirst()
        guard let last = path.last else { continue }
        if OperatorClass(onnx: table[last].op) == kind { return (last, path) }
        // A product, a convolution or a pool is where a fused node begins.
        if OperatorClass(onnx: table[last].op)?.isHeavy == true { continue }
        for value in table[last].inputs {
          guard let next = byValue[value], seen.insert(next).inserted, !claimed.contains(next),
            !staysInLayer || table[next].layer == table[start].layer, path.count < 24
          else { continue }
          queue.append(path + [next])
        }
      }
    }
    return nil
  }

  /// Finds the layers of the nodes without names by the nodes around them.
  private mutating func askNeighbours() {
    var readers = [[Int]](repeating: [], count: graph.count)
    for (index, node) in graph.enumerated() {
      for input in node.inputs { readers[input].append(index) }
    }
    let named = owners
    let sources = graph.map(\.inputs)
    for index in graph.indices where named[index] == nil {
      if let owner = Self.nearest(to: index, in: named, along: readers) {
        (owners[index], rules[index]) = (owner, .consumer)
      } else if let owner = Self.nearest(to: index, in: named, along: sources) {
        (owners[index], rules[index]) = (owner, .producer)
      }
    }
  }

  /// The layer of the nearest node along some edges that has one.
  private static func nearest(to start: Int, in owners: [Int?], along edges: [[Int]]) -> Int? {
    var front = [start]
    var seen: Set<Int> = [start]
    while !front.isEmpty {
      var next: [Int] = []
      for node in front {
        for other in edges[node] where seen.insert(other).inserted {
          if let owner = owners[other] { return owner }
          next.append(other)
        }
      }
      front = next
    }
    return nil
  }
}
