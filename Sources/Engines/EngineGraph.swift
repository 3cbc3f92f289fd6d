/// A node of the graph that an engine executes.
public struct EngineNode: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its operator, in the engine's words.
  public var op: String
  /// The nodes it reads, by their place in the graph.
  public var inputs: [Int]
  /// The values it makes; empty where the engine names none.
  public var outputs: [String]
  /// Names of nodes of the model that it computes, as the engine tells them.
  public var origin: [String]?
  /// The memory layout of what it makes.
  public var layout: String?

  /// Makes a node.
  public init(
    name: String, op: String, inputs: [Int] = [], outputs: [String] = [],
    origin: [String]? = nil, layout: String? = nil
  ) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.origin = origin
    self.layout = layout
  }
}

/// A node with its times.
public struct TimedNode: Codable, Hashable, Sendable {
  /// Its name, which the graph has, too.
  public var name: String
  /// Its operator, in the engine's words.
  public var op: String
  /// What ran it, like `brgconv_avx512_f32`.
  public var implementation: String?
  /// The layer it is, where the engine knows.
  public var layer: String?
  /// One time a sample, ns.
  public var ns: [Double]

  /// Makes a node.
  public init(
    name: String, op: String, implementation: String? = nil, layer: String? = nil, ns: [Double]
  ) {
    self.name = name
    self.op = op
    self.implementation = implementation
    self.layer = layer
    self.ns = ns
  }
}

/// The timed passes of an engine, and the graph that it executed.
public struct EngineProfile: Codable, Hashable, Sendable {
  /// The nodes that ran.
  public var nodes: [TimedNode]
  /// Time of the whole, one a sample, ns.
  public var passesNs: [Double]
  /// Passes whose mean a sample is; absent for 1.
  public var passesPerSample: Int?
  /// All nodes.
  public var graph: [EngineNode]
  /// The step of the clock that timed the nodes, to whole ones of which it cuts, ns; absent where it is that of passes.
  public var stepNs: Double?
  /// Time from the end of the last node until the network has returned, one a sample, ns; absent where that is not told
  /// apart.
  public var returnNs: [Double]?

  enum CodingKeys: String, CodingKey {
    case nodes, graph
    case passesNs = "passes_ns"
    case passesPerSample = "passes_per_sample"
    case stepNs = "step_ns"
    case returnNs = "return_ns"
  }

  /// Puts a profile together.
  public init(
    nodes: [TimedNode], passesNs: [Double], passesPerSample: Int? = nil, graph: [EngineNode]
  ) {
    self.nodes = nodes
    self.passesNs = passesNs
    self.passesPerSample = passesPerSample
    self.graph = graph
  }

  /// What is wrong with it; nil where nothing is.
  var fault: String? {
    if let node = nodes.first(where: { $0.ns.count != passesNs.count }) {
      return "node '\(node.name)' has \(node.ns.count) times of \(passesNs.count) passes"
    }
    if let node = graph.first(where: { $0.inputs.contains { !graph.indices.contains($0) } }) {
      return "node '\(node.name)' reads a node that is not there"
    }
    if let returnNs, returnNs.count != passesNs.count {
      return "the returns have \(returnNs.count) times of \(passesNs.count) passes"
    }
    if returnNs?.contains(where: { !($0 >= 0 && $0.isFinite) }) == true
      || stepNs.map({ !($0 >= 0 && $0.isFinite) }) == true
    {
      return "a time is negative or no number"
    }
    if nodes.contains(where: { $0.ns.contains { !($0 >= 0 && $0.isFinite) } })
      || passesNs.contains(where: { !($0 > 0 && $0.isFinite) })
    {
      return "a time is negative or no number"
    }
    return nil
  }
}
