import Profiling
import Reports
import TestSupport
import Testing

/// Whole tables against literals: what a user sees is what stands here.
@Suite struct TableGoldenTests {
  private func table(_ record: RunRecord, width: Int = 120) -> String {
    String(
      decoding: TableFormat().render(record, options: ReportOptions(width: width)), as: UTF8.self)
  }

  @Test func measured() {
    let expected = """
      deepspeech · hidden 2048 · batch 1 · 2 threads · f32
      AMD EPYC 9R45, 2 cores · virtual · oneDNN 2.6.3 (avx512_core_bf16)

      latency     51.19 ms median  (95 % interval 50.80 … 51.40 ms within this process, p90 51.5 ms, 20 samples)
      throughput  19.5 inferences/s; the first took 312 ms; peak memory 612 MB

      #  layer         kind  output     median  share        GFLOP/s   GB/s     AI  bound          cycles  implementation
                                            ms      %                 model  model  % of roof        est.
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      0  fc1           fc    16x1x2048   0.105    0.2            310   40.3   7.68  balanced 76 %   473 k  brgemm:avx512_core
      1  fc2           fc    16x1x2048   0.425    0.8            316   40.1   7.88  balanced 76 %  1.92 M  brgemm:avx512_core
      2  fc3           fc    16x1x2048   0.437    0.9            307   39.0   7.88  balanced 74 %  1.98 M  brgemm:avx512_core
      3  bilstm        lstm  16x1x4096  49.604   96.6 █████     43.3   46.0  0.941  memory 88 %     224 M  ref
      4  fc4           fc    16x1x2048   0.753    1.5 ▏          357   45.1   7.91  balanced 86 %  3.40 M  brgemm:avx512_core
      5  fc5           fc    16x1x29     0.007    0.0            273   53.1   5.13  balanced 79 %  31.5 k  brgemm:avx512_core
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
         unattributed                    0.021    0.0
         total                          51.352  100.0           53.0                                232 M

      segment  layers         median  share  GFLOP/s  GB/s  bound
                                  ms      %                 % of roof
      ───────────────────────────────────────────────────────────────────
      fc1-3    fc1 … fc3 (3)   0.967    1.9      311  39.6  balanced 74 %
      rnn      bilstm         49.604   96.6     43.3  46.0  memory 88 %
      fc4-5    fc4, fc5        0.760    1.5      356  45.2  balanced 86 %

      processes of this network differ by up to ±4.6 % here (18 were measured)
      overhead: clock reads change the pass by +0.3 %, one clock read 21 ns

      Look first at
      • bilstm takes 97 % of the time and is memory-bound at 88 % of the DRAM roof: try a smaller hidden size, bf16 or int8
        weights or a larger batch (many inputs share one reading of the weights).

      no hardware counters here, so cycles are estimated: `ntprof machine` says why

      """
    #expect(table(SampleRecords.deepspeech()) == expected)
  }

  @Test func shown() {
    let expected = """
      deepspeech · hidden 2048 · batch 1 · 2 threads · f32
      AMD EPYC 9R45, 2 cores · virtual · oneDNN 2.6.3 (avx512_core_bf16)

      #  layer   kind  output     parameters    MACs    FLOP    bytes             AI
                                                                       least traffic
      ──────────────────────────────────────────────────────────────────────────────
      0  fc1     fc    16x1x2048      1.01 M  16.2 M  32.4 M  4.22 MB           7.68
      1  fc2     fc    16x1x2048      4.20 M  67.1 M   134 M  17.0 MB           7.88
      2  fc3     fc    16x1x2048      4.20 M  67.1 M   134 M  17.0 MB           7.88
      3  bilstm  lstm  16x1x4096      67.1 M  1.07 G  2.15 G   269 MB           7.99
      4  fc4     fc    16x1x2048      8.39 M   134 M   268 M  34.0 MB           7.91
      5  fc5     fc    16x1x29        59.4 k   950 k  1.90 M   371 kB           5.13
      ──────────────────────────────────────────────────────────────────────────────
         total                        85.0 M  1.36 G  2.72 G   342 MB           7.96

      Look first at
      • bilstm has 79.0 % of the FLOP and 79.0 % of the parameters.

      """
    #expect(table(SampleRecords.deepspeechShown()) == expected)
  }

  @Test func narrow() {
    let expected = """
      deepspeech · hidden 2048 · batch 1 · 2 threads · f32
      AMD EPYC 9R45, 2 cores · virtual · oneDNN 2.6.3 (avx512_core_bf16)

      latency     51.19 ms median  (95 % interval 50.80 … 51.40 ms within this
        process, p90 51.5 ms, 20 samples)
      throughput  19.5 inferences/s; the first took 312 ms; peak memory 612 MB

      #  layer         output     median  share  bound
                                      ms      %  % of roof
      ────────────────────────────────────────────────────────
      0  fc1           16x1x2048   0.105    0.2  balanced 76 %
      1  fc2           16x1x2048   0.425    0.8  balanced 76 %
      2  fc3           16x1x2048   0.437    0.9  balanced 74 %
      3  bilstm        16x1x4096  49.604   96.6  memory 88 %
      4  fc4           16x1x2048   0.753    1.5  balanced 86 %
      5  fc5           16x1x29     0.007    0.0  balanced 79 %
      ────────────────────────────────────────────────────────
         unattributed              0.021    0.0
         total                    51.352  100.0

      segment  layers         median  share  GFLOP/s  GB/s  bound
                                  ms      %                 % of roof
      ───────────────────────────────────────────────────────────────────
      fc1-3    fc1 … fc3 (3)   0.967    1.9      311  39.6  balanced 74 %
      rnn      bilstm         49.604   96.6     43.3  46.0  memory 88 %
      fc4-5    fc4, fc5        0.760    1.5      356  45.2  balanced 86 %

      processes of this network differ by up to ±4.6 % here (18 were measured)
      overhead: clock reads change the pass by +0.3 %, one clock read 21 ns

      Look first at
      • bilstm takes 97 % of the time and is memory-bound at 88 % of the DRAM
        roof: try a smaller hidden size, bf16 or int8 weights or a larger
        batch (many inputs share one reading of the weights).

      no hardware counters here, so cycles are estimated: `ntprof machine`
        says why

      """
    #expect(table(SampleRecords.deepspeech(), width: 72) == expected)
  }

  @Test func comparison() {
    let diff = Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())
    let expected = """
      baseline   deepspeech (topologies/deepspeech.xml) · hidden 2048 · batch 1 · 2 threads · f32
      candidate  deepspeech (topologies/deepspeech-1536.xml) · hidden 1536 · batch 1 · 2 threads · f32
      diff: ratio of the medians of one process a side, less one; two processes of one network may lie ±4.6 % apart (measured
        here, 18 processes): less than that cannot be told, and the intervals hold it; --processes 6 tells more

      end to end  51.19 ms → 24.81 ms  −51.5 % [−53.7, −49.3] faster (p < 0.001)

      layer         change   baseline  candidate   diff  95 % interval  verdict   p adj.        share   FLOP  bytes  bound
                                   ms         ms      %              %                              %      %      %
      ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      fc1           resized     0.105      0.066  −36.7   −40.4, −32.7  faster   < 0.001    0.2 → 0.3  −25.0  −24.8  balanced
      fc2 → dense2  renamed     0.425      0.365  −14.1    −19.1, −8.7  faster   < 0.001    0.8 → 1.5      –      –  balanced
      fc3           removed     0.437          –      –              –  removed        –          0.9      –      –  balanced
      bilstm        resized    49.604     23.900  −51.8   −54.7, −48.8  faster   < 0.001  96.6 → 96.1  −43.7  −43.7  memory
      fc4           resized     0.753      0.360  −52.2   −55.0, −49.2  faster   < 0.001    1.5 → 1.4  −43.7  −43.5  balanced
      fc6           added           –      0.174      –              –  added          –          0.7      –      –  balanced
      fc5           resized     0.007      0.005  −27.8   −32.0, −23.2  faster   < 0.001          0.0  −25.0  −24.9  balanced

      What changed
      • bilstm: output 16x1x4096 → 16x1x3072, 44 % fewer FLOP and bytes, same implementation
      • fc4: output 16x1x2048 → 16x1x1536, 44 % fewer FLOP and bytes, same implementation
      • dense2: was fc2, same FLOP and bytes, same implementation
      • fc1: output 16x1x2048 → 16x1x1536, 25 % fewer FLOP and bytes, same implementation
      • fc5: 25 % fewer FLOP and bytes, same implementation

      """
    #expect(String(decoding: TableFormat().render(diff), as: UTF8.self) == expected)
  }
}
