internal import CDNNL

/// What a pooling window yields.
public enum PoolingAlgorithm: String, Hashable, Sendable {
  /// The largest element.
  case max = "pooling_max"
  /// The mean over the whole window.
  case averageIncludingPadding = "pooling_avg_include_padding"
  /// The mean over the cells inside the image.
  case averageExcludingPadding = "pooling_avg_exclude_padding"

  var native: dnnl_alg_kind_t {
    switch self {
    case .max: dnnl_pooling_max
    case .averageIncludingPadding: dnnl_pooling_avg_include_padding
    case .averageExcludingPadding: dnnl_pooling_avg_exclude_padding
    }
  }
}

extension PrimitiveDescriptor {
  /// A pooling; the window's dilation is not used.
  ///
  /// The corresponding C function is `dnnl_pooling_forward_primitive_desc_create`
  /// (2.x: `dnnl_pooling_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func pooling(
    _ engine: Engine, _ algorithm: PoolingAlgorithm, src: MemoryDescriptor, dst: MemoryDescriptor,
    kernel: [Int], _ window: Window, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      cdnnl_pooling_forward_pd_create(
        engine.handle, algorithm.native, src.handle, dst.handle, padded(window.strides),
        padded(kernel), padded(window.paddingBegin), padded(window.paddingEnd), attributes.handle,
        &handle)
    }
    return try make(
      handle, status, "dnnl_pooling_forward_primitive_desc_create", engine, attributes)
  }
}
