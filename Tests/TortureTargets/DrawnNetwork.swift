import TestSupport
public import Topology
import TopologyXML

/// A network as text: what is drawn at random and taken apart again, valid or not.
public struct DrawnNetwork: Codable, Hashable, Sendable {
  /// An input or a constant.
  public struct Tensor: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its extents.
    public var dims: [Int]
    /// What they mean.
    public var layout: String
    /// Of a constant: the attributes that say what it holds.
    public var attributes: [String: String] = [:]
    /// Of a constant: whether it is trained.
    public var isLearned = false

    var type: TensorType {
      get throws { try TensorType(dims: dims, Layout(rawValue: layout) ?? .other) }
    }
  }

  /// An element with its attributes.
  public struct Primitive: Codable, Hashable, Sendable {
    /// The element's name.
    public var element: String
    /// Its attributes.
    public var attributes: [String: String] = [:]
    /// Names of further operands.
    public var with: [String] = []

    /// Its kind as the language reads it.
    func spec() throws -> GraphBuilder.PrimitiveSpec {
      try GraphBuilder.PrimitiveSpec(element, attributes, with: with)
    }
  }

  /// A layer.
  public struct Layer: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What its first primitive reads.
    public var inputs: [String]
    /// Its primitives.
    public var primitives: [Primitive]
    /// The layer whose weights it takes.
    public var weights: String?

    /// All names that it reads.
    var reads: [String] {
      inputs + primitives.flatMap(\.with).filter { !$0.hasPrefix("@") }
    }
  }

  /// The network's inputs.
  public var inputs: [Tensor] = []
  /// The tensors that are part of it.
  public var constants: [Tensor] = []
  /// Its layers in order.
  public var layers: [Layer] = []
  /// What leaves it; nil for what nobody reads.
  public var outputs: [String]?

  /// The graph it describes.
  ///
  /// - Throws: ``Topology/GraphError``, ``Topology/AttributeError`` or ``Topology/ShapeError`` where it is
  ///   none.
  public func graph() throws -> Graph {
    var builder = GraphBuilder(name: "torture")
    for input in inputs { try builder.addInput(name: input.name, type: input.type) }
    for constant in constants { try builder.addConstant(constant.graphConstant()) }
    for layer in layers { try builder.add(layer) }
    return try builder.build(outputs: outputs)
  }

  /// The XML of it; nil where it is no network.
  public func text(comment: [String]) -> String? {
    guard let graph = try? graph() else { return nil }
    return try? TopologyWriter(comment: comment).write(graph)
  }

  /// The same without inputs and constants that nobody reads.
  func withoutIdle() -> DrawnNetwork {
    let read = Set(layers.flatMap(\.reads))
    var network = self
    network.constants.removeAll { !read.contains($0.name) }
    network.inputs.removeAll { !read.contains($0.name) }
    // There must be one.
    if network.inputs.isEmpty { network.inputs = Array(inputs.prefix(1)) }
    return network
  }
}

extension DrawnNetwork.Tensor {
  func graphConstant() throws -> GraphConstant {
    let schema = try ConstantSchema(Attributes(element: "constant", attributes))
    return try GraphConstant(
      name: name, type: type, pattern: schema.pattern, isLearned: isLearned)
  }
}

extension GraphBuilder {
  mutating func add(_ layer: DrawnNetwork.Layer) throws {
    try addLayer(
      name: layer.name, inputs: layer.inputs, primitives: layer.primitives.map { try $0.spec() },
      weights: layer.weights)
  }
}
