internal import CDNNL

extension PrimitiveDescriptor {
  /// A fully connected product: src N × rest, weights O × rest, dst N × O.
  ///
  /// The corresponding C function is `dnnl_inner_product_forward_primitive_desc_create`
  /// (2.x: `dnnl_inner_product_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func innerProduct(
    _ engine: Engine, src: MemoryDescriptor, weights: MemoryDescriptor, bias: MemoryDescriptor?,
    dst: MemoryDescriptor, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, weights, bias, dst)) {
      cdnnl_inner_product_forward_pd_create(
        engine.handle, src.handle, weights.handle, bias?.handle, dst.handle, attributes.handle,
        &handle)
    }
    return try make(
      handle, status, "dnnl_inner_product_forward_primitive_desc_create", engine, attributes)
  }
}
