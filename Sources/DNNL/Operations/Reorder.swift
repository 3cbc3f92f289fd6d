internal import CDNNL

extension PrimitiveDescriptor {
  /// The same tensor in another memory format.
  ///
  /// The corresponding C function is `dnnl_reorder_primitive_desc_create`.
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func reorder(
    _ engine: Engine, src: MemoryDescriptor, dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      cdnnl_reorder_pd_create(engine.handle, src.handle, dst.handle, attributes.handle, &handle)
    }
    return try make(handle, status, "dnnl_reorder_primitive_desc_create", engine, attributes)
  }
}
