import DNNL
import Measuring
import Topology

/// An LSTM on 8-bit data and weights with an f32 result.
///
/// One scale and one offset hold for the layer's input and its hidden state, which is its output;
/// the weights have a scale each gate and hidden channel. oneDNN 2.6 takes unsigned data only:
/// a descriptor for signed data can be made, but what runs writes nothing.
struct QuantizedRecurrentLowering: Lowering {
  let context: PlanningContext
  let recurrent: Topology.Recurrent

  /// The primitive in floating point, which has the same tensors.
  private var plain: RecurrentLowering {
    RecurrentLowering(context: context, recurrent: recurrent)
  }

  func lower(_ index: Int) throws(DNNLError) {
    guard try lowers(index) else {
      throw DNNLError(call: "8-bit LSTM", status: .unimplemented)
    }
  }

  /// Makes the steps; false where oneDNN has no such LSTM that is generated code, or the precision is
  /// another.
  func lowers(_ index: Int) throws(DNNLError) -> Bool {
    let source = input(of: index)
    guard options.precision == .int8, recurrent.cell == .lstm,
      !program.instructions[index].hasStates, let bounds = numbers.bounds(of: source),
      let hidden = numbers.bounds(of: program.instructions[index].output)
    else { return false }
    if recurrent.direction == .bidirectionalSum, Quirk.addsDirectionsWrongly.holds {
      numbers.note("oneDNN adds directions wrongly in 8 bits")
      return false
    }
    let (low, high) = (min(bounds.low, hidden.low, 0), max(bounds.high, hidden.high, 0))
    guard high > low else { return false }
    let scale = 255 / (high - low)
    let shift = (-low * scale).rounded()
    var scaling = Scaling()
    scaling.recurrentData = (scale, shift)
    scaling.recurrentWeights = gateScales(of: index)
    guard let descriptor = try primitive(index, scaling) else { return false }

    let values = try reader.plainTensor(of: source)
    let src = table.newBuffer(try descriptor.required(.src))
    var conversion = Scaling()
    conversion.recurrentData = (scale, shift)
    try emitter.emitReorder(from: values, to: src, sources: [], conversion)
    var packing = Scaling()
    packing.recurrentWeights = scaling.recurrentWeights
    let weights = try loader.load(
      .weights, of: index, as: descriptor.required(.weights), scaling: packing)
    let state = try loader.load(
      .weightsIteration, of: index, as: descriptor.required(.weightsIteration), scaling: packing)
    let bias = try loader.load(.bias, of: index, as: descriptor.required(.bias))
    var facts = plain.facts(index)
    facts.reread = plain.reread(index, descriptor.implementation, weights, state)
    let dst = table.newBuffer(try descriptor.required(.dst))
    try emitter.emit(
      descriptor,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)), (.dst, .tensor(dst)),
      ], facts)
    emitter.complete([index], in: dst)
    return true
  }

  private func primitive(_ index: Int, _ scaling: Scaling) throws(DNNLError)
    -> PrimitiveDescriptor?
  {
    do throws(DNNLError) {
      numbers.note("oneDNN has no 8-bit LSTM for this CPU")
      let dst = try MemoryDescriptor(dims(program.instructions[index].output))
      let descriptor = try plain.primitive(index, .any, .u8, dst, attributes([], scaling))
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
      guard let data = loader.values(slot.role, of: index) else { continue }
      let width = slot.dims[3] * slot.dims[4]
      if largest.isEmpty { largest = Array(repeating: 0, count: width) }
      for start in stride(from: 0, to: data.count, by: width) {
        for unit in 0..<width { largest[unit] = max(largest[unit], abs(data[start + unit])) }
      }
    }
    return largest.map { $0 > 0 ? 127 / $0 : 1 }
  }
}
