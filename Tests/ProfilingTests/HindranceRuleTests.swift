import Profiling
import TestSupport
import Testing

/// Each rule with numbers that can be checked by hand.
@Suite struct HindranceRuleTests {
  /// The time of 100 µs, of which a roof explains 30.
  private func slow(
    implementation: String = "jit", weights: String = "Acdb64a", input: Dims = "1x64x28x28",
    output: Dims = "1x64x28x28", macs: Int = 9 * 64 * 64 * 28 * 28
  ) -> LayerRecord {
    HandMade.conv(
      time: 100_000, memory: 1000, compute: 30_000, implementation: implementation,
      weights: weights, input: input, output: output, macs: macs)
  }

  private func primitive(
    _ kind: String, _ implementation: String = "jit", algorithm: String? = nil, ns: Double,
    formats: [String: String] = [:]
  ) -> PrimitiveRecord {
    PrimitiveRecord(
      kind: kind, implementation: implementation, algorithm: algorithm, formats: formats,
      time: TimeSummary(samples: [ns]))
  }

  @Test func launchByTheQuickestIdlePrimitive() throws {
    let quick = HandMade.row(
      "activation", time: 2000, memory: 240, compute: 10, index: 1, input: ["1x8"], output: "1x8",
      primitive: primitive("eltwise", ns: 2000))
    let small = HandMade.conv(time: 8000, memory: 100, compute: 3000, index: 0)
    let found = Hindrances.find(in: HandMade.record([small, quick]))
    #expect(found[0]?.first?.code == .launch)
    #expect(found[0]?.first?.share == 0.25)
    #expect(found[0]?.first?.evidence["call_ns"] == 2000)
    // What works longer than a dispatch takes is no measure of a call.
    let pool = HandMade.row(
      "pool", time: 2000, memory: 260, compute: 10, index: 1, input: ["1x8"], output: "1x8",
      primitive: primitive("pooling", ns: 2000))
    #expect(
      Hindrances.find(in: HandMade.record([small, pool]))[0]?.contains { $0.code == .launch }
        == false)
    // Of a layer that takes 100 µs a call of 2 is not worth a word.
    #expect(
      Hindrances.find(in: HandMade.record([slow(), quick]))[0]?.contains { $0.code == .launch }
        == false)
  }

  @Test func disturbedPasses() throws {
    var layer = slow()
    layer.time = TimeSummary(samples: [34_000, 34_000, 34_000] + Array(repeating: 1e5, count: 9))
    let reason = try #require(try HandMade.reason(.disturbed, layer))
    #expect(reason.evidence["undisturbed_ns"] == 34_000)
    #expect(abs((reason.share ?? 0) - 0.66) < 1e-9)
    #expect(try HandMade.reason(.disturbed, slow()) == nil)
  }

  @Test func unevenThreads() throws {
    var layer = slow()
    layer.metrics["thread_imbalance"] = 0.4
    #expect(try HandMade.reason(.imbalance, layer, threads: 2)?.share == 0.2)
    #expect(try HandMade.reason(.imbalance, layer, threads: 1) == nil)
  }

  @Test func clockOnlyByCountedCycles() throws {
    var layer = slow()
    // 300,000 cycles in 100 µs are 3 GHz; the roofs were measured at 4.
    layer.counters = CounterRecord(source: "perf", events: ["cycles": .init(value: 300_000)])
    #expect(try HandMade.reason(.clock, layer)?.evidence["clock_hz"] == 3e9)
    #expect(try HandMade.reason(.clock, layer)?.share == 0.25)
    layer.counters?.source = "estimated"
    #expect(try HandMade.reason(.clock, layer) == nil)
  }

  @Test func referenceLoopsButNotOfRecurrentLayers() throws {
    #expect(try HandMade.reason(.reference, slow(implementation: "ref:any"))?.share == 1)
    #expect(try HandMade.reason(.reference, slow()) == nil)
    let lstm = HandMade.row(
      "lstm", time: 160_000, memory: 30_000, compute: 1000, input: ["16x2x64"], output: "16x2x64",
      macs: 1000, bytes: Bytes(weights: 4000, input: 0, output: 0),
      primitive: primitive("rnn", "ref", ns: 160_000))
    #expect(try HandMade.reason(.reference, lstm) == nil)
    #expect(
      try HandMade.reason(.steps, lstm)?.evidence == [
        "steps": 16, "step_ns": 10_000, "batch": 2, "weight_bytes": 4000,
      ])
  }

  @Test func hostLoops() throws {
    let layer = HandMade.row(
      "gather", time: 100_000, memory: 10_000, compute: 0, input: ["8x8"], output: "8x8",
      primitive: primitive("host", "gather", ns: 90_000))
    #expect(try HandMade.reason(.hostKernel, layer, threads: 2)?.share == 0.9)
  }

  @Test func unfolding() throws {
    // 576 terms at 784 places of 4 bytes: 1.8 MB, twice, at less than 100 GB/s.
    let reason = try #require(try HandMade.reason(.im2col, slow(implementation: "gemm:jit")))
    #expect(reason.evidence["column_bytes"] == 1_806_336)
    #expect((reason.share ?? 0) > 2 * 576 * 784 * 4 / 100 / 100_000)
    #expect(try HandMade.reason(.im2col, slow(implementation: "brgemm:avx512_core")) == nil)
    let pointwise = slow(implementation: "gemm:jit", macs: 64 * 64 * 28 * 28)
    #expect(try HandMade.reason(.im2col, pointwise) == nil)
  }

  @Test func shortCopies() throws {
    func concat(_ format: String) -> LayerRecord {
      HandMade.row(
        "concat", time: 100_000, memory: 10_000, compute: 0, input: ["1x64x8x8", "1x32x8x8"],
        output: "1x96x8x8",
        primitive: primitive("concat", "simple:any", ns: 100_000, formats: ["dst": format]))
    }
    // Channels last: at each of 64 places 64 and 32 floats.
    #expect(
      try HandMade.reason(.smallPieces, concat("acdb"))?.evidence == [
        "piece_bytes": 128, "pieces": 128, "piece_ns": 781.25,
      ])
    // Channels first: two runs, the shorter of 8 KiB.
    #expect(try HandMade.reason(.smallPieces, concat("abcd")) == nil)
    // Blocked formats have runs of whole blocks.
    #expect(try HandMade.reason(.smallPieces, concat("aBcd16b")) == nil)
  }

  @Test func primitivesBesideTheProduct() throws {
    var layer = slow()
    layer.primitives.append(primitive("softmax_v2", ns: 20_000))
    layer.primitives.append(primitive("binary", ns: 10_000))
    #expect(
      try HandMade.reason(.otherPrimitives, layer)?.evidence == ["other_ns": 30_000, "count": 2])
    #expect(try HandMade.reason(.functions, layer)?.share == 0.2)
  }

  @Test func keptInF32() throws {
    var layer = slow()
    layer.keptInF32 = "softmax: no int8"
    #expect(try HandMade.reason(.keptInF32, layer) != nil)
  }

  @Test func fewChannels() throws {
    let stem = slow(input: "1x3x56x56", macs: 27 * 64 * 28 * 28)
    #expect(
      try HandMade.reason(.fewChannels, stem)?.evidence == [
        "channels": 3, "terms": 27, "lanes": 16,
      ])
    #expect(try HandMade.reason(.fewChannels, slow()) == nil)
    // In groups of four channels the sums have 36 terms.
    let grouped = slow(weights: "aBdec16b", macs: 36 * 64 * 28 * 28)
    #expect(try HandMade.reason(.fewChannels, grouped)?.evidence == ["terms": 36, "lanes": 16])
  }

  @Test func emptyLanes() throws {
    let layer = slow(output: "1x20x28x28", macs: 9 * 64 * 20 * 28 * 28)
    // 20 channels as 32: 12/20 of 30 µs.
    let reason = try #require(try HandMade.reason(.laneTails, layer))
    #expect(abs((reason.share ?? 0) - 0.18) < 1e-9)
    #expect(reason.evidence == ["channels": 20, "filled": 32, "lanes": 16])
    #expect(try HandMade.reason(.laneTails, slow()) == nil)
  }

  @Test func strides() throws {
    let layer = slow(input: "1x64x28x28", output: "1x64x14x14", macs: 64 * 64 * 14 * 14)
    #expect(try HandMade.reason(.strided, layer)?.evidence == ["row": 14, "places": 196])
    let kernel = slow(input: "1x64x28x28", output: "1x64x14x14", macs: 9 * 64 * 64 * 14 * 14)
    #expect(try HandMade.reason(.strided, kernel) == nil)
    #expect(try HandMade.reason(.strided, slow(macs: 64 * 64 * 28 * 28)) == nil)
  }

  @Test func windowsOfDepthwiseAndPooling() throws {
    let depthwise = slow(weights: "debcA16a", macs: 9 * 64 * 28 * 28 * 100)
    // 45,158,400 loads of 4 bytes at 400 GB/s: more than all of the time.
    #expect(try HandMade.reason(.windowLoads, depthwise)?.share == 1)
    #expect(try HandMade.reason(.fewChannels, depthwise) == nil)
    let pool = HandMade.row(
      "pool", time: 100_000, memory: 10_000, compute: 1000, input: ["1x64x28x28"],
      output: "1x64x14x14", flops: 9 * 64 * 14 * 14 * 20,
      primitive: primitive("pooling", ns: 100_000))
    let reason = try #require(try HandMade.reason(.windowLoads, pool))
    #expect(reason.evidence["window"] == 180)
    #expect(abs((reason.share ?? 0) - 9 * 64 * 14 * 14 * 20 * 4 / 400 / 100_000) < 1e-9)
    #expect(try HandMade.reason(.windowLoads, slow()) == nil)
  }

  @Test func bytesBesideTheRoof() throws {
    var layer = slow()
    layer.bytes = Bytes(weights: 0, input: 0, output: 1_000_000)
    #expect(try HandMade.reason(.writes, layer)?.share == 0.1)
    // At 1 MB the bandwidth is 100 GB/s, at 2 MB about a third of the way (in the logarithm) to 20.
    layer = HandMade.conv(time: 100_000, memory: 40_000, compute: 1000)
    layer.bound?.evidence["working_set_bytes"] = 1_000_000
    let edge = try #require(try HandMade.reason(.cacheBoundary, layer))
    #expect(abs((edge.evidence["outer_gbs"] ?? 0) - (100 - 80.0 / 3)) < 1e-9)
    layer.bound?.evidence["working_set_bytes"] = 16_000_000
    #expect(try HandMade.reason(.cacheBoundary, layer) == nil)
  }

  @Test func functionsFusedIntoAProduct() throws {
    var layer = slow()
    layer.primitives[0].postOps = ["eltwise_tanh"]
    #expect(try HandMade.reason(.functions, layer)?.share == nil)
    #expect(try HandMade.reason(.functions, layer) != nil)
    layer.primitives[0].postOps = ["eltwise_relu"]
    #expect(try HandMade.reason(.functions, layer) == nil)
  }

  @Test func instructionsForAVector() throws {
    var layer = slow()
    let vectors = Double(layer.macs) / 16
    layer.counters = CounterRecord(
      source: "perf", events: ["instructions": .init(value: 5 * vectors)])
    #expect(try HandMade.reason(.instructions, layer)?.evidence["per_vector"] == 5)
    #expect(try HandMade.reason(.instructions, layer, threads: 2) == nil)
    layer.counters?.implementationMatches = false
    #expect(try HandMade.reason(.instructions, layer) == nil)
  }

  @Test func winograd() throws {
    var layer = slow()
    layer.metrics["algorithm_flops"] = 4e6
    layer.metrics["algorithm_flops_ratio"] = 0.4
    // 4 MFLOP in 100 µs are 40 GFLOP/s of 100.
    let reason = try #require(try HandMade.reason(.winograd, layer))
    #expect(abs((reason.evidence["peak_fraction"] ?? 0) - 0.4) < 1e-9)
  }
}
