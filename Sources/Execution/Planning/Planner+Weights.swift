import DNNL
import Measuring
import Topology

extension Planner {
  /// Loads a constant of an instruction in the memory format its primitive wants.
  ///
  /// It is made in plain order in temporary memory and packed once, or made in place where the
  /// wanted format is plain. `edit` changes the plain data before it is packed.
  func load(
    _ role: WeightRole, of instruction: Int, as target: MemoryDescriptor,
    scaling: Scaling? = nil, edit: ((UnsafeMutableBufferPointer<Float>) -> Void)? = nil
  ) throws(DNNLError) -> Constant {
    let slots = program.instructions[instruction].weights
    guard let index = slots.firstIndex(where: { $0.role == role }) else {
      throw PlanError("constant '\(role.rawValue)' is missing").thrown
    }
    let slot = slots[index]
    let plain = try MemoryDescriptor(target.dims)
    guard slot.elementCount == target.dims.reduce(1, *) else {
      throw PlanError(
        "constant '\(role.rawValue)' has \(slot.elementCount) elements, not those of \(target.dims)"
      ).thrown
    }
    let owner = slot.owner ?? WeightOwner(instruction: instruction, index: index)
    // Layers that share a constant read the same memory, as long as none has a form of its own.
    let isUnchanged = scaling == nil && edit == nil
    if isUnchanged, let known = packed[owner]?.first(where: { $0.descriptor == target }) {
      return known
    }
    let constant = try constants.allocate(target)
    if isUnchanged { packed[owner, default: []].append(constant) }
    if isSurvey { return constant }
    let isPlain = plain == target
    let memory = isPlain ? constant.data : try constants.temporary(bytes: plain.size)
    let buffer = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: slot.elementCount),
      count: slot.elementCount)
    weights.fill(
      instruction: instruction, slot: slot, index: index, threads: options.threads, into: buffer)
    edit?(buffer)
    if !isPlain { try pack(memory, plain, to: constant, scaling ?? Scaling()) }
    return constant
  }

  /// Loads a constant of an instruction whose `count` outermost parts are constants of their own, or
  /// several each, in the memory format `target`.
  ///
  /// `plain` describes one piece as it lies in the plain data of a part, the pieces beginning at
  /// `offsets` (bytes); `edit` changes the plain data of all before they are packed.
  func loadParts(
    _ role: WeightRole, of instruction: Int, count: Int, from plain: MemoryDescriptor,
    at offsets: [Int] = [0], as target: MemoryDescriptor,
    edit: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws(DNNLError) -> [[Constant]] {
    let slots = program.instructions[instruction].weights
    guard let index = slots.firstIndex(where: { $0.role == role }),
      slots[index].elementCount == count * offsets.count * plain.dims.reduce(1, *)
    else {
      throw PlanError("constant '\(role.rawValue)' has no \(count) such parts").thrown
    }
    let slot = slots[index]
    var parts: [[Constant]] = []
    for _ in 0..<count {
      parts.append(try offsets.map { (_) throws(DNNLError) in try constants.allocate(target) })
    }
    if isSurvey { return parts }
    let memory = try constants.temporary(bytes: 4 * slot.elementCount)
    let buffer = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: slot.elementCount),
      count: slot.elementCount)
    weights.fill(
      instruction: instruction, slot: slot, index: index, threads: options.threads, into: buffer)
    edit(buffer)
    for (place, part) in parts.enumerated() {
      let start = memory + place * (4 * slot.elementCount / count)
      for (offset, piece) in zip(offsets, part) {
        try pack(start + offset, plain, to: piece, Scaling())
      }
    }
    return parts
  }

  /// Makes a constant of plain f32 data.
  func makeConstant(_ values: [Float], as target: MemoryDescriptor) throws(DNNLError) -> Constant {
    let constant = try constants.allocate(target)
    if isSurvey { return constant }
    constant.data.bindMemory(to: Float.self, capacity: values.count)
      .update(from: values, count: values.count)
    return constant
  }

  /// The values of a constant in plain order.
  func values(_ role: WeightRole, of instruction: Int) -> [Float]? {
    let slots = program.instructions[instruction].weights
    guard let index = slots.firstIndex(where: { $0.role == role }) else { return nil }
    return weights.values(instruction: instruction, slot: slots[index], index: index)
  }

  private func pack(
    _ memory: UnsafeMutableRawPointer, _ plain: MemoryDescriptor, to constant: Constant,
    _ scaling: Scaling
  ) throws(DNNLError) {
    let attributes = try PrimitiveAttributes.make(scaling: scaling)
    let descriptor = try PrimitiveDescriptor.reorder(
      engine, src: plain, dst: constant.descriptor, attributes)
    let primitive = try DNNL.Primitive(descriptor)
    try primitive.execute(
      stream,
      [
        (.src, try Memory(plain, engine, data: memory)),
        (.dst, try Memory(constant.descriptor, engine, data: constant.data)),
      ])
  }
}
