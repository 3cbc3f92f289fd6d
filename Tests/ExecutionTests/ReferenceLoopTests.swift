import Execution
import FoundationEssentials
import Measuring
import Profiling
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// No operation runs as reference loops of oneDNN, whatever its shape, memory format, precision and
/// instruction set, and all of them give what naive loops give.
///
/// The table stands in `Tests/KernelProbe`, a process of its own for each instruction set.
@Suite struct ReferenceLoopTests {
  /// The folder that the test bundle and the probe were built into.
  private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  @Test(arguments: ["-", "avx2", "sse41"], Precision.allCases)
  func nothingRunsAsReferenceLoops(isa: String, precision: Precision) async throws {
    // What this machine has is the first of them already.
    if isa == OneDNN.info.isa { return }
    let program = Self.products.appending(path: "kernel-probe").path(percentEncoded: false)
    let result = try await ChildLimit.shared.run {
      try await Subprocess.run(
        .path(FilePath(program)), arguments: [isa, precision.rawValue],
        environment: .inherit.updating(["SWIFT_BACKTRACE": "enable=no"]),
        output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    }
    // oneDNN has nothing but reference loops in bf16 below AVX-512, so nobody can ask for it there.
    if precision == .bf16, result.terminationStatus == .exited(75) { return }
    #expect(
      result.terminationStatus == .exited(0),
      "\(isa), \(precision.rawValue): \(result.standardOutput) \(result.standardError)")
    let count = result.standardOutput.split(separator: "\n").last?.split(separator: " ").first
    #expect((count.flatMap { Int($0) } ?? 0) > 300)
  }
}
