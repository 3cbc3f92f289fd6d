internal import CDNNL

/// How the cells of a resampled image are made; both take the centres of cells as places.
public enum ResamplingAlgorithm: String, Hashable, Sendable {
  /// The nearest cell.
  case nearest = "resampling_nearest"
  /// Interpolated linearly between the nearest cells of each dimension.
  case linear = "resampling_linear"

  var native: dnnl_alg_kind_t {
    switch self {
    case .nearest: dnnl_resampling_nearest
    case .linear: dnnl_resampling_linear
    }
  }
}

extension PrimitiveDescriptor {
  /// An image in another size: that of dst.
  ///
  /// The corresponding C function is `dnnl_resampling_forward_primitive_desc_create`
  /// (2.x: `dnnl_resampling_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func resampling(
    _ engine: Engine, _ algorithm: ResamplingAlgorithm, src: MemoryDescriptor,
    dst: MemoryDescriptor, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      cdnnl_resampling_forward_pd_create(
        engine.handle, algorithm.native, src.handle, dst.handle, attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_resampling_forward_primitive_desc_create", engine, attributes)
  }
}
