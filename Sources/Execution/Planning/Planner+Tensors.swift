import DNNL
import Measuring
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
  func newBuffer(_ descriptor: MemoryDescriptor, as format: NumberFormat = NumberFormat()) -> Tensor
  {
    buffers.append(
      ActivationBuffer(
        size: descriptor.size, first: steps.count, last: steps.count, values: [],
        isPinned: false))
    return Tensor(buffer: buffers.count - 1, descriptor: descriptor).read(as: format)
  }

  /// Memory for what only moves data: that of a constant where constants are moved.
  func movedBuffer(_ descriptor: MemoryDescriptor, as format: NumberFormat = NumberFormat())
    throws(DNNLError) -> Tensor
  {
    guard isFolding else { return newBuffer(descriptor, as: format) }
    return tensor(of: try constants.allocate(descriptor)).read(as: format)
  }

  /// A constant as a value.
  func tensor(of constant: Constant) -> Tensor {
    buffers.append(
      ActivationBuffer(
        size: constant.descriptor.size, first: steps.count, last: steps.count, values: [],
        isPinned: true, constant: constant.data))
    return Tensor(buffer: buffers.count - 1, descriptor: constant.descriptor)
  }

  /// A value as it was made.
  func tensor(of value: ValueID) throws(DNNLError) -> Tensor {
    guard let tensor = tensors[value]?.first else {
      throw PlanError("value \(value) was not made").thrown
    }
    return tensor
  }

  /// A value in the given memory format, reordered if it does not lie so already.
  func tensor(of value: ValueID, as descriptor: MemoryDescriptor) throws(DNNLError) -> Tensor {
    if let match = tensors[value]?.first(where: { $0.descriptor == descriptor }) { return match }
    let type = descriptor.dataType ?? .f32
    let forms = tensors[value, default: []]
    if let alike = forms.first(where: { $0.descriptor.lies(as: descriptor) }) {
      let view = alike.viewed(as: descriptor)
      tensors[value, default: []].append(view)
      return view
    }
    // Of several forms the one of the same type needs no conversion.
    let alike = forms.first { $0.type == type }
    let source = if let alike { alike } else { try tensor(of: value) }
    var format = NumberFormat(type: type)
    if type.isQuantized {
      guard let known = quantized(value, as: type, from: source) else {
        throw DNNLError(
          call: "8-bit form of a value without a finite range", status: .unimplemented)
      }
      format = known
    }
    // A constant is brought into the format once.
    let wasFolding = isFolding
    isFolding = wasFolding || buffers[source.buffer].constant != nil
    defer { isFolding = wasFolding }
    let copy = try movedBuffer(descriptor, as: format)
    buffers[copy.buffer].values = [value]
    tensors[value, default: []].append(copy)
    try emitReorder(from: source, to: copy, sources: [])
    return copy
  }

  /// A value in a type, in the memory format it has already.
  func tensor(of value: ValueID, type: DataType) throws(DNNLError) -> Tensor {
    if let match = tensors[value]?.first(where: { $0.type == type }) { return match }
    let source = try tensor(of: value)
    return try tensor(of: value, as: Planner.alike(source.descriptor, type))
  }

  /// A descriptor in another type: of the same format, or plain where that one has no name.
  static func alike(_ descriptor: MemoryDescriptor, _ type: DataType) throws(DNNLError)
    -> MemoryDescriptor
  {
    do throws(DNNLError) { return try descriptor.retyped(type) } catch {
      return try MemoryDescriptor(descriptor.dims, type)
    }
  }

  /// A value in plain order.
  func plainTensor(of value: ValueID, _ type: DataType = .f32) throws(DNNLError) -> Tensor {
    try tensor(of: value, as: MemoryDescriptor(dims(value), type))
  }

  /// A value in plain order under other dims.
  func plainView(of value: ValueID, dims: [Int], _ type: DataType = .f32) throws(DNNLError)
    -> Tensor
  {
    let plain = try plainTensor(of: value, type)
    return dims == self.dims(value) ? plain : try plain.viewed(dims)
  }

  /// The descriptor of a tensor whose format is left open.
  func anyDescriptor(_ dims: [Int], _ type: DataType = .f32) throws(DNNLError) -> MemoryDescriptor {
    try MemoryDescriptor(dims, type, .any)
  }
}
