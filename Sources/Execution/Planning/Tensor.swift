import DNNL
import Topology

/// A value in memory: a descriptor over one of the plan's activation buffers.
struct Tensor {
  /// Index of the buffer.
  let buffer: Int
  /// How the value lies in it.
  let descriptor: MemoryDescriptor
  /// The value of a stored 1.
  var scale: Float = 1
  /// Bytes of the buffer before it.
  var offset = 0

  /// The type of its elements.
  var type: DataType { descriptor.dataType ?? .f32 }
  /// What its elements mean.
  var format: NumberFormat { NumberFormat(type: type, scale: scale) }
  /// Bytes of its elements, padding not counted.
  var logicalBytes: Int { descriptor.logicalBytes }

  /// The same memory, which is plain, under other dims.
  func viewed(_ dims: [Int]) throws(DNNLError) -> Tensor {
    viewed(as: try MemoryDescriptor(dims, type))
  }

  /// The same memory, where a stored 1 means `scale`.
  func scaled(_ scale: Float) -> Tensor {
    Tensor(buffer: buffer, descriptor: descriptor, scale: scale, offset: offset)
  }

  /// The same memory under another descriptor.
  func viewed(as descriptor: MemoryDescriptor) -> Tensor {
    Tensor(buffer: buffer, descriptor: descriptor, scale: scale, offset: offset)
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
  /// Whether it must survive the pass: inputs of the network.
  var isPinned: Bool
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

/// A step whose memory has no addresses yet.
struct PendingStep {
  enum Body {
    case primitive(DNNL.Primitive, [(Argument, Operand)], scratchpad: MemoryDescriptor?)
    case host(any HostKernel, inputs: [Operand], types: [TensorType], output: Tensor, TensorType)
  }

  let step: PlanStep
  let body: Body
  /// What it writes.
  let result: Tensor
}
