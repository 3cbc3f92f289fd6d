import DNNL
public import Profiling

/// The oneDNN library as the command sees it.
public enum OneDNN {
  /// The library as a record describes it.
  ///
  /// Reading it fixes the instruction set.
  public static var info: MachineInfo.OneDNN {
    MachineInfo.OneDNN(
      version: Library.version, isa: Library.isa, runtime: Library.runtime.lowercased())
  }

  /// The library's version; asking for it fixes nothing.
  public static var version: String { Library.version }

  /// The names that ``capISA(_:)`` takes, for messages.
  public static let isaNames =
    "sse41, avx, avx2, avx2_vnni, avx512, avx512_core_vnni, avx512_core_bf16, avx512_core_amx"
    + (Library.version.hasPrefix("2.")
      ? "" : ", avx2_vnni_2, avx512_core_fp16, avx512_core_amx_fp16")

  /// Why a precision cannot be run with the instruction set there is; `nil` where it can.
  ///
  /// oneDNN emulates bf16 from AVX-512 on; below it has nothing but reference loops.
  public static func obstacle(to precision: Precision) -> String? {
    guard precision == .bf16, !Library.isa.hasPrefix("avx512") else { return nil }
    return "oneDNN has no bf16 code for \(Library.isa)"
  }

  /// What to know where the CPU has no instructions for a precision; `nil` where it has.
  public static func emulationWarning(_ precision: String) -> Warning? {
    let isNative: Bool
    switch Precision(rawValue: precision) {
    case .bf16: isNative = Library.hasNativeBF16
    case .int8: isNative = Library.hasNativeInt8
    default: isNative = true
    }
    if isNative { return nil }
    return Warning(
      code: "emulated-precision",
      message:
        "\(Library.isa) has no \(precision) products: oneDNN makes them of others, or has none",
      remedy: "times say little about a CPU that has them")
  }

  /// Caps the instruction set before oneDNN's first use; returns what is wrong, or `nil`.
  public static func capISA(_ name: String) -> String? {
    do throws(DNNLError) {
      try Library.capISA(name)
      return nil
    } catch {
      return error.description
    }
  }
}
