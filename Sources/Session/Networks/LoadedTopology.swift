package import Importers
import Measuring
package import Model
package import Profiling
package import Topology
package import TopologyXML

/// A topology or a model, recognised by its content, read and validated.
package struct LoadedTopology {
  package let source: String
  /// What was read as a topology; `nil` for a model.
  package let document: TopologyDocument?
  /// What was read as a model; `nil` for a topology.
  package let imported: ImportedModel?
  package let graph: Graph
  private let sha256: String
  /// As it was asked for.
  private let settings: NetworkSettings

  /// What was asked for as weights.
  package var weightsText: String? { settings.weights }

  /// The weights that came with it; the topology language has none.
  package var ownWeights: (any TensorSource)? { imported?.model.weights }

  /// What it was read from.
  package var format: Model.Format { imported?.model.format ?? .xml }

  /// Reads a file, or the bundled network of that name.
  ///
  /// - Parameters:
  ///   - settings: Which network, and what is said of it besides.
  ///   - inputs: Arrays that are there for inputs, and so for what operators need as constants.
  /// - Throws: ``Failure`` where it cannot be read, or is not the file that the settings want.
  package init(_ settings: NetworkSettings, offering inputs: [OfferedInput] = []) throws(Failure) {
    let path = BundledTopologies.path(for: settings.source)
    var parameters: [String: Int] = [:]
    for assignment in settings.assignments { parameters[assignment.name] = assignment.value }
    source = path
    self.settings = settings
    if let loaded = try LoadedModel(path, settings, offering: inputs) {
      document = nil
      imported = loaded.imported
      graph = loaded.imported.model.graph
      sha256 = loaded.sha256
      try checkUnchanged()
      return
    }
    if let option = settings.model.first {
      throw Failure(
        .usage, "\(option): \(path) is a topology, whose inputs say their shapes",
        remedy: "use --batch or --set")
    }
    imported = nil
    let document: TopologyDocument
    do throws(TopologyReadError) {
      document = try TopologyReader(options: .init(batch: settings.batch, parameters: parameters))
        .read(file: path)
    } catch {
      throw Failure(error)
    }
    self.document = document
    graph = document.graph
    sha256 = SHA256.hexDigest(of: document.bytes)
    try checkUnchanged()
  }

  private func checkUnchanged() throws(Failure) {
    if let wanted = settings.sha256, sha256 != wanted { throw Self.changed(source) }
  }

  /// What names this network to another process, whose file must be the same.
  package var childSettings: NetworkSettings {
    var settings = settings
    settings.source = source
    settings.sha256 = sha256
    return settings
  }

  /// The operations, of a network of any size.
  package func program() throws(Failure) -> Program {
    do throws(GraphError) { return try graph.program() } catch { throw Failure(error, in: source) }
  }

  /// The weights to run with, checked against the network.
  package func chosenWeights(looksForNaN: Bool = true) throws(Failure) -> ChosenWeights {
    try ChosenWeights(WeightsChoice(settings.weights), for: self, looksForNaN: looksForNaN)
  }

  /// The record's `topology`.
  package var info: TopologyInfo {
    var info = TopologyInfo(
      name: graph.name, source: source, sha256: sha256, parameters: document?.parameters ?? [:])
    info.format = format.rawValue
    return info
  }

  /// Which layers `--layers` selects.
  package func selection(_ text: String?) throws(Failure) -> (flags: [Bool], text: String) {
    do throws(SelectionError) {
      let selection =
        try text.map { (text) throws(SelectionError) in
          try LayerSelection(parsing: text)
        } ?? .standard
      return (try selection.resolve(in: graph), selection.description(for: graph))
    } catch {
      let near = error.name.flatMap { name in
        error.suggestions.contains("@" + name)
          ? "@" + name : Suggestion.nearest(to: name, among: error.suggestions)
      }
      throw Failure(
        .usage, "--layers \(text ?? ""): \(error)", remedy: near.map { "did you mean '\($0)'?" })
    }
  }
}

extension Failure {
  /// The failure that a topology that cannot be read becomes.
  package init(_ error: TopologyReadError) {
    let status = Status(rawValue: error.exitStatus) ?? .data
    switch error {
    case .invalid: self.init(status, placed: error.description)
    case .noSuchFile(let path):
      self.init(
        status, error.description, remedy: BundledTopologies.hint(forMissing: path))
    default: self.init(status, error.description)
    }
  }

  /// The failure that a graph which cannot be run becomes.
  package init(_ error: GraphError, in file: String) {
    let layer = error.layer.map { "layer '\($0)': " } ?? ""
    self.init(.data, at: error.location, of: file, layer + error.message)
  }
}
