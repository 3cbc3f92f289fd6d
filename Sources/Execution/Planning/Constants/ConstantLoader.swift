import DNNL
import Measuring
import Topology

/// Makes the constants of a plan: the weights of instructions in the memory formats that primitives
/// want, and whatever is computed from constants alone, once and not in each pass.
///
/// A loader for a survey hands out memory that stays empty: what is looked for is which implementations
/// there are.
final class ConstantLoader {
  /// The memory of the constants.
  let store = ConstantStore()
  /// Whether constants stay empty.
  let isSurvey: Bool

  private let program: Program
  private let weights: any WeightProvider
  private let threads: Int
  private let engine: DNNL.Engine
  private let stream: Stream
  /// Constants that were packed, for layers that share them.
  private var packed: [WeightOwner: [Constant]] = [:]

  init(
    _ program: Program, _ weights: any WeightProvider, engine: DNNL.Engine, stream: Stream,
    threads: Int, isSurvey: Bool
  ) {
    self.program = program
    self.weights = weights
    self.engine = engine
    self.stream = stream
    self.threads = threads
    self.isSurvey = isSurvey
  }

  // MARK: Weights

  /// Loads a constant of an instruction in the memory format its primitive wants.
  ///
  /// It is made in plain order in temporary memory and packed once, or made in place where the
  /// wanted format is plain. `edit` changes the plain data before it is packed.
  func load(
    _ role: WeightRole, of instruction: Int, as target: MemoryDescriptor,
    scaling: Scaling? = nil, edit: ((UnsafeMutableBufferPointer<Float>) -> Void)? = nil
  ) throws(DNNLError) -> Constant {
    guard let place = place(of: role, instruction) else {
      throw PlanError("constant '\(role.rawValue)' is missing").thrown
    }
    let slot = place.slot
    let plain = try MemoryDescriptor(target.dims)
    guard slot.elementCount == target.dims.reduce(1, *) else {
      throw PlanError(
        "constant '\(role.rawValue)' has \(slot.elementCount) elements, not those of \(target.dims)"
      ).thrown
    }
    let owner = slot.owner ?? WeightOwner(instruction: instruction, index: place.index)
    // Layers that share a constant read the same memory, as long as none has a form of its own.
    let isUnchanged = scaling == nil && edit == nil
    if isUnchanged, let known = packed[owner]?.first(where: { $0.descriptor == target }) {
      return known
    }
    let constant = try store.allocate(target)
    if isUnchanged { packed[owner, default: []].append(constant) }
    if isSurvey { return constant }
    let isPlain = plain == target
    let memory = isPlain ? constant.data : try store.temporary(bytes: plain.size)
    let data = fill(memory, place)
    edit?(data)
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
    guard let place = place(of: role, instruction),
      place.slot.elementCount == count * offsets.count * plain.dims.reduce(1, *)
    else {
      throw PlanError("constant '\(role.rawValue)' has no \(count) such parts").thrown
    }
    var parts: [[Constant]] = []
    for _ in 0..<count {
      parts.append(try offsets.map { (_) throws(DNNLError) in try store.allocate(target) })
    }
    if isSurvey { return parts }
    let bytes = 4 * place.slot.elementCount
    let memory = try store.temporary(bytes: bytes)
    edit(fill(memory, place))
    for (number, part) in parts.enumerated() {
      let start = memory + number * (bytes / count)
      for (offset, piece) in zip(offsets, part) {
        try pack(start + offset, plain, to: piece, Scaling())
      }
    }
    return parts
  }

  /// Makes a constant of plain f32 data.
  func makeConstant(_ values: [Float], as target: MemoryDescriptor) throws(DNNLError) -> Constant {
    let constant = try store.allocate(target)
    if isSurvey { return constant }
    constant.data.bindMemory(to: Float.self, capacity: values.count)
      .update(from: values, count: values.count)
    return constant
  }

  /// The values of a constant in plain order; `nil` where the instruction has none.
  func values(_ role: WeightRole, of instruction: Int) -> [Float]? {
    guard let place = place(of: role, instruction) else { return nil }
    return weights.values(instruction: instruction, slot: place.slot, index: place.index)
  }

  /// The weights of a product in plain order, in memory that is soon something else's.
  func temporaryWeights(of index: Int) throws(DNNLError) -> UnsafeMutableBufferPointer<Float> {
    let place = try productWeights(of: index)
    return fill(try store.temporary(bytes: 4 * place.slot.elementCount), place)
  }

  /// What is known of the steps that the weights of a product were rounded to.
  func steps(of index: Int) throws(DNNLError) -> WeightSteps {
    let place = try productWeights(of: index)
    return weights.steps(instruction: index, slot: place.slot, index: place.index)
  }

  /// The only slope of an instruction that has one for all elements, which makes it a leaky relu;
  /// `nil` for any other.
  func sharedSlope(of index: Int) -> Topology.Eltwise? {
    let instruction = program.instructions[index]
    guard case .parametricRelu = instruction.operation, instruction.weights[0].elementCount == 1,
      let slope = values(.slope, of: index)?.first
    else { return nil }
    return Eltwise(.relu, alpha: Double(slope))
  }

  /// Where a constant is asked for.
  private struct Place {
    let instruction: Int
    let slot: WeightSlot
    let index: Int
  }

  private func place(of role: WeightRole, _ instruction: Int) -> Place? {
    let slots = program.instructions[instruction].weights
    return slots.firstIndex { $0.role == role }.map {
      Place(instruction: instruction, slot: slots[$0], index: $0)
    }
  }

  private func productWeights(of index: Int) throws(DNNLError) -> Place {
    guard let place = place(of: .weights, index) else {
      throw PlanError("product without weights").thrown
    }
    return place
  }

  /// Writes a constant in plain order.
  private func fill(_ memory: UnsafeMutableRawPointer, _ place: Place)
    -> UnsafeMutableBufferPointer<Float>
  {
    let count = place.slot.elementCount
    let data = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: count), count: count)
    weights.fill(
      instruction: place.instruction, slot: place.slot, index: place.index, threads: threads,
      into: data)
    return data
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

  // MARK: Folding

  /// Runs a primitive on constants, at once.
  func fold(
    _ primitive: DNNL.Primitive, _ arguments: [(Argument, Operand)],
    _ scratchpad: MemoryDescriptor?, in table: ValueTable
  ) throws(DNNLError) {
    if isSurvey { return }
    var list: [(Argument, Memory)] = []
    for (argument, operand) in arguments {
      let data = ConstantLoader.data(operand, in: table)
      list.append((argument, try Memory(operand.descriptor, engine, data: data)))
    }
    if let scratchpad {
      let memory = try store.temporary(bytes: scratchpad.size)
      list.append((.scratchpad, try Memory(scratchpad, engine, data: memory)))
    }
    try primitive.execute(stream, list)
  }

  /// Runs a host kernel on constants, at once.
  func fold(
    _ kernel: any HostKernel, _ inputs: [Operand], _ types: [TensorType], _ output: Tensor,
    _ type: TensorType, in table: ValueTable
  ) {
    if isSurvey { return }
    func elements(_ operand: Operand) -> UnsafeMutableBufferPointer<Float> {
      let count = operand.descriptor.dims.reduce(1, *)
      return UnsafeMutableBufferPointer(
        start: ConstantLoader.data(operand, in: table).bindMemory(to: Float.self, capacity: count),
        count: count)
    }
    kernel.run(
      inputs: inputs.map { UnsafeBufferPointer(elements($0)) }, types: types,
      output: elements(.tensor(output)), type: type)
  }

  private static func data(_ operand: Operand, in table: ValueTable) -> UnsafeMutableRawPointer {
    switch operand {
    case .constant(let constant): return constant.data
    case .tensor(let tensor):
      guard let base = table.constant(tensor) else {
        preconditionFailure("only constants are there before a pass")
      }
      return base + tensor.offset
    }
  }
}
