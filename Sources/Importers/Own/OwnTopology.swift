import Exporters
import Model
import Topology
import TopologyXML

/// The network of a file that ntprof exported, from the topology that the file carries.
///
/// The topology is believed where exporting it makes the file's nodes, one for one; the constants are the
/// file's in any case. A file that something else has changed since is read as that of any other program.
enum OwnTopology {
  /// The network; `nil` where the file carries no topology, its nodes are not what that one is exported as,
  /// or the caller wants inputs of other shapes.
  ///
  /// - Complexity: O(nodes and layers); no constant is read but those that rules filled.
  static func network(of graph: OperatorGraph, file: String, options: ImportOptions)
    -> ImportedModel?
  {
    guard let text = graph.topology, keepsInputs(options, of: graph) else { return nil }
    // A layer is a node or more, but for those that hand on what they read.
    let most = 4 * graph.nodes.count + 64
    func topology(batch: Int?) -> Graph? {
      let reader = TopologyReader(options: .init(batch: batch, maximumLayers: most))
      return (try? reader.read(bytes: Array(text.utf8), file: file))?.graph
    }
    guard let exported = topology(batch: nil), let outline = try? ExportOutline(exported),
      let expected = try? ONNXReader.read(ModelFile(holding: outline.bytes, path: file)),
      expected.isAlike(graph, but: outline.tensors.count),
      let slots = slots(outline.tensors, graph.constants),
      let weights = weights(of: exported, slots, file),
      let network = options.batch == nil ? exported : topology(batch: options.batch)
    else { return nil }
    func port(_ name: String) -> ImportedModel.Port { .init(name: name, graphName: name) }
    return ImportedModel(
      model: Model(graph: network, weights: weights.keys.isEmpty ? nil : weights, format: .onnx),
      declaredInputs: graph.inputs.map(\.name), isTopology: true,
      inputs: network.inputs.map { port($0.name) },
      outputs: network.outputs.map { port(network.name(of: $0)) }, unknownWeights: [])
  }

  /// Whether no input is fixed, or of another shape than the file says.
  private static func keepsInputs(_ options: ImportOptions, of graph: OperatorGraph) -> Bool {
    options.values.isEmpty
      && options.shapes.allSatisfy { name, dims in
        graph.inputs.contains { $0.name == name && $0.dims == dims }
      }
  }

  /// The constants of the program that are no rule's; `nil` where one is not what it should be.
  private static func slots(
    _ tensors: [ExportOutline.Tensor], _ constants: [String: ConstantTensor]
  ) -> [WeightOwner: KeyedTensor]? {
    var slots: [WeightOwner: KeyedTensor] = [:]
    for tensor in tensors {
      guard let constant = constants[tensor.name], constant.dims == tensor.dims,
        constant.elementType == .f32, !constant.isAbsent
      else { return nil }
      let plain = tensor.plain(constant.keyed)
      if let pattern = tensor.slot.pattern {
        guard pattern.values(dims: tensor.slot.dims) == plain.values() else { return nil }
      } else if let other = slots.updateValue(plain, forKey: tensor.owner) {
        // One constant that stands in the file twice, for those who want it in another order.
        guard other.values() == plain.values() else { return nil }
      }
    }
    return slots
  }

  /// The constants of a network under their keys; `nil` where one is missing.
  private static func weights(
    of graph: Graph, _ slots: [WeightOwner: KeyedTensor], _ file: String
  ) -> TensorCollection? {
    guard let table = try? WeightTable(graph) else { return nil }
    var result = TensorCollection(name: file)
    for entry in table.entries {
      let parts = entry.slots.compactMap { slots[$0] }
      guard parts.count == entry.slots.count else { return nil }
      result.add(entry.key, entry.tensor(of: parts))
    }
    return result
  }
}

extension OperatorGraph {
  /// Whether another graph has the same nodes, inputs, outputs and constants, and as many more constants.
  fileprivate func isAlike(_ other: OperatorGraph, but further: Int) -> Bool {
    name == other.name && opset == other.opset && outputs == other.outputs
      && inputs.elementsEqual(other.inputs) {
        $0.name == $1.name && $0.dims == $1.dims && $0.elementType == $1.elementType
      }
      && constants.count + further == other.constants.count
      && constants.allSatisfy { name, tensor in other.constants[name].map(tensor.isAlike) == true }
      && nodes.elementsEqual(other.nodes) { $0.isAlike($1) }
  }
}

extension OperatorNode {
  fileprivate func isAlike(_ other: OperatorNode) -> Bool {
    name == other.name && type == other.type && domain == other.domain && inputs == other.inputs
      && outputs == other.outputs && attributes.count == other.attributes.count
      && attributes.allSatisfy { name, value in
        other.attributes[name].map(value.isAlike) == true
      }
  }
}

extension OperatorAttribute {
  /// Whether both are the same numbers or texts; tensors and branches, which no export has, never are.
  fileprivate func isAlike(_ other: OperatorAttribute) -> Bool {
    switch (self, other) {
    case (.int(let one), .int(let two)): one == two
    case (.ints(let one), .ints(let two)): one == two
    case (.float(let one), .float(let two)): one == two
    case (.floats(let one), .floats(let two)): one == two
    case (.string(let one), .string(let two)): one == two
    case (.strings(let one), .strings(let two)): one == two
    default: false
    }
  }
}

extension ConstantTensor {
  fileprivate func isAlike(_ other: ConstantTensor) -> Bool {
    dims == other.dims && elementType == other.elementType && !other.isAbsent
      && (elementType.isReal ? floats() == other.floats() : integers() == other.integers())
  }
}
