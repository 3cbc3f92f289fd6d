package import Engines
package import Exporters
import FoundationEssentials
import Profiling
package import Topology

/// A network as files that an engine can load: the model and the inputs of a pass.
package struct EngineModel {
  /// The ONNX model, or a module's source.
  package let path: String
  /// A module's weights.
  package let weights: String?
  /// The inputs' files.
  package let inputs: [TensorPlace]
  /// The nodes of the model, with their layers; empty where the engine names layers itself.
  package let nodes: [ExportedNode]

  /// Writes the files.
  package init(
    _ topology: LoadedTopology, _ program: Program, for engine: EngineName, seed: UInt64,
    weights provider: (any WeightProvider)?, in folder: PrivateFolder
  ) throws(Failure) {
    let seeded = SeededWeights(seed: seed)
    let constants: any WeightProvider = provider ?? seeded
    if engine == .pytorch {
      let export = try topology.pyTorchExport(weights: constants)
      path = folder.join("network.py")
      try NewFile.write(path, Array(export.source.utf8))
      let weights = folder.join("network.safetensors")
      try NewFile.write(weights) { (file) throws(Failure) in
        try export.writeWeights { (bytes) throws(Failure) in try file.write(bytes) }
      }
      self.weights = weights
      nodes = []
    } else {
      let export = try topology.onnxExport(weights: constants)
      path = folder.join("network.onnx")
      try NewFile.write(path) { (file) throws(Failure) in
        try export.write { (bytes) throws(Failure) in try file.write(bytes) }
      }
      weights = nil
      nodes = export.nodes
    }
    var inputs: [TensorPlace] = []
    for (index, input) in topology.graph.inputs.enumerated() {
      let file = try folder.write(seeded.input(index, of: program), as: "input_\(index).f32")
      inputs.append(TensorPlace(name: input.name, shape: input.type.dims, file: file))
    }
    self.inputs = inputs
  }

  /// Removes the files: the engine holds what it needs.
  package func remove() {
    for file in [path, weights ?? ""] + inputs.map(\.file) where !file.isEmpty {
      try? FileManager.default.removeItem(atPath: file)
    }
  }
}

extension LoadedTopology {
  /// The network as an ONNX model.
  package func onnxExport(weights: any WeightProvider, comment: String = "") throws(Failure)
    -> ONNXExport
  {
    do throws(GraphError) {
      return try ONNXExport(
        graph, weights: weights, producer: ("ntprof", Tool.ntprof.version), comment: comment)
    } catch {
      throw Failure(error, in: source)
    }
  }

  /// The network as a module of PyTorch.
  package func pyTorchExport(weights: any WeightProvider) throws(Failure) -> PyTorchExport {
    do throws(GraphError) {
      return try PyTorchExport(graph, weights: weights, producer: ("ntprof", Tool.ntprof.version))
    } catch {
      throw Failure(error, in: source)
    }
  }
}
