public import Topology

/// A network as it was read: its graph, and its own weights where it has them.
public struct Model: Sendable {
  /// What a model was read from.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// The topology language, which holds no weights.
    case xml
    /// ONNX.
    case onnx
    /// OpenVINO's intermediate representation.
    case openvinoIR = "openvino-ir"
  }

  /// The graph.
  public var graph: Graph
  /// Its own weights, by key; `nil` where it has none.
  public var weights: (any TensorSource)?
  /// What it was read from.
  public var format: Format

  /// Puts a model together.
  public init(graph: Graph, weights: (any TensorSource)? = nil, format: Format) {
    self.graph = graph
    self.weights = weights
    self.format = format
  }

  /// What the elements of its weights are where they are stored.
  public var elementTypes: Set<ElementType> {
    Set((weights?.keys ?? []).compactMap { weights?.tensor($0)?.elementType })
  }
}
