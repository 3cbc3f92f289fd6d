internal import CDNNL

extension PrimitiveDescriptor {
  /// Several tensors joined along an axis; the sources are ``Argument/multipleSrc(_:)``.
  ///
  /// The corresponding C function is `dnnl_concat_primitive_desc_create`.
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func concat(
    _ engine: Engine, axis: Int, src: [MemoryDescriptor], dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      let handles: [OpaquePointer?] = src.map(\.handle)
      return cdnnl_concat_pd_create(
        engine.handle, dst.handle, Int32(handles.count), Int32(axis), handles, attributes.handle,
        &handle)
    }
    return try make(handle, status, "dnnl_concat_primitive_desc_create", engine, attributes)
  }

  /// The sum of several tensors, each times its scale; the sources are
  /// ``Argument/multipleSrc(_:)``.
  ///
  /// The corresponding C function is `dnnl_sum_primitive_desc_create`.
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func sum(
    _ engine: Engine, scales: [Float], src: [MemoryDescriptor], dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, dst)) {
      let handles: [OpaquePointer?] = src.map(\.handle)
      return cdnnl_sum_pd_create(
        engine.handle, dst.handle, Int32(handles.count), scales, handles, attributes.handle,
        &handle)
    }
    return try make(handle, status, "dnnl_sum_primitive_desc_create", engine, attributes)
  }
}
