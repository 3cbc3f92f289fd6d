public import Topology

/// Tensors as a safetensors file, which is written in parts: no more is held than one part, or one
/// constant where that is made of others.
public struct SafetensorsWriter: Sendable {
  /// The size of the file in bytes.
  public let byteCount: Int
  private let head: [UInt8]
  private let tensors: [KeyedTensor]

  /// Lays a file out.
  ///
  /// - Parameters:
  ///   - tensors: Names, each used once, and tensors, in the order of the file.
  ///   - metadata: Text about them.
  public init(_ tensors: [(name: String, tensor: KeyedTensor)], metadata: [String: String] = [:]) {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\(quoted($0.key)):\(quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var end = 0
    for (name, tensor) in tensors {
      let begin = end
      end += tensor.elementCount * tensor.elementType.byteCount
      members.append(
        "\(quoted(name)):{\"dtype\":\"\(tensor.elementType.safetensors)\",\"shape\":"
          + "[\(tensor.dims.map(String.init).joined(separator: ","))],\"data_offsets\":"
          + "[\(begin),\(end)]}")
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    // The data begin at a multiple of 8, as the format's own writer has it.
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
    var head: [UInt8] = []
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { head += $0 }
    self.head = head + text
    self.tensors = tensors.map(\.tensor)
    byteCount = self.head.count + end
  }

  /// All constants of a network, under their keys, in f32.
  ///
  /// - Parameters:
  ///   - graph: The network.
  ///   - weights: Where they come from, such as the seed.
  ///   - metadata: Text about them; `format` is `pt`, which the readers of PyTorch's libraries ask for.
  /// - Throws: ``GraphError`` from lowering the graph.
  public init(
    _ graph: Graph, weights: any WeightProvider, metadata: [String: String] = [:]
  ) throws(GraphError) {
    let table = try WeightTable(graph)
    self.init(
      table.entries.map { ($0.key.description, table.tensor($0, from: weights)) },
      metadata: metadata.merging(["format": "pt"]) { own, _ in own })
  }

  /// Writes the file in parts, first to last.
  ///
  /// - Parameter sink: Takes the next bytes.
  /// - Throws: What `sink` throws.
  public func write<Problem: Error>(
    to sink: (RawSpan) throws(Problem) -> Void
  ) throws(Problem) {
    try sink(head.span.bytes)
    for tensor in tensors { try write(tensor, to: sink) }
  }

  private func write<Problem: Error>(
    _ tensor: KeyedTensor, to sink: (RawSpan) throws(Problem) -> Void
  ) throws(Problem) {
    let width = tensor.elementType.byteCount
    // What is made as a whole is made once: each part would do it again.
    let part = tensor.readsParts ? 1 << 20 : tensor.elementCount
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, min(part, tensor.elementCount) * width), alignment: 64)
    defer { bytes.deallocate() }
    var offset = 0
    while offset < tensor.elementCount {
      let count = min(part, tensor.elementCount - offset)
      let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * width)])
      tensor.copy(from: offset, into: piece)
      try sink(piece.bytes)
      offset += count
    }
  }
}

/// A JSON text.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\u{0}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
