import DNNL
import Measuring
import Topology

/// A recurrent layer on plain sequences.
///
/// For few sequences and several steps the matrix-product implementation on plain weights is the
/// faster one: it multiplies the input of all steps at once, where the packed one reads both
/// matrices at every step. With bf16 numbers that holds for fewer sequences.
struct RecurrentLowering: Lowering {
  let context: PlanningContext
  let recurrent: Topology.Recurrent

  func lower(_ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let quantized = QuantizedRecurrentLowering(context: context, recurrent: recurrent)
    if try quantized.lowers(index) { return }
    let extents = dims(program.instructions[index].output)
    // The generic implementation is called "ref" here and is one of matrix products.
    let type = try numbers.choose(numbers.floatTypes, acceptsReference: true) {
      (type) throws(DNNLError) in
      let dst = try MemoryDescriptor(extents, type)
      return try primitive(index, .plain, type, dst, attributes())
    }
    let steps = dims(source)[0]
    let isPlain =
      steps > 1
      ? dims(source)[1] < (type == .bf16 ? 4 : 16)
      : Self.overrunsPacked(recurrent, batch: dims(source)[1])
    var fused = try preferred(index, type, isPlain: isPlain)
    if try context.split.splits(recurrent, index, type, &fused.epilogue) {
      let split = SplitRecurrentLowering(context: context, recurrent: recurrent, type: type)
      return try split.lower(index, fused.epilogue)
    }
    let src = try reader.tensor(of: source, as: fused.descriptor.required(.src))
    let weights = try loader.load(.weights, of: index, as: fused.descriptor.required(.weights))
    let state = try loader.load(
      .weightsIteration, of: index, as: fused.descriptor.required(.weightsIteration))
    let bias = try loader.load(.bias, of: index, as: fused.descriptor.required(.bias))
    let first = try firstStates(of: index, fused.descriptor)
    let last = try lastStates(of: index, fused.descriptor)
    var facts = self.facts(index)
    facts.reread = reread(index, fused.descriptor.implementation, weights, state)
    try emitter.emit(
      fused,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)),
      ] + (first + last).map { ($0.0, .tensor($0.1)) }, facts)
    let states = program.instructions[index].states
    for (value, (_, tensor)) in zip(states, last) {
      emitter.complete(state: value, in: try stateView(of: value, tensor))
    }
  }

  /// The first states as the primitive wants them.
  private func firstStates(of index: Int, _ descriptor: borrowing PrimitiveDescriptor)
    throws(DNNLError) -> [(Argument, Tensor)]
  {
    var states: [(Argument, Tensor)] = []
    for (place, argument) in [(1, Argument.srcIteration), (2, .srcIterationCell)]
    where program.instructions[index].inputs.count > place {
      let wanted = try descriptor.required(argument)
      let plain = try reader.plainTensor(of: input(place, of: index), wanted.dataType ?? .f32)
      states.append((argument, plain.viewed(as: wanted)))
    }
    return states
  }

  /// Room for the last states.
  private func lastStates(of index: Int, _ descriptor: borrowing PrimitiveDescriptor)
    throws(DNNLError) -> [(Argument, Tensor)]
  {
    let count = program.instructions[index].states.count
    return try [Argument.dstIteration, .dstIterationCell].prefix(count).map {
      (argument) throws(DNNLError) in
      (argument, table.newBuffer(try descriptor.required(argument)))
    }
  }

  /// L D N H with one L as the value of D N H that it is.
  private func stateView(of value: ValueID, _ tensor: Tensor) throws(DNNLError) -> Tensor {
    try tensor.viewed(dims(value))
  }

  /// Descriptors of states of one layer, or `nil` for none.
  private func stateDescriptors(_ values: ArraySlice<ValueID>, _ type: DataType)
    throws(DNNLError) -> (hidden: MemoryDescriptor, cell: MemoryDescriptor?)?
  {
    guard let hidden = values.first else { return nil }
    let extents = [1] + dims(hidden)
    return (
      try MemoryDescriptor(extents, type),
      try values.count > 1 ? MemoryDescriptor(extents) : nil
    )
  }

  /// Whether the packed form of a single step may write beyond its memory.
  ///
  /// oneDNN 2.6.3's crashes in the trials of a search for GRUs of few numbers: with hidden up to 5 for
  /// one sequence and up to 2 for two. A default plan of such a network did not crash, and memcheck
  /// saw no invalid access in it; the plain form is taken all the same, for a wide margin of sizes.
  private static func overrunsPacked(_ recurrent: Topology.Recurrent, batch: Int) -> Bool {
    guard Quirk.packedGRUOverruns.holds else { return false }
    return switch recurrent.cell {
    case .gru, .linearBeforeResetGRU: batch * recurrent.hidden <= 32
    default: false
    }
  }

  /// What a recurrent step says about itself.
  func facts(_ index: Int) -> StepFacts {
    StepFacts(kind: "rnn", algorithm: RecurrentCell(recurrent.cell).name, sources: [index])
  }

  /// The weights that are read again after the first step: those of the state, and by the packed
  /// implementation those of the input, too.
  ///
  /// Directions run one after the other, so that only one's weights lie between two reads.
  func reread(
    _ index: Int, _ implementation: String, _ weights: Constant, _ state: Constant
  ) -> WeightReread {
    let once = state.descriptor.logicalBytes
    let atEveryStep =
      implementation.contains("brgemm") ? once + weights.descriptor.logicalBytes : once
    return WeightReread(
      bytes: (dims(input(of: index))[0] - 1) * atEveryStep,
      setBytes: atEveryStep / recurrent.direction.count)
  }

  /// The primitive on plain or packed weights, as preferred where both exist.
  private func preferred(_ index: Int, _ type: DataType, isPlain: Bool) throws(DNNLError) -> Fused {
    func make(_ format: MemoryFormat) -> FusionSite.Make {
      { (attributes: borrowing PrimitiveAttributes, dst, _) throws(DNNLError) in
        try primitive(index, format, type, dst, attributes)
      }
    }
    let dims = dims(program.instructions[index].output)
    let order: [MemoryFormat] = isPlain ? [.plain, .any] : [.any, .plain]
    let none = try attributes()
    let dst = try MemoryDescriptor(dims, type)
    let site = FusionSite(
      anchor: index, dims: dims, type: type, keepsType: true,
      sources: table.forms(of: input(of: index)).map(\.descriptor),
      variants: order.map(make), make: make(order[0]))
    do throws(DNNLError) {
      return try context.tuner.fastest(fuser.alone(site, dst: dst), site, dst: dst)
    } catch {
      guard error.isUnimplemented else { throw error }
      return Fused(descriptor: try make(order[1])(none, dst, true), epilogue: Epilogue())
    }
  }

  /// A primitive descriptor with the source in `type` and weights in a format.
  func primitive(
    _ index: Int, _ format: MemoryFormat, _ type: DataType, _ dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let instruction = program.instructions[index]
    var slots: [WeightRole: [Int]] = [:]
    for slot in instruction.weights { slots[slot.role] = slot.dims }
    guard let weights = slots[.weights], let state = slots[.weightsIteration],
      let bias = slots[.bias]
    else {
      throw PlanError("recurrent layer without weights").thrown
    }
    var tensors = RecurrentTensors(
      src: try MemoryDescriptor(dims(input(of: index)), type),
      weights: try MemoryDescriptor(weights, type.weights, format),
      weightsIteration: try MemoryDescriptor(state, type.weights, format),
      bias: try MemoryDescriptor(bias), dst: dst)
    tensors.first = try stateDescriptors(instruction.inputs.dropFirst(), type)
    tensors.last = try stateDescriptors(instruction.states[...], type)
    return try .recurrent(
      engine, RecurrentCell(recurrent.cell), RecurrentDirection(recurrent.direction), tensors,
      attributes)
  }
}
