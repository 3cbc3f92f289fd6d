public import Topology

extension GraphBuilder.PrimitiveSpec {
  /// A primitive by its element and attributes, as the topology language names them.
  public init(
    _ element: String, _ attributes: [String: String] = [:], with: [String] = []
  ) throws {
    guard let type = LayerKinds.standard[element] else {
      throw AttributeError(nil, "no kind reads <\(element)>")
    }
    let attributes = Attributes(element: element, attributes)
    self.init(
      element: element, kind: try type.init(attributes), attributes: attributes, with: with)
  }
}

extension Graph {
  /// A graph of one layer that holds one primitive on inputs of the given types.
  public static func single(
    _ element: String, _ attributes: [String: String] = [:], on types: [TensorType]
  ) throws -> Graph {
    var builder = GraphBuilder(name: element)
    for (index, type) in types.enumerated() {
      try builder.addInput(name: "in\(index)", type: type)
    }
    try builder.addLayer(
      name: "layer", inputs: types.indices.map { "in\($0)" },
      primitives: [GraphBuilder.PrimitiveSpec(element, attributes)])
    return try builder.build()
  }
}
