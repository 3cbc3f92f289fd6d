internal import CDNNL

/// What is attached to a primitive: post-ops, and who owns its scratchpad.
public struct PrimitiveAttributes: ~Copyable {
  let handle: OpaquePointer

  /// Makes attributes with the given post-ops; with `userScratchpad` the caller provides
  /// ``Argument/scratchpad``, so that a primitive may run on another thread than the one that made
  /// it.
  ///
  /// The corresponding C functions are `dnnl_primitive_attr_create`,
  /// `dnnl_primitive_attr_set_scratchpad_mode` and `dnnl_primitive_attr_set_post_ops`.
  ///
  /// - Throws: ``DNNLError`` when a post-op cannot be attached.
  public static func make(postOps: [PostOp] = [], userScratchpad: Bool = false)
    throws(DNNLError) -> PrimitiveAttributes
  {
    var handle: OpaquePointer?
    let status = dnnl_primitive_attr_create(&handle)
    let attributes = PrimitiveAttributes(
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
    return attributes
  }

  private init(handle: OpaquePointer) { self.handle = handle }

  deinit { _ = dnnl_primitive_attr_destroy(handle) }
}

/// An operation fused to the end of a primitive.
public enum PostOp {
  /// A function of every element.
  case eltwise(EltwiseAlgorithm, alpha: Float, beta: Float)
  /// Adds what dst held before.
  case sum
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
    case .sum:
      try check(cdnnl_post_ops_append_sum(handle, 1), "dnnl_post_ops_append_sum")
    case .binary(let algorithm, let descriptor):
      let status = withExtendedLifetime(descriptor) {
        cdnnl_post_ops_append_binary(handle, algorithm.native, descriptor.handle)
      }
      try check(status, "dnnl_post_ops_append_binary")
    }
  }

  deinit { _ = dnnl_post_ops_destroy(handle) }
}
