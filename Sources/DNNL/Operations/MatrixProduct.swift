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
