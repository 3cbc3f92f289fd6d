import DNNL
import Topology

extension Planner {
  /// A recurrent layer on plain sequences.
  ///
  /// For few sequences and several steps the matrix-product implementation on plain weights is the
  /// faster one: it multiplies the input of all steps at once, where the packed one reads both
  /// matrices at every step.
  func lower(_ recurrent: Topology.Recurrent, _ index: Int) throws(DNNLError) {
    let source = input(of: index)
    let steps = dims(source)[0]
    let isPlain = steps > 1 && dims(source)[1] < 16
    let fused = try recurrentDescriptor(recurrent, index, prefersPlain: isPlain)
    let src = try tensor(of: source, as: fused.descriptor.required(.src))
    let weights = try load(.weights, of: index, as: fused.descriptor.required(.weights))
    let state = try load(
      .weightsIteration, of: index, as: fused.descriptor.required(.weightsIteration))
    let bias = try load(.bias, of: index, as: fused.descriptor.required(.bias))
    var facts = StepFacts(
      kind: "rnn", algorithm: RecurrentCell(recurrent.cell).name, sources: [index])
    let once = state.descriptor.dims.reduce(4, *)
    let atEveryStep =
      fused.descriptor.implementation.contains("brgemm")
      ? once + weights.descriptor.dims.reduce(4, *) : once
    facts.rereadBytes = (steps - 1) * atEveryStep
    try emit(
      fused,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)),
      ], facts)
  }

  /// The primitive on plain or packed weights, as preferred where both exist.
  private func recurrentDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, prefersPlain: Bool
  ) throws(DNNLError) -> Fused {
    func make(_ format: MemoryFormat) -> FusionSite.Make {
      { [self] (attributes: borrowing PrimitiveAttributes, _, _) throws(DNNLError) in
        try recurrentDescriptor(recurrent, index, format, attributes)
      }
    }
    let dims = dims(program.instructions[index].output)
    let order: [MemoryFormat] = prefersPlain ? [.plain, .any] : [.any, .plain]
    let none = try attributes()
    let dst = try MemoryDescriptor(dims)
    let site = FusionSite(
      anchor: index, dims: dims, sources: tensors[input(of: index), default: []].map(\.descriptor),
      variants: order.map(make), make: make(order[0]))
    do throws(DNNLError) {
      let descriptor = try site.make(none, dst, true)
      return try fastest(Fused(descriptor: descriptor, epilogue: Epilogue()), site, dst: dst)
    } catch {
      guard error.isUnimplemented else { throw error }
      return Fused(descriptor: try make(order[1])(none, dst, true), epilogue: Epilogue())
    }
  }

  private func recurrentDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, _ format: MemoryFormat,
    _ attributes: borrowing PrimitiveAttributes
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
      src: try MemoryDescriptor(dims(input(of: index))),
      weights: try MemoryDescriptor(weights, .f32, format),
      weightsIteration: try MemoryDescriptor(state, .f32, format),
      bias: try MemoryDescriptor(bias), dst: try MemoryDescriptor(dims(instruction.output)))
    return try .recurrent(
      engine, RecurrentCell(recurrent.cell), RecurrentDirection(recurrent.direction), tensors,
      attributes)
  }
}
