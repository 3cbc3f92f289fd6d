import CMachine

/// Vector instruction sets of an architecture, weakest first, by oneDNN's names.
public enum VectorISA: String, Comparable, Sendable, CaseIterable {
  /// Every aarch64 CPU: 128-bit floating point with FMA.
  case asimd
  /// Every x86-64 CPU.
  case sse2
  /// SSE 4.1.
  case sse41
  /// 256-bit floating point.
  case avx
  /// 256-bit integers, and FMA.
  case avx2
  /// AVX2 with 8-bit dot products.
  case avx2VNNI = "avx2_vnni"
  /// 512-bit: F, BW, VL and DQ.
  case avx512 = "avx512_core"
  /// … with 8-bit dot products.
  case avx512VNNI = "avx512_core_vnni"
  /// … with bfloat16 dot products.
  case avx512BF16 = "avx512_core_bf16"
  /// … with half-precision arithmetic.
  case avx512FP16 = "avx512_core_fp16"
  /// … with matrix tiles for bfloat16 and 8-bit integers.
  case amx = "avx512_core_amx"

  /// The best that CPU and operating system support.
  ///
  /// Valgrind hides AVX-512, so a program under it sees less. The corresponding instructions are
  /// `cpuid` and `xgetbv`; on Arm the kernel tells (`getauxval`).
  public static let best = VectorISA(flags: cmachine_isa())

  /// The best set that the shim's flags stand for.
  init(flags: UInt32) {
    func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
    self = .sse2
    if has(Int(CMACHINE_ASIMD)) { self = .asimd }
    if has(Int(CMACHINE_SSE41)) { self = .sse41 }
    if has(Int(CMACHINE_AVX)) { self = .avx }
    if has(Int(CMACHINE_AVX2)) { self = .avx2 }
    if has(Int(CMACHINE_AVX_VNNI)), self == .avx2 { self = .avx2VNNI }
    guard has(Int(CMACHINE_AVX512_CORE)) else { return }
    self = .avx512
    guard has(Int(CMACHINE_AVX512_VNNI)) else { return }
    self = .avx512VNNI
    guard has(Int(CMACHINE_AVX512_BF16)) else { return }
    self = .avx512BF16
    if has(Int(CMACHINE_AVX512_FP16)) { self = .avx512FP16 }
    if has(Int(CMACHINE_AMX)) { self = .amx }
  }

  /// Numbers of 32 bits in a vector that is multiplied and added at once; 0 where that takes two
  /// instructions.
  var lanes: Int {
    if self == .asimd { return 4 }
    return self >= .avx512 ? 16 : self >= .avx2 ? 8 : 0
  }

  /// Whether `left` comes before `right`.
  public static func < (left: VectorISA, right: VectorISA) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}
