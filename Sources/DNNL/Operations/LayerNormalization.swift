internal import CDNNL

extension PrimitiveDescriptor {
  /// A normalisation of the last dimension, with scale and shift; dst is like src.
  ///
  /// The corresponding C function is `dnnl_layer_normalization_forward_primitive_desc_create`
  /// (2.x: `dnnl_layer_normalization_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func layerNormalization(
    _ engine: Engine, src: MemoryDescriptor, epsilon: Float,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src)) {
      cdnnl_layer_normalization_forward_pd_create(
        engine.handle, src.handle, epsilon, attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_layer_normalization_forward_primitive_desc_create", engine, attributes)
  }
}
