internal import CDNNL

extension PrimitiveDescriptor {
  /// A softmax along one axis, with the largest element subtracted first, or its logarithm.
  ///
  /// The corresponding C function is `dnnl_softmax_forward_primitive_desc_create`
  /// (2.x: `dnnl_softmax_v2_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func softmax(
    _ engine: Engine, src: MemoryDescriptor, dst: MemoryDescriptor, axis: Int,
    logarithm: Bool = false, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      logarithm
        ? cdnnl_log_softmax_forward_pd_create(
          engine.handle, src.handle, dst.handle, Int32(axis), attributes.handle, &handle)
        : cdnnl_softmax_forward_pd_create(
          engine.handle, src.handle, dst.handle, Int32(axis), attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_softmax_forward_primitive_desc_create", engine, attributes)
  }
}
