import DNNL
import Measuring
import Topology

extension Planner {
  /// An LSTM on 8-bit data and weights with an f32 result; false where oneDNN has none that is
  /// generated code, or the precision is another.
  ///
  /// One scale and one offset hold for the layer's input and its hidden state, which is its output;
  /// the weights have a scale each gate and hidden channel. oneDNN 2.6 takes unsigned data only:
  /// a descriptor for signed data can be made, but what runs writes nothing.
  func lowerQuantized(_ recurrent: Topology.Recurrent, _ index: Int) throws(DNNLError) -> Bool {
    let source = input(of: index)
    guard options.precision == .int8, recurrent.cell == .lstm,
      !hasStates(index), let bounds = ranges?.bounds(of: source),
      let hidden = ranges?.bounds(of: program.instructions[index].output)
    else { return false }
    if recurrent.direction == .bidirectionalSum, Quirk.addsDirectionsWrongly.holds {
      reasonForF32 = "oneDNN adds directions wrongly in 8 bits"
      return false
    }
    let (low, high) = (min(bounds.low, hidden.low, 0), max(bounds.high, hidden.high, 0))
    guard high > low else { return false }
    let scale = 255 / (high - low)
    let shift = (-low * scale).rounded()
    var scaling = Scaling()
    scaling.recurrentData = (scale, shift)
    scaling.recurrentWeights = gateScales(of: index)
    guard let descriptor = try quantizedDescriptor(recurrent, index, scaling) else { return false }

    let plain = try plainTensor(of: source)
    let src = newBuffer(try descriptor.required(.src))
    var conversion = Scaling()
    conversion.recurrentData = (scale, shift)
    try emitReorder(from: plain, to: src, sources: [], conversion)
    var packing = Scaling()
    packing.recurrentWeights = scaling.recurrentWeights
    let weights = try load(
      .weights, of: index, as: descriptor.required(.weights), scaling: packing)
    let state = try load(
      .weightsIteration, of: index, as: descriptor.required(.weightsIteration), scaling: packing)
    let bias = try load(.bias, of: index, as: descriptor.required(.bias))
    var facts = recurrentFacts(recurrent, index)
    facts.reread = reread(recurrent, index, descriptor.implementation, weights, state)
    let dst = newBuffer(try descriptor.required(.dst))
    try emit(
      descriptor,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)), (.dst, .tensor(dst)),
      ], facts)
    complete([index], in: dst)
    return true
  }

  private func quantizedDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, _ scaling: Scaling
  ) throws(DNNLError) -> PrimitiveDescriptor? {
    do throws(DNNLError) {
      reasonForF32 = "oneDNN has no 8-bit LSTM for this CPU"
      let dst = try MemoryDescriptor(dims(program.instructions[index].output))
      let descriptor = try recurrentDescriptor(
        recurrent, index, .any, .u8, dst, attributes([], scaling))
      guard descriptor.implementation.contains("brgemm") else { return nil }
      return descriptor
    } catch {
      guard error.isRefusal else { throw error }
      return nil
    }
  }

  /// What one means in the weights of each gate and hidden channel, over both matrices and all
  /// directions.
  private func gateScales(of index: Int) -> [Float] {
    var largest: [Float] = []
    for slot in program.instructions[index].weights where slot.role != .bias {
      guard let data = values(slot.role, of: index) else { continue }
      let width = slot.dims[3] * slot.dims[4]
      if largest.isEmpty { largest = Array(repeating: 0, count: width) }
      for start in stride(from: 0, to: data.count, by: width) {
        for unit in 0..<width { largest[unit] = max(largest[unit], abs(data[start + unit])) }
      }
    }
    return largest.map { $0 > 0 ? 127 / $0 : 1 }
  }
}
