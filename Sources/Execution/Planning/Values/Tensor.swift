import DNNL
import Measuring
import Topology

/// A value in memory: a descriptor over one of the plan's activation buffers.
struct Tensor {
  /// Index of the buffer.
  let buffer: Int
  /// How the value lies in it.
  let descriptor: MemoryDescriptor
  /// The value of a stored 1.
  var scale: Float = 1
  /// The stored number that means 0.
  var zeroPoint = 0
  /// Bytes of the buffer before it.
  var offset = 0

  /// The type of its elements.
  var type: DataType { descriptor.dataType ?? .f32 }
  /// What its elements mean.
  var format: NumberFormat { NumberFormat(type: type, scale: scale, zeroPoint: zeroPoint) }
  /// Bytes of its elements, padding not counted.
  var logicalBytes: Int { descriptor.logicalBytes }

  /// The same memory, which is plain, under other dims.
  func viewed(_ dims: [Int]) throws(DNNLError) -> Tensor {
    viewed(as: try MemoryDescriptor(dims, type))
  }

  /// The same memory, whose numbers mean what a format of their type says.
  func read(as format: NumberFormat) -> Tensor {
    var tensor = self
    tensor.scale = format.scale
    tensor.zeroPoint = format.zeroPoint
    return tensor
  }

  /// A part of the same memory, which begins a number of bytes further on.
  func part(_ descriptor: MemoryDescriptor, at bytes: Int) -> Tensor {
    Tensor(
      buffer: buffer, descriptor: descriptor, scale: scale, zeroPoint: zeroPoint,
      offset: offset + bytes)
  }

  /// The same memory, whatever its format, under other dims.
  func reshaped(_ dims: [Int]) throws(DNNLError) -> Tensor {
    if descriptor.dims == dims { return self }
    // Only plain memory can be cut anew where ones come or go and others are joined.
    if try descriptor == MemoryDescriptor(descriptor.dims, type) { return try viewed(dims) }
    return viewed(as: try descriptor.reshaped(dims))
  }

  /// The same memory under another descriptor.
  func viewed(as descriptor: MemoryDescriptor) -> Tensor {
    Tensor(
      buffer: buffer, descriptor: descriptor, scale: scale, zeroPoint: zeroPoint, offset: offset)
  }
}

extension MemoryDescriptor {
  /// Bytes of the elements, padding not counted.
  var logicalBytes: Int { dims.reduce((dataType ?? .f32).size, *) }
}

/// Activation memory before it has a place: its size and the steps that need it.
struct ActivationBuffer {
  var size: Int
  var first: Int
  var last: Int
  /// The values that lie in it (several after in-place steps and reshapes).
  var values: Set<ValueID>
  /// Whether it must survive the pass: inputs of the network, and constants.
  var isPinned: Bool
  /// The memory of a constant, which has a place of its own.
  var constant: UnsafeMutableRawPointer?
  /// The larger buffer that it is a part of, and where it begins there; its own times and values
  /// count no longer then.
  var home: (buffer: Int, offset: Int)?
}

/// What a primitive reads or writes.
enum Operand {
  case tensor(Tensor)
  case constant(Constant)

  var descriptor: MemoryDescriptor {
    switch self {
    case .tensor(let tensor): tensor.descriptor
    case .constant(let constant): constant.descriptor
    }
  }
}

/// One thing to execute whose memory has no addresses yet.
enum PendingCommand {
  case primitive(DNNL.Primitive, [(Argument, Operand)], scratchpad: MemoryDescriptor?)
  case host(any HostKernel, inputs: [Operand], types: [TensorType], output: Tensor, TensorType)
}

/// A step whose memory has no addresses yet.
struct PendingStep {
  let step: PlanStep
  /// What it executes, in order.
  let commands: [PendingCommand]
  /// What it writes.
  let result: Tensor
}
