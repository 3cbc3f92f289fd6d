import DNNL
import Measuring
import Topology

/// Where the values of a program lie while it is planned, for how long, and who has yet to read them.
///
/// A value that was made has a tensor as it was made, and one more for every other form it was brought
/// to. Tensors lie in buffers, which live from the step that writes them to the last one that touches
/// them; steps are told here as they are appended (``advance()``).
final class ValueTable {
  private let flow: Dataflow
  /// Whether every value keeps memory of its own.
  private let keepsAll: Bool

  /// The activation buffers so far.
  private(set) var buffers: [ActivationBuffer] = []
  /// Where each canonical value lies: as it was made first, then reordered copies.
  private(set) var tensors: [ValueID: [Tensor]] = [:]
  /// How many steps there are: the number of the step that comes next.
  private(set) var now = 0

  private var isPlanned: [Bool]
  /// Operands that have yet to read each value.
  private var remaining: [Int]
  /// Outputs made that may not lie in plain order yet.
  private var openOutputs: [ValueID] = []

  /// A table of nothing but what the program says; identities take no planning.
  init(_ flow: Dataflow, keepsAll: Bool = false) {
    self.flow = flow
    self.keepsAll = keepsAll
    isPlanned = flow.program.instructions.map {
      if case .identity = $0.operation { true } else { false }
    }
    remaining = flow.readers.map(\.count)
  }

  /// A step was appended.
  func advance() { now += 1 }

  // MARK: Buffers

  /// Room for an input of the network in plain order, which survives the pass.
  func addInput(_ value: ValueID) throws(DNNLError) {
    let descriptor = try MemoryDescriptor(flow.dims(value))
    add(makeBuffer(descriptor, isPinned: true), as: value)
  }

  /// A new buffer for the result of an instruction, not yet registered as its value.
  func newBuffer(_ descriptor: MemoryDescriptor, as format: NumberFormat = NumberFormat()) -> Tensor
  {
    makeBuffer(descriptor, isPinned: false).read(as: format)
  }

  /// A constant as a value.
  func tensor(of constant: Constant) -> Tensor {
    makeBuffer(constant.descriptor, isPinned: true, constant: constant.data)
  }

  private func makeBuffer(
    _ descriptor: MemoryDescriptor, isPinned: Bool, constant: UnsafeMutableRawPointer? = nil
  ) -> Tensor {
    buffers.append(
      ActivationBuffer(
        size: descriptor.size, first: now, last: now, values: [], isPinned: isPinned,
        constant: constant))
    return Tensor(buffer: buffers.count - 1, descriptor: descriptor)
  }

  /// Extends the life of a tensor's buffer to the step about to be appended.
  func touch(_ tensor: Tensor) {
    buffers[tensor.buffer].last = max(buffers[tensor.buffer].last, now)
  }

  /// Extends the life of a tensor's buffer to the end of the pass.
  func keep(_ tensor: Tensor) { buffers[tensor.buffer].last = .max }

  /// The memory of a tensor that is there before the first pass; `nil` for any other.
  func constant(_ tensor: Tensor) -> UnsafeMutableRawPointer? { buffers[tensor.buffer].constant }

  /// Whether an operand is there before the first pass.
  func isConstant(_ operand: Operand) -> Bool {
    switch operand {
    case .constant: true
    case .tensor(let tensor): constant(tensor) != nil
    }
  }

  /// Makes the buffers of tensors parts of that of another one, one behind the other.
  func join(_ parts: [Tensor], into whole: Tensor) {
    var offset = 0
    for part in parts {
      adopt(part.buffer, into: whole.buffer, at: offset)
      offset += part.descriptor.size
    }
  }

  private func adopt(_ part: Int, into whole: Int, at offset: Int) {
    let own = buffers[part]
    buffers[part].home = (whole, offset)
    buffers[whole].first = min(buffers[whole].first, own.first)
    buffers[whole].last = max(buffers[whole].last, own.last)
    buffers[whole].values.formUnion(own.values)
    for value in own.values {
      tensors[value] = tensors[value]?.map { tensor in
        guard tensor.buffer == part else { return tensor }
        return Tensor(
          buffer: whole, descriptor: tensor.descriptor, scale: tensor.scale,
          zeroPoint: tensor.zeroPoint, offset: tensor.offset + offset)
      }
    }
  }

  // MARK: Values

  /// A value as it was made; `nil` before that.
  func made(_ value: ValueID) -> Tensor? { tensors[value]?.first }

  /// A value in all its forms, as it was made first.
  func forms(of value: ValueID) -> [Tensor] { tensors[value, default: []] }

  /// A value as it was made.
  func tensor(of value: ValueID) throws(DNNLError) -> Tensor {
    guard let tensor = made(value) else {
      throw PlanError("value \(value) was not made").thrown
    }
    return tensor
  }

  /// Registers memory of its own as one more form of a value.
  func add(_ copy: Tensor, as value: ValueID) {
    buffers[copy.buffer].values = [value]
    tensors[value, default: []].append(copy)
  }

  /// Registers another way of reading a value's memory.
  func add(view: Tensor, as value: ValueID) { tensors[value, default: []].append(view) }

  // MARK: Instructions

  /// Whether an instruction is part of a step already.
  func isPlanned(_ instruction: Int) -> Bool { isPlanned[instruction] }

  /// Marks instructions as computed; the result of the last one lies in `tensor`.
  func complete(_ instructions: [Int], in tensor: Tensor) {
    for index in instructions {
      isPlanned[index] = true
      for input in flow.program.instructions[index].inputs { remaining[flow.canonical[input]] -= 1 }
    }
    guard let last = instructions.last else { return }
    // Values that nobody will read again no longer matter to what may be overwritten.
    buffers[tensor.buffer].values = buffers[tensor.buffer].values.filter { value in
      remaining[value] > 0 || flow.isOutput[value]
    }
    complete(state: flow.program.instructions[last].output, in: tensor)
  }

  /// Registers what an instruction makes, or makes beside its result.
  func complete(state value: ValueID, in tensor: Tensor) {
    buffers[tensor.buffer].values.insert(value)
    tensors[value] = [tensor]
    if flow.isOutput[value] { openOutputs.append(value) }
  }

  /// Whether nothing but `instructions` has yet to read what lies in a tensor's buffer.
  func isOverwritable(_ tensor: Tensor, by instructions: [Int]) -> Bool {
    let buffer = buffers[tensor.buffer]
    if keepsAll || buffer.isPinned { return false }
    return buffer.values.allSatisfy { value in
      let uses = instructions.reduce(0) { count, index in
        count + flow.program.instructions[index].inputs.count { flow.canonical[$0] == value }
      }
      return !flow.isOutput[value] && remaining[value] == uses
    }
  }

  /// Takes an output that was made and may not lie in plain order; `nil` when there is none left.
  func takeOpenOutput() -> ValueID? { openOutputs.popLast() }

  /// Has all outputs taken again: those that are inputs or constants were never completed.
  func reopenOutputs() {
    openOutputs = Set(flow.program.outputs.map { flow.canonical[$0] }).sorted()
  }
}
