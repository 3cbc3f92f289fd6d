import TestSupport

@testable import Profiling

/// Records, machines and predictions that tests begin with.
enum PredictionSpecimens {
  /// A core-bound, a memory-bound and a tiny convolution; 1 thread unless said otherwise.
  static func record(
    times: [Double] = [1_000_000, 500_000, 3_000], name: String = "a",
    implementation: String = "jit:avx512_core", threads: Int = 1
  ) -> RunRecord {
    let layers = [
      conv(times[0], flops: 90_000_000, bytes: 1_000_000, 0, implementation),
      conv(times[1], flops: 500_000, bytes: 9_000_000, 1, implementation),
      conv(times[2], flops: 1000, bytes: 1000, 2, implementation),
    ]
    var record = HandMade.record(layers, threads: threads)
    record.topology.sha256 = SHA256.hexDigest(of: Array(name.utf8))
    record.options.isa = nil
    record.options.threadsRan = threads
    record.machine.onednn?.isa = "avx512_core"
    record.endToEnd?.time = TimeSummary(samples: Array(repeating: times.reduce(0, +), count: 8))
    return record
  }

  private static func conv(
    _ time: Double, flops: Int, bytes: Int, _ index: Int, _ implementation: String
  ) -> LayerRecord {
    var layer = HandMade.row(
      "conv", time: time, memory: 0, compute: 0, index: index, input: ["1x8x8x8"],
      output: "1x8x8x8", flops: flops,
      bytes: Bytes(weights: 0, input: bytes / 2, output: bytes / 2),
      primitive: PrimitiveRecord(
        kind: "convolution", implementation: implementation,
        time: TimeSummary(samples: Array(repeating: time, count: 8))))
    layer.bound = nil
    layer.kind = index == 1 ? "pool" : "conv"
    return layer
  }

  /// Another machine whose peak and bandwidths are so many times those of the record.
  static func machine(
    like record: RunRecord, peak: Double = 1, bandwidth: Double = 1, isa: String? = nil,
    threads: Int? = nil
  ) -> MachineFile {
    var machine = record.machine
    machine.cpu = "Another"
    machine.rooflines?.peakFlops.f32 *= peak
    machine.rooflines?.threads = threads ?? record.options.threads ?? 1
    for index in machine.rooflines?.bandwidth.indices ?? 0..<0 {
      machine.rooflines?.bandwidth[index].gbs *= bandwidth
      machine.rooflines?.bandwidth[index].copyGbs = nil
    }
    if let isa {
      machine.isa = isa
      machine.onednn?.isa = isa
    }
    return MachineFile(machine: machine)
  }

  static func predict(
    _ record: RunRecord, for file: MachineFile, from others: [RunRecord] = [],
    bricks: [Predictor.KnownBrick] = []
  ) throws -> Prediction {
    let target = try PredictionTarget(file)
    return try Predictor(for: target, from: others).predict(
      record, bricks: bricks, created: record.created, command: ["ntprof", "predict"],
      tool: record.tool)
  }

  static func ratios(_ prediction: Prediction) -> [Double] {
    prediction.layers.compactMap(\.ratio)
  }

  /// Records of other networks here and on a machine where layers lose `factor` more.
  static func pairs(_ count: Int, factor: Double, on file: MachineFile) -> [RunRecord] {
    (0..<count).flatMap { index -> [RunRecord] in
      let scale = 1 + 0.1 * Double(index)
      let here = record(
        times: [1e6 * scale, 5e5 * scale, 3e3], name: "other\(index)")
      var there = record(
        times: [1e6 * scale * factor, 5e5 * scale, 3e3], name: "other\(index)",
        implementation: "jit:avx2")
      there.machine = file.machine
      return [here, there]
    }
  }
}
