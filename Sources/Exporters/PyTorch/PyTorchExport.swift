import Model
public import Topology

/// A graph as the source of a PyTorch module, and its constants as safetensors.
///
/// A layer is a module, called as the layer; layers of equal structure share a class, whose arguments
/// are the numbers in which they differ. The constants have the keys of ``Model/WeightTable``, which are
/// PyTorch's own names, so that the file serves both.
public struct PyTorchExport: Sendable {
  /// The Python source.
  public let source: String
  /// The constants.
  private let writer: SafetensorsWriter

  /// Translates a graph.
  ///
  /// - Parameters:
  ///   - graph: What to export.
  ///   - weights: Where the constants come from.
  ///   - producer: Name and version of the program that writes the files.
  /// - Throws: ``GraphError`` naming the layer that PyTorch has no module or operator for.
  public init(
    _ graph: Graph, weights: any WeightProvider, producer: (name: String, version: String)
  ) throws(GraphError) {
    var module = try ModuleText(graph)
    source = try module.write(producer: "\(producer.name) \(producer.version)")
    writer = try SafetensorsWriter(
      graph, weights: weights, metadata: ["producer": "\(producer.name) \(producer.version)"])
  }

  /// The size of the file of constants in bytes.
  public var weightBytes: Int { writer.byteCount }

  /// Writes the constants as safetensors, in parts.
  ///
  /// - Parameter sink: Takes the next bytes.
  /// - Throws: What `sink` throws.
  public func writeWeights<Problem: Error>(
    to sink: (RawSpan) throws(Problem) -> Void
  ) throws(Problem) {
    try writer.write(to: sink)
  }
}
