import Profiling
import TestSupport
import Testing

/// Counts by hand of what Winograd's algorithm executes.
@Suite struct WinogradCostTests {
  @Test func oneTile() {
    // 36 multiply-adds for 16 outputs that take 144 directly; transforms of 288 and 160.
    let one = WinogradCost.oneDNN4x3.flops(batch: 1, inputs: 1, outputs: 1, height: 4, width: 4)
    #expect(one == 2 * 36 + 288 + 160)
    // 16 multiply-adds for 4 outputs that take 36.
    let small = WinogradCost.oneDNN2x3.flops(batch: 1, inputs: 1, outputs: 1, height: 2, width: 2)
    #expect(small == 2 * 16 + 32 + 28)
  }

  @Test func manyChannelsApproachAQuarter() {
    // 56 × 56 is 14 × 14 tiles without a rest: 72·196·256² + 196·256·(288 + 160).
    let flops = WinogradCost.oneDNN4x3.flops(
      batch: 1, inputs: 256, outputs: 256, height: 56, width: 56)
    #expect(flops == 924_844_032 + 22_478_848)
    let direct = 2 * 9 * 256 * 256 * 56 * 56
    #expect(abs(Double(flops) / Double(direct) - 0.2561) < 1e-4)
  }

  @Test func tilesReachOverTheEdge() {
    // 13 × 13 takes 4 × 4 tiles: 256 outputs for 169.
    let flops = WinogradCost.oneDNN4x3.flops(
      batch: 2, inputs: 192, outputs: 384, height: 13, width: 13)
    #expect(flops == 2 * 16 * (72 * 192 * 384 + 192 * 288 + 384 * 160))
    let direct = 2 * 2 * 9 * 192 * 384 * 169
    #expect(abs(Double(flops) / Double(direct) - 0.3870) < 1e-4)
  }

  /// The published ratio of 0.72: cuDNN's F(2 × 2, 3 × 3) for AlexNet's third convolution (192 to
  /// 384 channels, 13 × 13), 162,168,191 operations measured of 224,280,576.
  ///
  /// 13 × 13 is rounded up to 16 × 16: 64 tiles of 16 multiply-adds, 0.673 of the direct count. The
  /// profile lists the rest: 157,827,072 operations in the main kernel, with 6,832,128 of transforms;
  /// 4,276,224 that transform the filters (58 each); and 384 · 169 additions of the bias.
  @Test func thePublishedRatio() {
    let products = WinogradCost(tile: 2, filter: 3, inputTransform: 0, outputTransform: 0)
      .flops(batch: 1, inputs: 192, outputs: 384, height: 16, width: 16)
    #expect(products == 150_994_944)
    #expect(products + 6_832_128 == 157_827_072)
    #expect(58 * 192 * 384 == 4_276_224)
    let all = products + 6_832_128 + 58 * 192 * 384 + 384 * 169
    #expect(abs(all - 162_168_191) <= 1)
    let direct = 2 * 9 * 192 * 384 * 169
    #expect(direct == 224_280_576)
    #expect(abs(Double(all) / Double(direct) - 0.723059) < 1e-6)
  }

  @Test func implementationsAreToldByTheirNames() {
    #expect(WinogradCost.of(implementation: "jit_wino_4x3:avx512_core") == .oneDNN4x3)
    #expect(WinogradCost.of(implementation: "jit_fp32_wino_2x3:avx512_core") == .oneDNN2x3)
    #expect(WinogradCost.of(implementation: "jit_int8_wino:avx512_core_vnni") == .oneDNN2x3)
    #expect(WinogradCost.of(implementation: "brgconv:avx512_core") == nil)
  }

  @Test func theMetricStandsBesideTheAnalyticCount() {
    let metrics = Metrics.derive(
      from: MetricInput(flops: 1000, trafficBytes: 1, measuredFlops: 400, algorithmFlops: 390))
    #expect(metrics["algorithm_flops"] == 390)
    #expect(metrics["algorithm_flops_ratio"] == 0.39)
    #expect(metrics["flops_ratio"] == 0.4)
    let direct = Metrics.derive(from: MetricInput(flops: 1000, trafficBytes: 1))
    #expect(direct["algorithm_flops"] == nil && direct["algorithm_flops_ratio"] == nil)
  }
}
