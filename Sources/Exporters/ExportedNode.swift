/// A node of an exported model, and the layer it computes a part of.
public struct ExportedNode: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its operator.
  public var op: String
  /// The values it reads.
  public var inputs: [String]
  /// The values it makes.
  public var outputs: [String]
  /// Index of its layer in the graph.
  public var layer: Int
  /// Index of its primitive in the layer.
  public var primitive: Int

  /// Describes a node.
  public init(
    name: String, op: String, inputs: [String], outputs: [String], layer: Int, primitive: Int
  ) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.layer = layer
    self.primitive = primitive
  }
}
