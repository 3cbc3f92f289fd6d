internal import CDNNL

extension PrimitiveDescriptor {
  /// A local response normalisation: src / (k + alpha/size · Σ src²)^beta, the sum over `size`
  /// channels around each; dst is like src.
  ///
  /// The corresponding C function is `dnnl_lrn_forward_primitive_desc_create`
  /// (2.x: `dnnl_lrn_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func localResponse(
    _ engine: Engine, src: MemoryDescriptor, size: Int, alpha: Float, beta: Float, k: Float,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src)) {
      cdnnl_lrn_forward_pd_create(
        engine.handle, src.handle, dnnl_dim_t(size), alpha, beta, k, attributes.handle, &handle)
    }
    return try make(handle, status, "dnnl_lrn_forward_primitive_desc_create", engine, attributes)
  }
}
