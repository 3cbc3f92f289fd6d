import ONNX
import SwiftProtobuf
public import Topology
import TopologyXML

/// A graph as an ONNX model: operators of opset 17, the constants as initialisers, f32.
///
/// Nodes follow the lowered program, one idiomatic operator for an operation where ONNX has it,
/// else the usual pattern of several. The last value of a layer bears the layer's name, those within
/// it `layer/element`. Inputs and outputs have the graph's names and shapes; indices stay f32, as
/// everywhere in ntprof, and are made integers inside.
///
/// The file carries the topology, too, in its metadata (``topologyKey``), so that an import gives it back
/// as it was: see ``ExportOutline``.
///
/// The constants are not held: ``write(to:)`` makes them from the provider one after the other, so
/// that the memory it takes is that of the largest one.
public struct ONNXExport: Sendable {
  /// Version of the operators used.
  public static let opset = 17
  /// Version of the file format.
  public static let formatVersion = 8
  /// The largest file; protobuf's readers count its bytes in 32 bits with a sign.
  public static let byteLimit = Int(Int32.max)
  /// What the metadata that hold the topology are called.
  public static let topologyKey = "ntprof.topology"

  /// The size of the file in bytes.
  public let byteCount: Int
  /// The nodes, in order, and where each comes from.
  public let nodes: [ExportedNode]
  private let head: [UInt8]
  private let tensors: [StreamedTensor]
  private let weights: any WeightProvider

  /// Translates a graph.
  ///
  /// - Parameters:
  ///   - graph: What to export.
  ///   - weights: Where the constants come from.
  ///   - producer: Name and version of the program that writes the file.
  ///   - comment: What its reader should know.
  /// - Throws: ``GraphError`` naming the layer that ONNX has no operator for, or without a layer when
  ///   the file would exceed ``byteLimit``.
  /// - Complexity: O(operations); no constant is made.
  public init(
    _ graph: Graph, weights: any WeightProvider, producer: (name: String, version: String),
    comment: String = ""
  ) throws(GraphError) {
    var translation = try Translation(graph)
    try translation.run()
    self.weights = weights
    tensors = translation.tensors
    nodes = zip(translation.message.node, translation.origins).map { node, origin in
      ExportedNode(
        name: node.name, op: node.opType, inputs: node.input, outputs: node.output,
        layer: origin.layer, primitive: origin.primitive)
    }
    let body = try encoded(translation.message)
    var model = ONNXModel()
    model.irVersion = Int64(ONNXExport.formatVersion)
    model.producerName = producer.name
    model.producerVersion = producer.version
    model.docString = comment
    model.opsetImport = [ONNXExport.operators]
    // A graph that was made without its attributes cannot be written; it has nodes alone then.
    var writer = TopologyWriter()
    writer.foldsRepeats = false
    if let text = try? writer.write(graph) {
      var entry = ONNXEntry()
      entry.key = ONNXExport.topologyKey
      entry.value = text
      model.metadataProps = [entry]
    }
    // The graph is the last field, its initialisers the last fields in it, so that they can follow
    // one by one.
    let graphBytes = tensors.reduce(body.count) { $0 + $1.fieldBytes }
    var head = try encoded(model)
    WireFormat.append(field: 7, length: graphBytes, to: &head)
    self.head = head + body
    byteCount = head.count + graphBytes
    guard byteCount <= ONNXExport.byteLimit else {
      throw GraphError(
        "the ONNX file would have \(byteCount) bytes; one file holds up to \(ONNXExport.byteLimit)")
    }
  }

  /// The set of operators that nodes are of.
  static var operators: ONNXOperatorSet {
    var operators = ONNXOperatorSet()
    operators.domain = ""
    operators.version = Int64(ONNXExport.opset)
    return operators
  }

  /// Writes the file in parts, first to last.
  ///
  /// - Parameter sink: Takes the next bytes.
  /// - Throws: What `sink` throws.
  public func write<Problem: Error>(
    to sink: (RawSpan) throws(Problem) -> Void
  ) throws(Problem) {
    try pass(head, to: sink)
    for tensor in tensors {
      try pass(tensor.prefix, to: sink)
      try tensor.writeElements(from: weights, to: sink)
    }
  }
}

/// Hands an array to a sink.
func pass<Element: BitwiseCopyable, Problem: Error>(
  _ elements: [Element], to sink: (RawSpan) throws(Problem) -> Void
) throws(Problem) {
  try sink(elements.span.bytes)
}

/// The bytes of a message.
func encoded(_ message: some SwiftProtobuf.Message) throws(GraphError) -> [UInt8] {
  do {
    return try message.serializedBytes()
  } catch {
    throw GraphError("the ONNX model cannot be encoded: \(error)")
  }
}
