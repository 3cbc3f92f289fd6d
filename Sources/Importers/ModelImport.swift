public import Model
public import Topology

/// A model that was read.
public struct ImportedModel: Sendable {
  /// A name of the model's and the one that the graph has for it.
  public struct Port: Hashable, Sendable {
    /// What the model calls it.
    public let name: String
    /// What the graph calls it.
    public let graphName: String

    /// Names a value.
    public init(name: String, graphName: String) {
      self.name = name
      self.graphName = graphName
    }
  }

  /// The network and its weights.
  public var model: Model
  /// All that the model declares as inputs, those among them that were fixed or stand where weights do.
  public internal(set) var declaredInputs: [String] = []
  /// Whether the network is a topology that the file carries: one that ntprof exported.
  public internal(set) var isTopology = false
  /// What goes in, in the graph's order.
  public let inputs: [Port]
  /// What comes out, in the graph's order.
  public let outputs: [Port]
  /// Keys of weights whose values the model does not hold.
  public let unknownWeights: [String]
}

extension ImportedModel {
  /// The model's own weights, or seeded ones where it holds none.
  ///
  /// - Throws: ``WeightsError`` that lists which do not fit.
  public func weights(seed: UInt64 = 1) throws(WeightsError) -> any WeightProvider {
    guard let source = model.weights else { return SeededWeights(seed: seed) }
    return try ModelWeights(model.graph, source: source)
  }
}

/// Turns operators into a network: the part of an import that all formats share.
public enum ModelImport {
  /// Reads an ONNX file.
  ///
  /// Weights stay in the file, which is mapped; see ``ONNXReader``.
  ///
  /// - Throws: ``ImportError`` that says what is wrong and where, or lists all that is not supported.
  /// - Complexity: O(nodes).
  public static func onnx(_ file: ModelFile, options: ImportOptions = ImportOptions())
    throws(ImportError) -> ImportedModel
  {
    try network(of: try ONNXReader.read(file), file: file.path, options: options, format: .onnx)
  }

  /// Reads OpenVINO's intermediate representation: a `.xml`, and the `.bin` beside it.
  ///
  /// Weights stay in the latter, which is mapped; see ``IRReader``.
  ///
  /// - Throws: ``ImportError`` that says what is wrong and where, or lists all that is not supported.
  /// - Complexity: O(layers).
  public static func openVINO(_ file: ModelFile, options: ImportOptions = ImportOptions())
    throws(ImportError) -> ImportedModel
  {
    try openVINO(file, weights: nil, options: options)
  }

  /// Reads OpenVINO's intermediate representation, whose constants lie in `weights`, or where that is nil
  /// in the `.bin` beside it.
  package static func openVINO(
    _ file: ModelFile, weights: ModelFile?, options: ImportOptions = ImportOptions()
  ) throws(ImportError) -> ImportedModel {
    try network(
      of: try IRReader.read(file, weights: weights), file: file.path, options: options,
      format: .openvinoIR)
  }

  /// The network of a graph of operators.
  ///
  /// - Throws: ``ImportError`` that says what is wrong and where, or lists all that is not supported.
  /// - Complexity: O(nodes).
  public static func network(
    of graph: OperatorGraph, file: String, options: ImportOptions, format: Model.Format
  ) throws(ImportError) -> ImportedModel {
    if let own = OwnTopology.network(of: graph, file: file, options: options) {
      var result = own
      result.model.format = format
      return result
    }
    var translation = Translation(graph, file: file, options: options)
    try translation.run()
    var outputs: [Operand] = []
    for name in graph.outputs {
      switch translation.values[name] {
      case .flow(let flow)?: outputs.append(flow.operand)
      case .constant(let tensor)?:
        do throws(TranslationFault) {
          outputs.append(try translation.flow(of: tensor, named: name).operand)
        } catch {
          throw ImportError(
            .unsupported, file: file, "the output '\(name)' is a constant without elements")
        }
      default: continue
      }
    }
    if !translation.unsupported.isEmpty {
      let macs = translation.drafts.reduce(0) { sum, draft in
        let types = translation.draftTypes(of: draft)
        return sum + ((try? draft.kind.cost(types, output: draft.type).macs) ?? 0)
      }
      throw refusal(translation.unsupported, macs: macs, file)
    }
    var drafts = DraftGraph(translation, outputs: outputs)
    Patterns.apply(to: &drafts)
    if translation.isOwn {
      drafts.joinStacks(of: translation.nodes)
      drafts.adoptWords(of: translation.nodes)
    }
    let left = drafts.drafts.indices.filter {
      drafts.isAlive($0) && drafts.drafts[$0].unsupported != nil
    }
    if !left.isEmpty {
      let uses = left.map { UnsupportedUse(translation.nodes[drafts.drafts[$0].node], "", macs: 0) }
      throw refusal(uses, macs: 0, file)
    }
    let isOwn = translation.isOwn
    let grouping =
      isOwn ? Grouping(drafts, namesOf: translation.nodes) : Grouping(chainsOf: drafts)
    var assembly = NetworkAssembly(
      drafts, groups: grouping.groups, nodes: translation.nodes, isOwn: isOwn, file: file,
      outputNames: graph.outputs)
    var result = try assembly.assemble(name: graph.name)
    result.model.format = format
    result.declaredInputs = graph.inputs.map(\.name).filter { graph.constants[$0] == nil }
    return result
  }

  private static func refusal(_ uses: [UnsupportedUse], macs: Int, _ file: String) -> ImportError {
    ImportError(
      .unsupported, file: file, UnsupportedUse.message(uses, known: macs),
      remedy: "docs/models.md lists the operators that ntprof runs")
  }
}
