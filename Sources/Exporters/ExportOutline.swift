public import Model
import ONNX
public import Topology

/// What an export of a graph is made of, without the elements of its constants.
///
/// An import compares it with a file that says it is such an export: where both are alike, node for node, the
/// file's topology is what it computes, and ``Tensor/plain(_:)`` brings its constants back.
public struct ExportOutline: Sendable {
  /// An initialiser that an export fills.
  public struct Tensor: Sendable {
    /// Its name.
    public let name: String
    /// Extents in ONNX's order.
    public let dims: [Int]
    /// The constant of the program that it holds.
    public let owner: WeightOwner
    /// The description of that constant.
    public let slot: WeightSlot
    private let arrangement: StreamedTensor.Arrangement?

    init(_ tensor: StreamedTensor) {
      name = tensor.name
      dims = tensor.dims
      slot = tensor.source.slot
      owner =
        slot.owner
        ?? WeightOwner(instruction: tensor.source.instruction, index: tensor.source.index)
      arrangement = tensor.arrangement
    }

    /// The constant in the program's plain order, as a view of what a file holds.
    ///
    /// - Precondition: `stored` has the extents ``dims``.
    public func plain(_ stored: KeyedTensor) -> KeyedTensor {
      (arrangement.map { $0.back(stored) } ?? stored).reshaped(slot.dims)
    }
  }

  /// A model of all nodes and small constants.
  public let bytes: [UInt8]
  /// The initialisers that it lacks.
  public let tensors: [Tensor]

  /// Translates a graph.
  ///
  /// - Throws: ``GraphError`` naming the layer that ONNX has no operator for.
  /// - Complexity: O(operations); no constant is made.
  public init(_ graph: Graph) throws(GraphError) {
    var translation = try Translation(graph)
    try translation.run()
    var model = ONNXModel()
    model.irVersion = Int64(ONNXExport.formatVersion)
    model.opsetImport = [ONNXExport.operators]
    model.graph = translation.message
    bytes = try encoded(model)
    tensors = translation.tensors.map(Tensor.init)
  }
}
