public import Profiling

/// One network on a machine with AVX-512 and on one with AVX2.
extension SampleRecords {
  /// ``machine()`` with half as wide vectors: half the peak, three quarters of the bandwidths.
  public static func narrowMachine() -> MachineInfo {
    var machine = machine()
    machine.cpu = "AMD EPYC 7763"
    machine.microarchitecture = "zen3"
    machine.isa = "avx2"
    machine.cores = 8
    machine.threads = 16
    machine.kernel = "6.1.0"
    machine.os = "Debian GNU/Linux 12 (bookworm)"
    machine.onednn = .init(version: "3.7.1", isa: "avx2", runtime: "openmp")
    machine.caches[0].bytes = 32 << 10
    machine.rooflines?.peakFlops = .init(f32: 250e9)
    machine.rooflines?.clockHz = 3.4e9
    for i in machine.rooflines?.bandwidth.indices ?? 0..<0 {
      machine.rooflines?.bandwidth[i].gbs *= 0.75
    }
    return machine
  }

  /// ``deepspeech()`` on ``narrowMachine()``; `bilstm` takes `excess` times as long as elsewhere by
  /// its roof.
  public static func narrowDeepspeech(excess: Double = 1.5) -> RunRecord {
    var shown = deepspeechShown()
    shown.machine = narrowMachine()
    for i in shown.layers.indices where shown.layers[i].kind == "fc" {
      shown.layers[i].primitives[0].implementation = "brgemm:avx2"
    }
    shown.layers[3].primitives[0].implementation = "gemm:jit"
    return measured(shown, factors: ["bilstm": excess])
  }
}
