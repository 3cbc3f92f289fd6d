import Machine
import Profiling
import Testing

@testable import Counters

@Suite struct ValgrindTests {
  @Test(arguments: ["", "/nowhere:/tmp/neither", nil])
  func withoutValgrindTheRemedyIsToInstallIt(path: String?) {
    let error = #expect(throws: CounterError.self) { try Valgrind.find(path: path) }
    #expect(error?.source == .simulated)
    #expect(error?.reason == "valgrind is not on PATH")
    #expect(error?.remedy == "install it: apt-get install valgrind")
  }

  @Test func theTestsDoNotRunUnderValgrind() { #expect(!Callgrind.isRunning) }

  @Test func theCommandLineGivesEveryCache() throws {
    let caches = try SimulatedCaches(SimulatedCacheTests.machine)
    let words = Valgrind.arguments(
      caches: caches, outermost: try #require(caches.second),
      program: ["simulate-child", "--", "a"])
    #expect(words.contains("--tool=callgrind") && words.contains("--instr-atstart=no"))
    #expect(words.contains("--I1=32768,8,64") && words.contains("--D1=49152,12,64"))
    #expect(words.contains("--LL=2097152,16,64"))
    #expect(words.contains("--vgdb=no") && words.contains("--command-line-only=yes"))
    #expect(words.suffix(4) == ["/proc/self/fd/5", "simulate-child", "--", "a"])
  }

  @Test func theEnvironmentIsTheSameInEveryShell() {
    let kept = Valgrind.environment(
      [
        "PATH": "/bin", "HOME": "/h", "TERM": "xterm", "OMP_NUM_THREADS": "8", "OLDPWD": "/x",
        "ONEDNN_VERBOSE": "2", "ONEDNN_MAX_CPU_ISA": "AVX", "VALGRIND_OPTS": "--tool=none",
        "LD_LIBRARY_PATH": "/l",
      ], folder: "/opt/ntprof")
    #expect(
      kept == [
        "PATH": "/bin", "HOME": "/h", "OMP_NUM_THREADS": "1", "LC_ALL": "C",
        "SWIFT_DETERMINISTIC_HASHING": "1", "ONEDNN_MAX_CPU_ISA": "AVX",
        "LD_LIBRARY_PATH": "/l:/opt/ntprof",
      ])
  }

  @Test func aReportIsReadAsFarAsItIsWritten() {
    let program = SimulatedProgram(
      topology: "abc", isa: "avx2",
      steps: [.init(layer: 0, kind: "inner_product", implementation: "gemm:jit")])
    let bytes =
      SimulationReport.encode(program) + SimulationReport.encode(finished: 0)
      + SimulationReport.encode(finished: 12)
    let report = SimulationReport(bytes)
    #expect(report.program == program)
    #expect(report.finished == [0, 12])
    let halves = SimulationReport(bytes + SimulationReport.encode(begun: 3))
    #expect(halves.begun == [3] && halves.finished == [0, 12])
    #expect(SimulationReport(bytes.dropLast()).finished == [0])
    #expect(SimulationReport(Array(bytes.prefix(20))).program == nil)
    #expect(SimulationReport([]).program == nil)
    #expect(SimulationReport(Array("nonsense\n1\n".utf8)).program == nil)
  }
}
