import Profiling
import TestSupport
import Testing

@Suite struct RooflineTests {
  /// A machine easy to compute by hand: 100 GFLOP/s, 100 GB/s up to 1 MB, 10 GB/s from 100 MB on,
  /// a cache of 20 MB.
  private func input(
    flops: Double = 0, weights: Double = 0, reread: Double = 0, activations: Double = 0,
    footprint: Double? = nil, time: Double, steps: Int = 1, threads: Int = 1,
    memory: Double? = nil, cold: Bool = false, set: Double? = nil, written: Double = 0
  ) -> RooflineInput {
    RooflineInput(
      flops: flops, peakFlopsPerSecond: 100e9, weightBytes: weights,
      rereads: [.init(bytes: reread, setBytes: set ?? weights)],
      activationBytes: activations, writtenBytes: written,
      networkFootprintBytes: footprint ?? weights + activations,
      timeNs: time, steps: steps, threads: threads, lastLevelCacheBytes: 20e6,
      bandwidth: [.init(bytes: 1_000_000, gbs: 100), .init(bytes: 100_000_000, gbs: 10)],
      memory: memory.map { .init(gbs: $0) }, cold: cold)
  }

  @Test func curveIsInterpolatedInTheLogarithm() throws {
    let curve = input(time: 1).bandwidth
    #expect(Roofline.bandwidth(of: 1000, curve: curve) == 100)
    #expect(Roofline.bandwidth(of: 1e9, curve: curve) == 10)
    // 10 MB is half the way from 1 MB to 100 MB in the logarithm: 100 − 90 / 2.
    let middle = try #require(Roofline.bandwidth(of: 10e6, curve: curve))
    #expect(abs(middle - 55) < 1e-9)
    #expect(Roofline.bandwidth(of: 1, curve: []) == nil)
  }

  @Test func smallLayerIsServedByTheCache() throws {
    // t_m = 1 MB / 100 GB/s = 10 µs, t_f = 0.2 MFLOP / 100 GFLOP/s = 2 µs, r = 5.
    let bound = Roofline.bound(input(flops: 200_000, activations: 1e6, time: 12_750))
    #expect(bound.class == .memory)
    #expect(bound.method == .roofline)
    #expect(bound.confidence == "high")
    #expect(bound.evidence["memory_ns"] == 10_000)
    #expect(bound.evidence["compute_ns"] == 2000)
    #expect(bound.evidence["ratio"] == 5)
    // 10 µs / (12.75 µs − 0.25 µs)
    #expect(try #require(bound.evidence["efficiency"]) == 0.8)
    #expect(bound.evidence["bandwidth_gbs"] == 100)
    #expect(bound.evidence["dram_share"] == 0)
    #expect(bound.evidence["peak_gflops"] == 100)
    #expect(bound.evidence["traffic_bytes"] == 1e6)
    #expect(bound.evidence["working_set_bytes"] == 1e6)
    #expect(bound.evidence["arithmetic_intensity"] == 0.2)
  }

  @Test func beyondTheCacheTheCurveGoesOn() throws {
    // 100 MB at the end of the curve: 10 ms. 31.6 MB are three quarters of the way: 32.5 GB/s.
    let far = Roofline.bound(input(flops: 19e6, weights: 100e6, time: 11e6))
    #expect(far.evidence["memory_ns"] == 10e6)
    #expect(far.evidence["dram_share"] == 1)
    #expect(far.class == .memory)
    let set = 31_622_776.601683795
    let near = Roofline.bound(input(flops: 19e6, weights: set, time: 2e6))
    #expect(abs(try #require(near.evidence["memory_ns"]) - set / 32.5) < 1e-3)
    #expect(near.evidence["dram_share"] == 1)
  }

  @Test func otherLayersEvictTheWeights() throws {
    // The layer fits, the network does not: weights at its footprint (1 MB / 10 GB/s = 100 µs),
    // activations from the cache at the layer's own working set of 2 MB.
    let bound = Roofline.bound(
      input(weights: 1e6, activations: 1e6, footprint: 100e6, time: 150_000))
    let own = try #require(Roofline.bandwidth(of: 2e6, curve: input(time: 1).bandwidth))
    let memory = try #require(bound.evidence["memory_ns"])
    #expect(abs(memory - (100_000 + 1e6 / own)) < 1e-6)
    // Alone in the network the weights stay.
    let alone = Roofline.bound(input(weights: 1e6, activations: 1e6, time: 150_000))
    #expect(try #require(alone.evidence["memory_ns"]) < 30_000)
  }

  @Test func rereadsAreAtTheSetTheyGoRound() throws {
    // First touch 1 MB from memory: 100 µs; nine re-reads at 100 GB/s: 90 µs.
    let bound = Roofline.bound(
      input(weights: 1e6, reread: 9e6, footprint: 100e6, time: 200_000))
    #expect(bound.evidence["memory_ns"] == 190_000)
    #expect(bound.evidence["traffic_bytes"] == 10e6)
    // 40 MB of which 10 MB cycle: these are read again at 55 GB/s, which the whole layer is not.
    let state = Roofline.bound(
      input(weights: 40e6, reread: 110e6, footprint: 100e6, time: 1e7, set: 10e6))
    #expect(abs(try #require(state.evidence["memory_ns"]) - (4e6 + 2e6)) < 1e-6)
    #expect(abs(try #require(state.evidence["dram_share"]) - 2 / 3.0) < 1e-12)
    // A set of 19 MB of a cache of 20 MB: still by the curve.
    let edge = Roofline.bound(
      input(weights: 19e6, reread: 19e6, footprint: 100e6, time: 1e7, set: 19e6))
    let rate = try #require(Roofline.bandwidth(of: 19e6, curve: input(time: 1).bandwidth))
    #expect(abs(try #require(edge.evidence["memory_ns"]) - (1.9e6 + 19e6 / rate)) < 1e-3)
  }

  @Test func writesCostWhatCopyingTakesBeyondReading() throws {
    // 100 GB/s reading, 80 GB/s copying: 2/80 − 1/100 = 0.015 ns a written byte, 0.01 a read one.
    var copy = input(activations: 1e6, time: 20_000, written: 0.4e6)
    copy.bandwidth[0].copyGbs = 80
    #expect(abs(try #require(Roofline.bound(copy).evidence["memory_ns"]) - 12_000) < 1e-9)
    // Copying faster than 4/3 of reading: no less than half of what a byte of the copy takes.
    copy.bandwidth[0].copyGbs = 250
    #expect(abs(try #require(Roofline.bound(copy).evidence["memory_ns"]) - 6800) < 1e-9)
    // Cold: first touches by what memory gives to emptied caches.
    copy.cold = true
    copy.memory = .init(gbs: 10, copyGbs: 20)
    #expect(abs(try #require(Roofline.bound(copy).evidence["memory_ns"]) - 70_000) < 1e-6)
    copy.memory = .init(gbs: 10, copyGbs: 10)
    #expect(abs(try #require(Roofline.bound(copy).evidence["memory_ns"]) - 100_000) < 1e-6)
  }

  @Test func coldTouchesMemory() throws {
    let bound = Roofline.bound(input(weights: 0.5e6, activations: 0.5e6, time: 120_000, cold: true))
    #expect(try #require(bound.evidence["memory_ns"]) == 100_000)
  }

  @Test func coldRereadsStayInTheCache() throws {
    // First touches 1 MB at 10 GB/s: 100 µs; nine re-reads at the working set's 100 GB/s: 90 µs.
    let cold = Roofline.bound(input(weights: 1e6, reread: 9e6, time: 200_000, cold: true))
    #expect(try #require(cold.evidence["memory_ns"]) == 190_000)
    #expect(abs(try #require(cold.evidence["dram_share"]) - 100 / 190.0) < 1e-12)
    // Warm and alone in the network, all ten passes come from there.
    let warm = Roofline.bound(input(weights: 1e6, reread: 9e6, time: 200_000))
    #expect(try #require(warm.evidence["memory_ns"]) == 100_000)
  }

  @Test func adjacentBandwidthReplacesTheEndOfTheCurve() {
    let bound = Roofline.bound(input(weights: 100e6, time: 6e6, memory: 20))
    #expect(bound.evidence["memory_ns"] == 5e6)
  }

  @Test(arguments: [
    (2.01, Bound.Class.memory), (1.99, .balanced), (0.51, .balanced), (0.49, .core),
  ])
  func factorOfTwo(ratio: Double, expected: Bound.Class) {
    // t_f = 0.1 MFLOP / 100 GFLOP/s = 1 µs; the bytes take ratio × 1 µs.
    let bound = Roofline.bound(
      input(flops: 0.1e6, activations: 0.1e6 * ratio, time: 1000 * max(ratio, 1) + 250))
    #expect(bound.class == expected)
  }

  @Test func noRoofExplainsTheTime() {
    let bound = Roofline.bound(input(flops: 1e6, activations: 1000, time: 10_000 / 0.24))
    #expect(bound.class == .latency)
    let some = Roofline.bound(input(flops: 1e6, activations: 1000, time: 10_000 / 0.26))
    #expect(some.class == .balanced)
    let most = Roofline.bound(input(flops: 1e6, activations: 1000, time: 10_000 / 0.46))
    #expect(most.class == .core)
    // Dispatch alone is more than half: 10 steps of 1 µs on two threads.
    let calls = Roofline.bound(
      input(flops: 0.4e6, activations: 1000, time: 19_000, steps: 10, threads: 2))
    #expect(calls.class == .latency)
    #expect(calls.evidence["efficiency"] == nil)
    #expect(calls.evidence["dispatch_ns"] == 10_000)
  }

  @Test func anUndisturbedPassDecidesAndTheMedianIsShown() throws {
    // The median is three times what the layer takes when nothing disturbs it.
    var busy = input(flops: 1e6, activations: 1000, time: 45_250)
    #expect(Roofline.bound(busy).class == .latency)
    busy.undisturbedNs = 15_000
    let bound = Roofline.bound(busy)
    #expect(bound.class == .core)
    #expect(abs(try #require(bound.evidence["roof_share"]) - 10 / 15.0) < 1e-12)
    #expect(abs(try #require(bound.evidence["efficiency"]) - 10 / 45.0) < 1e-12)
  }

  @Test func aDisturbedRunHasLowConfidence() {
    var busy = input(flops: 1e6, activations: 1000, time: 12_000)
    busy.interruptionsPerSecond = 99
    #expect(Roofline.bound(busy).confidence == "high")
    busy.interruptionsPerSecond = 100
    let bound = Roofline.bound(busy)
    #expect(bound.confidence == "low")
    #expect(bound.class == .core)
    #expect(bound.evidence["interruptions_per_second"] == 100)
    // Judged again from the record alone it stays so.
    #expect(Roofline.bound(evidence: bound.evidence, timeNs: 12_000) == bound)
  }

  @Test func betterThanTheRoofIsSuspect() {
    let bound = Roofline.bound(input(flops: 1e6, activations: 1000, time: 10_000 / 1.2 + 250))
    #expect(bound.class == .core)
    #expect(bound.confidence == "low")
  }

  @Test func withoutRoofsNothingIsKnown() {
    var none = input(flops: 1, activations: 1, time: 100)
    none.bandwidth = []
    #expect(Roofline.bound(none).class == .unknown)
    #expect(Roofline.bound(none).method == .none)
    #expect(Roofline.bound(input(flops: 1, activations: 1, time: 0)).class == .unknown)
    var noPeak = input(flops: 1, activations: 1, time: 100)
    noPeak.peakFlopsPerSecond = 0
    #expect(Roofline.bound(noPeak).class == .unknown)
  }

  @Test func layersWithoutArithmetic() {
    let copy = Roofline.bound(input(activations: 1e6, time: 11_000))
    #expect(copy.class == .memory)
    #expect(copy.evidence["ratio"] == nil)
    #expect(copy.evidence.byName.values.allSatisfy { $0.isFinite })
  }
}
