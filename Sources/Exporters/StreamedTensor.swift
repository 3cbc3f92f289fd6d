import Model
import ONNX
import Topology

/// An initialiser whose elements are made when it is written.
struct StreamedTensor: Sendable {
  /// Which constant of the program it is made of.
  struct Source: Sendable {
    let instruction: Int
    let index: Int
    let slot: WeightSlot
  }

  /// How elements lie in ONNX's order where that is not ntprof's plain one.
  struct Arrangement: Sendable {
    /// Gives ONNX's order, of the constant in plain order.
    let forward: @Sendable ([Float]) -> [Float]
    /// Gives the plain order again, as a view of what a file holds.
    let back: @Sendable (KeyedTensor) -> KeyedTensor
  }

  /// Its name.
  let name: String
  /// Extents in ONNX's order.
  let dims: [Int]
  /// Everything of the field that stands before the elements: tags, lengths, dims, name.
  let prefix: [UInt8]
  let source: Source
  private let elementCount: Int
  /// `nil` where ONNX has the same plain order.
  let arrangement: Arrangement?

  /// Describes an initialiser of `dims` in ONNX's order.
  init(
    name: String, dims: [Int], source: Source, arrangement: Arrangement? = nil,
    notes: OwnNotes? = nil
  ) throws(GraphError) {
    elementCount = dims.reduce(1, *)
    precondition(arrangement != nil || elementCount == source.slot.elementCount, "same elements")
    self.name = name
    self.dims = dims
    self.source = source
    self.arrangement = arrangement
    var tensor = ONNXTensor()
    tensor.dims = dims.map(Int64.init)
    tensor.dataType = Int32(ONNXTensor.DataType.float.rawValue)
    tensor.name = name
    // ONNX tells what is trained from what is not by nothing else.
    if let notes { tensor.docString = notes.text }
    var body = try encoded(tensor)
    WireFormat.append(field: 9, length: 4 * elementCount, to: &body)
    var prefix: [UInt8] = []
    WireFormat.append(field: 5, length: body.count + 4 * elementCount, to: &prefix)
    self.prefix = prefix + body
  }

  /// The size of the whole field.
  var fieldBytes: Int { prefix.count + 4 * elementCount }

  /// Makes the elements and hands them to `sink`, in parts where nothing is rearranged.
  func writeElements<Problem: Error>(
    from weights: any WeightProvider, to sink: (RawSpan) throws(Problem) -> Void
  ) throws(Problem) {
    if let arrangement {
      let plain = weights.values(
        instruction: source.instruction, slot: source.slot, index: source.index)
      return try pass(arrangement.forward(plain), to: sink)
    }
    let part = 1 << 20
    var buffer = [Float](repeating: 0, count: min(part, elementCount))
    for offset in stride(from: 0, to: elementCount, by: part) {
      if elementCount - offset < buffer.count {
        buffer.removeLast(buffer.count - (elementCount - offset))
      }
      buffer.withUnsafeMutableBufferPointer {
        weights.fill(
          instruction: source.instruction, slot: source.slot, index: source.index, offset: offset,
          into: $0)
      }
      try pass(buffer, to: sink)
    }
  }
}
