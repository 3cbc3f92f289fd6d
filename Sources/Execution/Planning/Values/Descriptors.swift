import DNNL

extension MemoryDescriptor {
  /// The descriptor of a tensor whose format is left to oneDNN.
  static func open(_ dims: [Int], _ type: DataType = .f32) throws(DNNLError) -> MemoryDescriptor {
    try MemoryDescriptor(dims, type, .any)
  }

  /// A descriptor in another type: of the same format, or plain where that one has no name.
  static func alike(_ descriptor: MemoryDescriptor, _ type: DataType) throws(DNNLError)
    -> MemoryDescriptor
  {
    do throws(DNNLError) { return try descriptor.retyped(type) } catch {
      return try MemoryDescriptor(descriptor.dims, type)
    }
  }

  /// The descriptor of a tensor in a format of oneDNN's letters; `nil` for an opaque one.
  static func named(_ dims: [Int], _ format: String, _ type: DataType) throws(DNNLError)
    -> MemoryDescriptor?
  {
    guard let format = MemoryFormat(format, rank: dims.count) else { return nil }
    return try MemoryDescriptor(dims, type, format)
  }
}

extension PrimitiveAttributes {
  /// Those of a plan's primitives: the plan provides the scratchpad.
  static func planned(_ postOps: [PostOp] = [], _ scaling: Scaling = Scaling()) throws(DNNLError)
    -> PrimitiveAttributes
  {
    try make(postOps: postOps, scaling: scaling, userScratchpad: true)
  }
}

/// What the name of an implementation says about it.
enum Implementation {
  /// How good it is: reference loops, matrix products, generated code.
  static func quality(_ name: String) -> Int {
    if name.contains("ref") { return 0 }
    return name.contains("gemm") && !name.contains("brgemm") ? 1 : 2
  }

  /// Whether a convolution unfolds its input to a matrix, zeros of the padding included.
  static func unfolds(_ name: String) -> Bool {
    name.hasPrefix("gemm") || name.contains(":gemm")
  }
}
