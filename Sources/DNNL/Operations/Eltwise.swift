internal import CDNNL

/// An element-wise function, defined as in oneDNN 2.6's documentation on every version.
public enum EltwiseAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// x > 0 ? x : alpha·x
  case relu
  /// tanh x
  case tanh
  /// x > 0 ? x : alpha·(eˣ − 1)
  case elu
  /// x²
  case square
  /// |x|
  case abs
  /// √x
  case sqrt
  /// alpha·x + beta
  case linear
  /// min(alpha, max(0, x))
  case boundedRelu
  /// ln(1 + eˣ)
  case softRelu
  /// −ln(1 + e⁻ˣ)
  case logSigmoid
  /// 1 / (1 + e⁻ˣ)
  case logistic
  /// eˣ
  case exp
  /// 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  case geluTanh
  /// 0.5·x·(1 + erf(x/√2))
  case geluErf
  /// x / (1 + e^(−alpha·x))
  case swish
  /// ln x
  case log
  /// min(beta, max(alpha, x))
  case clip
  /// alpha·x^beta
  case pow
  /// x rounded to the nearest integer, ties to even
  case round
  /// x·tanh(ln(1 + eˣ))
  case mish
  /// x·min(1, max(0, x/6 + 1/2))
  case hardSwish

  /// oneDNN's name, such as `bounded_relu`.
  public var name: String {
    switch self {
    case .boundedRelu: "bounded_relu"
    case .softRelu: "soft_relu"
    case .logSigmoid: "logsigmoid"
    case .geluTanh: "gelu_tanh"
    case .geluErf: "gelu_erf"
    case .hardSwish: "hardswish"
    default: rawValue
    }
  }

  func resolve(alpha: Float, beta: Float) -> cdnnl_eltwise {
    cdnnl_eltwise_resolve(kind, alpha, beta)
  }

  private var kind: cdnnl_eltwise_kind {
    switch self {
    case .relu: cdnnl_eltwise_relu
    case .tanh: cdnnl_eltwise_tanh
    case .elu: cdnnl_eltwise_elu
    case .square: cdnnl_eltwise_square
    case .abs: cdnnl_eltwise_abs
    case .sqrt: cdnnl_eltwise_sqrt
    case .linear: cdnnl_eltwise_linear
    case .boundedRelu: cdnnl_eltwise_bounded_relu
    case .softRelu: cdnnl_eltwise_soft_relu
    case .logSigmoid: cdnnl_eltwise_log_sigmoid
    case .logistic: cdnnl_eltwise_logistic
    case .exp: cdnnl_eltwise_exp
    case .geluTanh: cdnnl_eltwise_gelu_tanh
    case .geluErf: cdnnl_eltwise_gelu_erf
    case .swish: cdnnl_eltwise_swish
    case .log: cdnnl_eltwise_log
    case .clip: cdnnl_eltwise_clip
    case .pow: cdnnl_eltwise_pow
    case .round: cdnnl_eltwise_round
    case .mish: cdnnl_eltwise_mish
    case .hardSwish: cdnnl_eltwise_hard_swish
    }
  }
}

extension PrimitiveDescriptor {
  /// A function of every element; dst is like src, and may be the same memory.
  ///
  /// The corresponding C function is `dnnl_eltwise_forward_primitive_desc_create`
  /// (2.x: `dnnl_eltwise_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func eltwise(
    _ engine: Engine, _ algorithm: EltwiseAlgorithm, src: MemoryDescriptor, alpha: Float,
    beta: Float, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let resolved = algorithm.resolve(alpha: alpha, beta: beta)
    let status = withExtendedLifetime((engine, src)) {
      cdnnl_eltwise_forward_pd_create(
        engine.handle, resolved.algorithm, src.handle, resolved.alpha, resolved.beta,
        attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_eltwise_forward_primitive_desc_create", engine, attributes)
  }
}
