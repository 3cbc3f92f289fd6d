import Profiling
import TestSupport
import Testing

/// Rows with times and roofs made by hand.
enum HandMade {
  /// A 3 × 3 convolution of 64 to 64 channels on 28 × 28.
  ///
  /// Times in ns; all passes take equally long.
  static func conv(
    time: Double, memory: Double, compute: Double, index: Int = 0, implementation: String = "jit",
    weights: String = "Acdb64a", input: Dims = "1x64x28x28", output: Dims = "1x64x28x28",
    macs: Int = 9 * 64 * 64 * 28 * 28
  ) -> LayerRecord {
    row(
      "conv", time: time, memory: memory, compute: compute, index: index, input: [input],
      output: output, macs: macs,
      primitive: PrimitiveRecord(
        kind: "convolution", implementation: implementation, algorithm: "convolution_direct",
        formats: ["src": "acdb", "weights": weights, "dst": "acdb"],
        time: TimeSummary(samples: [time])))
  }

  /// A row of any kind with one primitive.
  static func row(
    _ kind: String, time: Double, memory: Double, compute: Double, index: Int = 0,
    input: [Dims], output: Dims, macs: Int = 0, flops: Int? = nil,
    bytes: Bytes = Bytes(weights: 0, input: 0, output: 0), primitive: PrimitiveRecord
  ) -> LayerRecord {
    var layer = LayerRecord(
      index: index, name: "layer\(index)", line: nil, kind: kind, segments: [], precision: "f32",
      inputShapes: input, outputShape: output, parameters: 0, macs: macs, flops: flops ?? 2 * macs,
      bytes: bytes, arithmeticIntensity: 0, primitives: [primitive])
    layer.time = TimeSummary(samples: [Double](repeating: time, count: 8))
    layer.bound = Roofline.bound(
      evidence: [
        "memory_ns": memory, "compute_ns": compute, "dispatch_ns": 250, "bandwidth_gbs": 100,
        "peak_gflops": 100, "working_set_bytes": 1000, "dram_share": 0,
      ], timeNs: time)
    return layer
  }

  /// A record of these layers on one thread, with L1 at 400 GB/s, 100 at 1 MB and 20 from 8 MB on.
  static func record(_ layers: [LayerRecord], threads: Int = 1) -> RunRecord {
    var record = SampleRecords.deepspeech()
    record.layers = layers
    record.segments = []
    record.options.threads = threads
    record.options.isa = "avx512"
    record.machine.rooflines = Rooflines(
      peakFlops: .init(f32: 1e11),
      bandwidth: [
        .init(bytes: 16_000, gbs: 400), .init(bytes: 1_000_000, gbs: 100),
        .init(bytes: 8_000_000, gbs: 20),
      ], clockHz: 4e9, threads: threads)
    return record
  }

  /// What is found of the only layer of a record.
  static func only(_ layer: LayerRecord, threads: Int = 1) throws -> [Hindrance] {
    try #require(Hindrances.find(in: record([layer], threads: threads))[layer.index])
  }

  /// The reason of one rule; nil when it does not fire.
  static func reason(
    _ code: Hindrance.Code, _ layer: LayerRecord, threads: Int = 1
  ) throws -> Hindrance? {
    try only(layer, threads: threads).first { $0.code == code }
  }
}
