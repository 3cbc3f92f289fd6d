package import Measuring
import Topology

extension LoadedTopology {
  /// A failed step in the user's words: the layer first.
  package func describe(_ error: ExecutionError) -> String {
    guard let index = error.layer, graph.layers.indices.contains(index) else {
      return error.description
    }
    return "layer '\(graph.layers[index].name)': \(error.description)"
  }

  /// The failure that a step which cannot be planned or run becomes, at the layer's place.
  package func failure(_ error: ExecutionError) -> Failure {
    let layer = error.layer.flatMap { graph.layers.indices.contains($0) ? graph.layers[$0] : nil }
    return Failure(.software, at: layer?.location, of: source, describe(error))
  }
}
