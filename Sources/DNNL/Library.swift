internal import CDNNL

/// Facts and settings of the oneDNN library that is loaded.
public enum Library {
  /// Its version, such as `2.6.3`.
  ///
  /// The corresponding C function is `dnnl_version`.
  public static var version: String {
    guard let version = dnnl_version() else { return "unknown" }
    return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.patch)"
  }

  /// The threading runtime: `OpenMP`, `TBB`, `sequential`.
  public static var runtime: String { String(cString: cdnnl_cpu_runtime()) }

  /// The instruction set that primitives use, such as `avx512_core_bf16`.
  ///
  /// The corresponding C function is `dnnl_get_effective_cpu_isa`. Reading it fixes the instruction
  /// set for good.
  public static var isa: String { String(cString: cdnnl_effective_cpu_isa()) }

  /// Caps the instruction set: `sse41`, `avx`, `avx2`, `avx2_vnni`, `avx512_core` (or `avx512`),
  /// `avx512_core_vnni`, `avx512_core_bf16`, `avx512_core_amx`; with 3.x also `avx2_vnni_2`,
  /// `avx512_core_fp16`, `avx512_core_amx_fp16`.
  ///
  /// The corresponding C function is `dnnl_set_max_cpu_isa`.
  ///
  /// - Throws: ``DNNLError`` with `invalid_arguments` for an unknown name or after the first
  ///   primitive was made.
  public static func capISA(_ name: String) throws(DNNLError) {
    try check(
      cdnnl_set_max_cpu_isa(name == "avx512" ? "avx512_core" : name), "dnnl_set_max_cpu_isa")
  }

  /// Has oneDNN write nothing to standard output, whatever `ONEDNN_VERBOSE` says.
  ///
  /// The corresponding C function is `dnnl_set_verbose`.
  public static func silence() { _ = dnnl_set_verbose(0) }

  /// Sets how many primitives oneDNN keeps for reuse; 0 turns its cache off.
  ///
  /// The corresponding C function is `dnnl_set_primitive_cache_capacity`.
  ///
  /// - Throws: ``DNNLError`` for a negative capacity.
  public static func setPrimitiveCacheCapacity(_ capacity: Int) throws(DNNLError) {
    try check(
      dnnl_set_primitive_cache_capacity(Int32(clamping: capacity)),
      "dnnl_set_primitive_cache_capacity")
  }
}
