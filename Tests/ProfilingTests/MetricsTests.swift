import Profiling
import TestSupport
import Testing

@Suite struct MetricsTests {
  @Test func everythingMeasured() {
    let metrics = Metrics.derive(
      from: MetricInput(
        flops: 2e6, trafficBytes: 1e6, timeNs: 10_000,
        events: [
          "cycles": 40_000, "instructions": 80_000, "l1d_misses": 800, "l2_misses": 400,
          "llc_misses": 40,
        ],
        peakFlopsPerSecond: 500e9, roofNs: 8000, lineBytes: 64))
    #expect(
      metrics == [
        "gflops_per_second": 200, "gigabytes_per_second": 100, "traffic_bytes": 1e6,
        "peak_fraction": 0.4, "roof_fraction": 0.8, "ipc": 2, "l1_mpki": 10, "l2_mpki": 5,
        "llc_mpki": 0.5, "dram_bytes": 2560,
      ])
  }

  @Test func whatIsNotMeasuredIsAbsent() {
    let metrics = Metrics.derive(
      from: MetricInput(flops: 2e6, trafficBytes: 1e6, events: ["instructions": 0, "cycles": 0]))
    #expect(metrics == ["traffic_bytes": 1e6])
  }

  @Test func definitionsSayWhatTheyMean() {
    #expect(Set(Metrics.all.map(\.name)).count == Metrics.all.count)
    for metric in Metrics.all {
      #expect(!metric.unit.isEmpty && !metric.summary.isEmpty && !metric.caveat.isEmpty)
    }
  }
}
