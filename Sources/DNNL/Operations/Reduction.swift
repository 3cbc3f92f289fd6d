internal import CDNNL

/// How dimensions are folded into one value.
public enum ReductionAlgorithm: String, Hashable, Sendable {
  /// The largest element.
  case max = "reduction_max"
  /// The smallest element.
  case min = "reduction_min"
  /// The sum.
  case sum = "reduction_sum"
  /// The product.
  case mul = "reduction_mul"
  /// The mean.
  case mean = "reduction_mean"
  /// (Σ |x|^p)^(1/p)
  case norm = "reduction_norm_lp_sum"

  var native: dnnl_alg_kind_t {
    switch self {
    case .max: dnnl_reduction_max
    case .min: dnnl_reduction_min
    case .sum: dnnl_reduction_sum
    case .mul: dnnl_reduction_mul
    case .mean: dnnl_reduction_mean
    case .norm: dnnl_reduction_norm_lp_sum
    }
  }
}

extension PrimitiveDescriptor {
  /// A reduction of the dimensions whose extent is 1 in dst; `p` is that of a norm.
  ///
  /// The corresponding C function is `dnnl_reduction_primitive_desc_create`
  /// (2.x: `dnnl_reduction_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func reduction(
    _ engine: Engine, _ algorithm: ReductionAlgorithm, src: MemoryDescriptor,
    dst: MemoryDescriptor, p: Float = 0, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      cdnnl_reduction_pd_create(
        engine.handle, algorithm.native, src.handle, dst.handle, p, attributes.handle, &handle)
    }
    return try make(handle, status, "dnnl_reduction_primitive_desc_create", engine, attributes)
  }
}
