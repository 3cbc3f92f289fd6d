internal import CDNNL

extension PrimitiveDescriptor {
  /// A transposed convolution.
  ///
  /// Weights are O I spatial, or G O I spatial when grouped, O the channels of dst.
  ///
  /// The corresponding C function is `dnnl_deconvolution_forward_primitive_desc_create`
  /// (2.x: `dnnl_dilated_deconvolution_forward_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func deconvolution(
    _ engine: Engine, src: MemoryDescriptor, weights: MemoryDescriptor, bias: MemoryDescriptor?,
    dst: MemoryDescriptor, _ window: Window, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, weights, bias, dst)) {
      cdnnl_deconvolution_forward_pd_create(
        engine.handle, src.handle, weights.handle, bias?.handle, dst.handle,
        padded(window.strides), padded(window.dilation.map { $0 - 1 }),
        padded(window.paddingBegin), padded(window.paddingEnd), attributes.handle, &handle)
    }
    return try make(
      handle, status, "dnnl_deconvolution_forward_primitive_desc_create", engine, attributes)
  }
}
