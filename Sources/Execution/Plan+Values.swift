import DNNL
public import Measuring
public import Topology

extension Plan {
  /// The number of inputs of the network.
  public var inputCount: Int { program.inputCount }

  /// The number of outputs of the network.
  public var outputCount: Int { program.outputs.count }

  /// Overwrites an input of the network, in plain order.
  ///
  /// - Precondition: `data` has as many elements as the input.
  public func writeInput(_ index: Int, _ data: [Float]) {
    let buffer = inputBuffer(index)
    precondition(data.count == buffer.count, "an input has the wrong number of elements")
    _ = buffer.update(fromContentsOf: data)
  }

  /// What an output of the network holds after the last pass, in plain order.
  public func readOutput(_ index: Int) -> [Float] {
    guard let tensor = plainTensor(of: flow.canonical[program.outputs[index]]) else { return [] }
    return Array(placement.elements(tensor))
  }

  /// All outputs of the network after the last pass, in plain order.
  public func outputs() -> [[Float]] { program.outputs.indices.map(readOutput) }

  /// What a value holds after the last pass, in plain order; `nil` for one that was fused away.
  ///
  /// Sure only with ``PlanOptions/keepAllValues``: else later steps may have reused its memory.
  ///
  /// - Throws: ``ExecutionError`` when it cannot be reordered.
  public func readValue(_ value: ValueID) throws(ExecutionError) -> [Float]? {
    let value = flow.canonical[value]
    if let plain = plainTensor(of: value) { return Array(placement.elements(plain)) }
    guard let tensor = placement.tensors[value]?.first else { return nil }
    var result = [Float](repeating: 0, count: program.values[value].elementCount)
    do throws(DNNLError) {
      let plain = try MemoryDescriptor(program.values[value].dims)
      let attributes = try PrimitiveAttributes.make(
        scaling: .conversion(from: tensor.format, to: NumberFormat()))
      let descriptor = try PrimitiveDescriptor.reorder(
        placement.engine, src: tensor.descriptor, dst: plain, attributes)
      let primitive = try DNNL.Primitive(descriptor)
      let source = try Memory(
        tensor.descriptor, placement.engine, data: placement.data(tensor))
      let buffer = try HugeBuffer(bytes: plain.size)
      let target = try Memory(plain, placement.engine, data: buffer.base)
      try primitive.execute(placement.stream, [(.src, source), (.dst, target)])
      result.withUnsafeMutableBytes {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: buffer.base, count: plain.size))
      }
    } catch {
      throw ExecutionError(layer: nil, error)
    }
    return result
  }

  func inputBuffer(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    // The first tensor of an input is the plain one it was planned with.
    guard let tensor = placement.tensors[index]?.first else { return .init(start: nil, count: 0) }
    return placement.elements(tensor)
  }

  private func plainTensor(of value: ValueID) -> Tensor? {
    // Not by the format's name: where an extent is 1, one memory order has several.
    guard let plain = try? MemoryDescriptor(program.values[value].dims) else { return nil }
    return placement.tensors[value]?.first { $0.descriptor == plain }
  }
}
