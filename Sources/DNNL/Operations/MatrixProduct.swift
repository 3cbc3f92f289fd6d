internal import CDNNL

extension Library {
  /// C := A·B on row-major f32 matrices, `m`×`k` times `k`×`n`.
  ///
  /// The corresponding C function is `dnnl_sgemm`.
  ///
  /// - Precondition: the buffers have m·k, k·n and m·n elements.
  /// - Throws: ``DNNLError`` when oneDNN has no such product.
  public static func sgemm(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>,
    c: UnsafeMutablePointer<Float>
  ) throws(DNNLError) {
    let plain = CChar(UInt8(ascii: "N"))
    try check(
      dnnl_sgemm(
        plain, plain, dnnl_dim_t(m), dnnl_dim_t(n), dnnl_dim_t(k), 1, a, dnnl_dim_t(k), b,
        dnnl_dim_t(n), 0, c, dnnl_dim_t(n)),
      "dnnl_sgemm")
  }
}

extension PrimitiveDescriptor {
  /// A product of matrices: src … M K, weights … K N, dst … M N.
  ///
  /// Leading dimensions of extent 1 are broadcast; transposed operands are told by their strides.
  ///
  /// The corresponding C function is `dnnl_matmul_primitive_desc_create`
  /// (2.x: `dnnl_matmul_desc_init`).
  ///
  /// - Throws: ``DNNLError`` with `unimplemented` when no implementation takes these descriptors.
  public static func matrixProduct(
    _ engine: Engine, src: MemoryDescriptor, weights: MemoryDescriptor, dst: MemoryDescriptor,
    _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> PrimitiveDescriptor {
    var handle: OpaquePointer?
    let status = withExtendedLifetime((engine, src, weights, dst)) {
      cdnnl_matmul_pd_create(
        engine.handle, src.handle, weights.handle, dst.handle, attributes.handle, &handle)
    }
    return try make(handle, status, "dnnl_matmul_primitive_desc_create", engine, attributes)
  }
}
