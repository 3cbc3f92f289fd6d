import DNNL
import Topology

extension Planner {
  /// A new buffer for a value.
  func newTensor(_ descriptor: MemoryDescriptor, for value: ValueID) -> Tensor {
    buffers.append(
      ActivationBuffer(
        size: descriptor.size, first: steps.count, last: steps.count, values: [value],
        isPinned: false))
    let tensor = Tensor(buffer: buffers.count - 1, descriptor: descriptor)
    tensors[value, default: []].append(tensor)
    return tensor
  }

  /// A new buffer for the result of an instruction, not yet registered as its value.
  func newBuffer(_ descriptor: MemoryDescriptor) -> Tensor {
    buffers.append(
      ActivationBuffer(
        size: descriptor.size, first: steps.count, last: steps.count, values: [],
        isPinned: false))
    return Tensor(buffer: buffers.count - 1, descriptor: descriptor)
  }

  /// A value as it was made.
  func tensor(of value: ValueID) throws(DNNLError) -> Tensor {
    guard let tensor = tensors[value]?.first else {
      throw DNNLError(call: "value \(value) was not made", status: .invalidArguments)
    }
    return tensor
  }

  /// A value in the given memory format, reordered if it does not lie so already.
  func tensor(of value: ValueID, as descriptor: MemoryDescriptor) throws(DNNLError) -> Tensor {
    if let match = tensors[value]?.first(where: { $0.descriptor == descriptor }) { return match }
    let source = try tensor(of: value)
    let copy = newTensor(descriptor, for: value)
    try emitReorder(from: source, to: copy, sources: [])
    return copy
  }

  /// A value in plain order.
  func plainTensor(of value: ValueID) throws(DNNLError) -> Tensor {
    try tensor(of: value, as: MemoryDescriptor(dims(value)))
  }

  /// A value in plain order under other dims.
  func plainView(of value: ValueID, dims: [Int]) throws(DNNLError) -> Tensor {
    if dims == self.dims(value) { return try plainTensor(of: value) }
    let plain = try plainTensor(of: value)
    return try plain.viewed(as: MemoryDescriptor(dims))
  }

  /// The descriptor of a tensor whose format is left open.
  func anyDescriptor(_ dims: [Int]) throws(DNNLError) -> MemoryDescriptor {
    try MemoryDescriptor(dims, .f32, .any)
  }
}
