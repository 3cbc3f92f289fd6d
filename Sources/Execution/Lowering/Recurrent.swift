import DNNL
import Topology

extension Planner {
  /// A recurrent layer on plain sequences.
  ///
  /// For few sequences and several steps the matrix-product implementation on plain weights is the
  /// faster one: it multiplies the input of all steps at once, where the packed one reads both
  /// matrices at every step. With bf16 numbers that holds for fewer sequences.
  func lower(_ recurrent: Topology.Recurrent, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    if try lowerQuantized(recurrent, index) { return }
    let extents = dims(program.instructions[index].output)
    // The generic implementation is called "ref" here and is one of matrix products.
    let type = try choose(floatTypes, acceptsReference: true) { (type) throws(DNNLError) in
      let dst = try MemoryDescriptor(extents, type)
      return try recurrentDescriptor(recurrent, index, .plain, type, dst, attributes())
    }
    let steps = dims(source)[0]
    let isPlain = steps > 1 && dims(source)[1] < (type == .bf16 ? 4 : 16)
    var fused = try recurrentDescriptor(recurrent, index, type, prefersPlain: isPlain)
    if try splits(recurrent, index, type, &fused.epilogue) {
      try lowerSplit(recurrent, index, type, fused.epilogue.alternatives)
      return
    }
    let src = try tensor(of: source, as: fused.descriptor.required(.src))
    let weights = try load(.weights, of: index, as: fused.descriptor.required(.weights))
    let state = try load(
      .weightsIteration, of: index, as: fused.descriptor.required(.weightsIteration))
    let bias = try load(.bias, of: index, as: fused.descriptor.required(.bias))
    var facts = recurrentFacts(recurrent, index)
    facts.reread = reread(recurrent, index, fused.descriptor.implementation, weights, state)
    try emit(
      fused,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)),
      ], facts)
  }

  /// What a recurrent step says about itself.
  func recurrentFacts(_ recurrent: Topology.Recurrent, _ index: Int) -> StepFacts {
    StepFacts(kind: "rnn", algorithm: RecurrentCell(recurrent.cell).name, sources: [index])
  }

  /// The weights that are read again after the first step: those of the state, and by the packed
  /// implementation those of the input, too.
  ///
  /// Directions run one after the other, so that only one's weights lie between two reads.
  func reread(
    _ recurrent: Topology.Recurrent, _ index: Int, _ implementation: String, _ weights: Constant,
    _ state: Constant
  ) -> WeightReread {
    let once = state.descriptor.logicalBytes
    let atEveryStep =
      implementation.contains("brgemm") ? once + weights.descriptor.logicalBytes : once
    return WeightReread(
      bytes: (dims(input(of: index))[0] - 1) * atEveryStep,
      setBytes: atEveryStep / recurrent.direction.count)
  }

  /// The primitive on plain or packed weights, as preferred where both exist.
  private func recurrentDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, _ type: DataType, prefersPlain: Bool
  ) throws(DNNLError) -> Fused {
    func make(_ format: MemoryFormat) -> FusionSite.Make {
      { [self] (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError) in
        try recurrentDescriptor(recurrent, index, format, type, dst, attributes)
      }
    }
    let dims = dims(program.instructions[index].output)
    let order: [MemoryFormat] = prefersPlain ? [.plain, .any] : [.any, .plain]
    let none = try attributes()
    let dst = try MemoryDescriptor(dims, type)
    let site = FusionSite(
      anchor: index, dims: dims, type: type, keepsType: true,
      sources: tensors[input(of: index), default: []].map(\.descriptor),
      variants: order.map(make), make: make(order[0]))
    do throws(DNNLError) {
      return try fastest(alone(site, dst: dst), site, dst: dst)
    } catch {
      guard error.isUnimplemented else { throw error }
      return Fused(descriptor: try make(order[1])(none, dst, true), epilogue: Epilogue())
    }
  }

  /// A primitive descriptor with the source in `type` and weights in a format.
  func recurrentDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, _ format: MemoryFormat, _ type: DataType,
    _ dst: MemoryDescriptor, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let instruction = program.instructions[index]
    var slots: [WeightRole: [Int]] = [:]
    for slot in instruction.weights { slots[slot.role] = slot.dims }
    guard let weights = slots[.weights], let state = slots[.weightsIteration],
      let bias = slots[.bias]
    else {
      throw DNNLError(call: "recurrent layer without weights", status: .invalidArguments)
    }
    let tensors = RecurrentTensors(
      src: try MemoryDescriptor(dims(input(of: index)), type),
      weights: try MemoryDescriptor(weights, type.weights, format),
      weightsIteration: try MemoryDescriptor(state, type.weights, format),
      bias: try MemoryDescriptor(bias), dst: dst)
    return try .recurrent(
      engine, RecurrentCell(recurrent.cell), RecurrentDirection(recurrent.direction), tensors,
      attributes)
  }
}
