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
    let descriptor: PrimitiveDescriptor
    do throws(DNNLError) {
      descriptor = try recurrentDescriptor(recurrent, index, isPlain ? .plain : .any)
    } catch {
      guard error.isUnimplemented, isPlain else { throw error }
      descriptor = try recurrentDescriptor(recurrent, index, .any)
    }
    let src = try tensor(of: source, as: descriptor.required(.src))
    let weights = try load(.weights, of: index, as: descriptor.required(.weights))
    let state = try load(.weightsIteration, of: index, as: descriptor.required(.weightsIteration))
    let bias = try load(.bias, of: index, as: descriptor.required(.bias))
    let dst = newBuffer(try descriptor.required(.dst))
    var facts = StepFacts(
      kind: "rnn", algorithm: RecurrentCell(recurrent.cell).name, sources: [index])
    let once = state.descriptor.dims.reduce(4, *)
    let atEveryStep =
      descriptor.implementation.contains("brgemm")
      ? once + weights.descriptor.dims.reduce(4, *) : once
    facts.rereadBytes = (steps - 1) * atEveryStep
    try emit(
      descriptor,
      [
        (.src, .tensor(src)), (.weights, .constant(weights)),
        (.weightsIteration, .constant(state)), (.bias, .constant(bias)), (.dst, .tensor(dst)),
      ], facts)
    complete([index], in: dst)
  }

  private func recurrentDescriptor(
    _ recurrent: Topology.Recurrent, _ index: Int, _ format: MemoryFormat
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
    let attributes = try attributes()
    return try .recurrent(
      engine, RecurrentCell(recurrent.cell), RecurrentDirection(recurrent.direction), tensors,
      attributes)
  }
}
