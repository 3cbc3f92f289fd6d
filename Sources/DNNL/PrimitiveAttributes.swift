internal import CDNNL

/// Fixed factors of low-precision primitives.
public struct Scaling {
  /// Factors of the result before the post-ops: none, one, or one an output channel.
  public var output: [Float] = []
  /// Whether the weights have a dimension of groups before that of the output channels.
  public var isGrouped = false
  /// Factors of operands, as binary primitives take them.
  public var operands: [(argument: Argument, factor: Float)] = []
  /// The stored numbers that stand for 0 in operands and results of integers.
  public var zeroPoints: [(argument: Argument, number: Int)] = []
  /// What one means in the 8-bit data of a recurrent primitive, and what stands for 0.
  public var recurrentData: (scale: Float, shift: Float)?
  /// What one means in the 8-bit weights of a recurrent primitive: one number a gate and hidden
  /// channel.
  public var recurrentWeights: [Float] = []

  /// No factors.
  public init() {}

  /// Factors of the result.
  public init(output: [Float], isGrouped: Bool = false) {
    self.output = output
    self.isGrouped = isGrouped
  }
}

/// What is attached to a primitive: post-ops, factors, and who owns its scratchpad.
public struct PrimitiveAttributes: ~Copyable {
  let handle: OpaquePointer
  /// Factors that are no part of the generated code, and the arguments that oneDNN reads them as.
  private var factors: [(Argument, [Float])] = []
  /// Zero points that are no part of it, likewise.
  private var zeroPoints: [(Argument, Int32)] = []

  /// The most post-ops that oneDNN takes (`post_ops_limit`); one more is `out_of_memory`.
  public static let maximumPostOps = 32

  /// Makes attributes with the given post-ops; with `userScratchpad` the caller provides
  /// ``Argument/scratchpad``, so that a primitive may run on another thread than the one that made
  /// it.
  ///
  /// The corresponding C functions are `dnnl_primitive_attr_create`,
  /// `dnnl_primitive_attr_set_scratchpad_mode`, `dnnl_primitive_attr_set_post_ops` and those that
  /// set scales (`…_scales_mask`, `…_zero_points_mask`, `…_rnn_data_qparams`, `…_rnn_weights_qparams`; 2.x:
  /// `…_output_scales`, `…_scales`, `…_zero_points`).
  ///
  /// - Throws: ``DNNLError`` when a post-op cannot be attached, or factors cannot.
  public static func make(
    postOps: [PostOp] = [], scaling: Scaling = Scaling(), userScratchpad: Bool = false
  ) throws(DNNLError) -> PrimitiveAttributes {
    var handle: OpaquePointer?
    let status = dnnl_primitive_attr_create(&handle)
    var attributes = PrimitiveAttributes(
      handle: try made(handle, status, "dnnl_primitive_attr_create"))
    if userScratchpad {
      try check(
        dnnl_primitive_attr_set_scratchpad_mode(attributes.handle, dnnl_scratchpad_mode_user),
        "dnnl_primitive_attr_set_scratchpad_mode")
    }
    if !postOps.isEmpty {
      let chain = try PostOpChain.make(postOps)
      try check(
        dnnl_primitive_attr_set_post_ops(attributes.handle, chain.handle),
        "dnnl_primitive_attr_set_post_ops")
    }
    try attributes.set(scaling)
    return attributes
  }

  private init(handle: OpaquePointer) { self.handle = handle }

  /// The factors in memory, for each run of a primitive.
  borrowing func factorMemory(_ engine: Engine) throws(DNNLError) -> [FactorMemory] {
    let zeros = try zeroPoints.map { (argument, number) throws(DNNLError) in
      try FactorMemory(argument, [Float(bitPattern: UInt32(bitPattern: number))], .s32, engine)
    }
    return zeros
      + (try factors.map { (argument, values) throws(DNNLError) in
        try FactorMemory(argument, values, .f32, engine)
      })
  }

  private mutating func set(_ scaling: Scaling) throws(DNNLError) {
    var givenAs: Int32 = 0
    if !scaling.output.isEmpty {
      try check(
        cdnnl_attr_set_output_scales(
          handle, dnnl_dim_t(scaling.output.count), scaling.output, scaling.isGrouped ? 1 : 0,
          &givenAs),
        "dnnl_primitive_attr_set_scales_mask")
      if givenAs != 0 { factors.append((Argument(rawValue: givenAs), scaling.output)) }
    }
    for (argument, factor) in scaling.operands where factor != 1 {
      try check(
        cdnnl_attr_set_scale(handle, argument.rawValue, factor, &givenAs),
        "dnnl_primitive_attr_set_scales_mask")
      if givenAs != 0 { factors.append((Argument(rawValue: givenAs), [factor])) }
    }
    for (argument, number) in scaling.zeroPoints where number != 0 {
      try check(
        cdnnl_attr_set_zero_point(handle, argument.rawValue, Int32(number), &givenAs),
        "dnnl_primitive_attr_set_zero_points_mask")
      if givenAs != 0 { zeroPoints.append((Argument(rawValue: givenAs), Int32(number))) }
    }
    if let data = scaling.recurrentData {
      try check(
        dnnl_primitive_attr_set_rnn_data_qparams(handle, data.scale, data.shift),
        "dnnl_primitive_attr_set_rnn_data_qparams")
    }
    if !scaling.recurrentWeights.isEmpty {
      // Dimensions 3 and 4 of L D I G O.
      try check(
        dnnl_primitive_attr_set_rnn_weights_qparams(
          handle, dnnl_dim_t(scaling.recurrentWeights.count), 1 << 3 | 1 << 4,
          scaling.recurrentWeights),
        "dnnl_primitive_attr_set_rnn_weights_qparams")
    }
  }

  deinit { _ = dnnl_primitive_attr_destroy(handle) }
}

/// Factors or zero points that oneDNN 3.x reads at every run of a primitive.
final class FactorMemory {
  let argument: Argument
  let memory: Memory
  private let storage: UnsafeMutableBufferPointer<Float>

  /// Numbers of 32 bits, whose bits `values` are.
  init(_ argument: Argument, _ values: [Float], _ type: DataType, _ engine: Engine)
    throws(DNNLError)
  {
    self.argument = argument
    // Generated code may load a whole vector where fewer are left.
    storage = .allocate(capacity: (values.count + 15) / 16 * 16)
    storage.initialize(repeating: 0)
    _ = storage.update(fromContentsOf: values)
    do throws(DNNLError) {
      memory = try Memory(
        MemoryDescriptor([values.count], type), engine,
        data: UnsafeMutableRawPointer(storage.baseAddress.unsafelyUnwrapped))
    } catch {
      storage.deallocate()
      throw error
    }
  }

  deinit { storage.deallocate() }
}

/// An operation fused to the end of a primitive.
public enum PostOp {
  /// A function of every element.
  case eltwise(EltwiseAlgorithm, alpha: Float, beta: Float)
  /// Adds `scale` times what dst held before, read as `type` (by default that of dst, which must
  /// be as wide).
  case sum(scale: Float = 1, type: DataType? = nil)
  /// Combines with another tensor, given as ``Argument/postOp(_:)``.
  case binary(BinaryAlgorithm, MemoryDescriptor)

  /// How reports and oneDNN's verbose log name it, such as `eltwise_relu`.
  public var name: String {
    switch self {
    case .eltwise(let algorithm, _, _): "eltwise_\(algorithm.name)"
    case .sum: "sum"
    case .binary(let algorithm, _): "binary_\(algorithm.rawValue)"
    }
  }
}

/// The list of post-ops while it is being built.
struct PostOpChain: ~Copyable {
  let handle: OpaquePointer

  static func make(_ postOps: [PostOp]) throws(DNNLError) -> PostOpChain {
    var handle: OpaquePointer?
    let status = dnnl_post_ops_create(&handle)
    let chain = PostOpChain(handle: try made(handle, status, "dnnl_post_ops_create"))
    for postOp in postOps { try chain.append(postOp) }
    return chain
  }

  private init(handle: OpaquePointer) { self.handle = handle }

  private borrowing func append(_ postOp: PostOp) throws(DNNLError) {
    switch postOp {
    case .eltwise(let algorithm, let alpha, let beta):
      let resolved = algorithm.resolve(alpha: alpha, beta: beta)
      try check(
        cdnnl_post_ops_append_eltwise(handle, resolved.algorithm, resolved.alpha, resolved.beta),
        "dnnl_post_ops_append_eltwise")
    case .sum(let scale, let type):
      try check(
        cdnnl_post_ops_append_sum(handle, scale, type?.native ?? dnnl_data_type_undef),
        "dnnl_post_ops_append_sum_v2")
    case .binary(let algorithm, let descriptor):
      let status = withExtendedLifetime(descriptor) {
        cdnnl_post_ops_append_binary(handle, algorithm.native, descriptor.handle)
      }
      try check(status, "dnnl_post_ops_append_binary")
    }
  }

  deinit { _ = dnnl_post_ops_destroy(handle) }
}
