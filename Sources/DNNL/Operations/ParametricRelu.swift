internal import CDNNL

extension PrimitiveDescriptor {
  /// x where x > 0, else slope·x; `slopes` has the rank of `src` and extents of 1 where they are
  /// broadcast; dst is like src.
  ///
  /// The corresponding C function is `dnnl_prelu_forward_primitive_desc_create`
  /// (2.x: `dnnl_prelu_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func parametricRelu(
    _ engine: Engine, src: MemoryDescriptor, slopes: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, slopes)) {
      cdnnl_prelu_forward_pd_create(
        engine.handle, src.handle, slopes.handle, attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_prelu_forward_primitive_desc_create", engine, attributes)
  }
}
