/// What a user calls a constant of a network: the layer, the primitive in it, and the name that PyTorch
/// has for it.
///
/// Its text is `LAYER.weight`, or `LAYER.INDEX.weight` where several primitives of the layer have
/// weights, INDEX counting all its primitives from 0; a constant of the topology is called by its name
/// alone. The names are PyTorch's: `weight` and `bias`, `running_mean` and `running_var`,
/// `weight_ih_l0` to `bias_hh_l0_reverse` of recurrent layers, `in_proj_weight` to `out_proj.bias` of
/// attention.
public struct WeightKey: Hashable, Sendable, CustomStringConvertible {
  /// The layer, or the constant of the topology.
  public let layer: String
  /// The index of the primitive within the layer; `nil` where it is the only one with weights.
  public let primitive: Int?
  /// PyTorch's name; empty for a constant of the topology.
  public let name: String

  /// Names a constant of a layer.
  public init(layer: String, primitive: Int? = nil, name: String) {
    self.layer = layer
    self.primitive = primitive
    self.name = name
  }

  /// Names a constant of the topology.
  public init(constant: String) { self.init(layer: constant, name: "") }

  /// What the key of a constant's steps ends with, one or one an output channel, where its numbers are
  /// multiples of them: `LAYER.weight_scale`.
  public static let stepSuffix = "_scale"

  /// The text that files and messages have.
  public var description: String {
    if name.isEmpty { return layer }
    return primitive.map { "\(layer).\($0).\(name)" } ?? "\(layer).\(name)"
  }
}
