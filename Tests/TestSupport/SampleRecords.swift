public import Profiling
public import Testing

/// Hand-made records: numbers as a 2-core machine gives them, the same on every call.
public enum SampleRecords {
  /// A record with the name a failing test shows.
  public struct Named: CustomTestStringConvertible, Sendable {
    /// What is special about it.
    public let testDescription: String
    /// The record.
    public let record: RunRecord
  }

  /// One record of each sort.
  public static var all: [Named] {
    [
      Named(testDescription: "measured", record: deepspeech()),
      Named(testDescription: "shown", record: deepspeechShown()),
      Named(testDescription: "hardware counters", record: withHardwareCounters()),
      Named(testDescription: "interrupted", record: interrupted()),
      Named(testDescription: "hostile names", record: hostile()),
      Named(testDescription: "variant", record: variant()),
      Named(testDescription: "fifty layers", record: large(layers: 50)),
    ]
  }

  /// The paper's DeepSpeech, batch 1, 16 steps, measured without hardware counters.
  public static func deepspeech() -> RunRecord { measured(deepspeechShown()) }

  /// The same, only shown.
  public static func deepspeechShown(hidden: Int = 2048) -> RunRecord {
    let h = hidden
    var layers = [
      fc(0, "fc1", segment: "fc1-3", from: 494, to: h),
      fc(1, "fc2", segment: "fc1-3", from: h, to: h),
      fc(2, "fc3", segment: "fc1-3", from: h, to: h),
      bilstm(3, hidden: h),
      fc(4, "fc4", segment: "fc4-5", from: 2 * h, to: h),
      fc(5, "fc5", segment: "fc4-5", from: h, to: 29),
    ]
    for i in layers.indices { layers[i].line = 5 + i }
    return RunRecord(
      created: "2026-03-04T05:06:07Z", tool: Tool(name: "ntprof", version: "0.1.0"),
      command: ["ntprof", "profile", "topologies/deepspeech.xml"],
      topology: TopologyInfo(
        name: "deepspeech", source: "topologies/deepspeech.xml",
        sha256: SHA256.hexDigest(of: Array("deepspeech".utf8)), parameters: ["hidden": h]),
      options: RunOptions(batch: 1, threads: 2, seed: 1), machine: machine(),
      totals: totals(layers), layers: layers,
      segments: [
        SegmentRecord(name: "fc1-3", layers: ["fc1", "fc2", "fc3"]),
        SegmentRecord(name: "rnn", layers: ["bilstm"]),
        SegmentRecord(name: "fc4-5", layers: ["fc4", "fc5"]),
      ])
  }

  /// A variant of ``deepspeech()``: narrower, `fc3` gone, `fc6` new, `fc2` under another name.
  public static func variant() -> RunRecord {
    var record = deepspeechShown(hidden: 1536)
    record.topology.source = "topologies/deepspeech-1536.xml"
    record.layers[1] = fc(1, "fc2", segment: "fc1-3", from: 2048, to: 2048)
    record.layers[1].name = "dense2"
    record.layers.remove(at: 2)
    record.layers.insert(fc(0, "fc6", segment: "fc4-5", from: 1536, to: 1536), at: 4)
    for i in record.layers.indices { record.layers[i].index = i }
    record.totals = totals(record.layers)
    record.segments = []
    return measured(record, seed: 11)
  }

  /// ``deepspeech()`` measured again, `slowdown` times as long.
  public static func remeasured(slowdown: Double) -> RunRecord {
    measured(deepspeechShown(), slowdown: slowdown)
  }

  /// A record whose counters came from hardware through PAPI.
  public static func withHardwareCounters() -> RunRecord {
    var record = deepspeech()
    record.machine.papi = .init(version: "7.0.0", hardwareCounters: 6, reason: nil)
    record.warnings = []
    for i in record.layers.indices {
      let cycles = record.layers[i].counters?.events["cycles"]?.value ?? 0
      let events: [String: Double] = [
        "cycles": (cycles * 1.01).rounded(), "instructions": (cycles * 0.8).rounded(),
        "l1d_misses": (cycles * 0.06).rounded(), "l2_misses": (cycles * 0.05).rounded(),
        "llc_misses": (cycles * 0.04).rounded(),
      ]
      record.layers[i].counters = CounterRecord(
        source: "papi", events: events.mapValues { .init(value: $0, spread: 0.02) },
        threads: [events.mapValues { ($0 / 2).rounded() }, events.mapValues { ($0 / 2).rounded() }])
      let derived = Metrics.derive(
        from: MetricInput(flops: 0, trafficBytes: 0, events: events))
      let own = record.layers[i].metrics.byName
      record.layers[i].metrics = MetricValues(
        byName: own.merging(derived.byName.filter { $0.value > 0 }) { old, _ in old })
    }
    return record
  }

  /// A run that was cut short after few passes: no interval, no timed pass for some layers.
  public static func interrupted() -> RunRecord {
    var record = deepspeech()
    record.interrupted = true
    record.endToEnd?.time = TimeSummary(samples: [50_000_000, 51_000_000, 50_500_000])
    record.layers[5].time = nil
    record.layers[5].share = nil
    record.layers[5].counters = nil
    record.layers[5].bound = nil
    record.layers[5].metrics = [:]
    return record
  }

  /// Names that a format must escape.
  public static let hostileName = "</script><script>alert(1)</script>|\"&'\u{1b}[31m,層"

  /// A record whose texts try to break out of every format.
  public static func hostile() -> RunRecord {
    var record = deepspeech()
    record.topology.name = hostileName
    record.topology.source = "<img src=x onerror=alert(1)>"
    record.layers[0].name = hostileName
    record.segments[0].layers[0] = hostileName
    record.machine.cpu = "CPU <b>&amp;"
    record.warnings[0].message = "<i>\u{202e}</i>"
    return record
  }

  /// A network of many convolutions.
  public static func large(layers count: Int) -> RunRecord {
    var record = deepspeechShown()
    record.topology.name = "large"
    record.topology.parameters = [:]
    record.layers = (0..<count).map { i in
      conv(i, "stage\(i / 10)/block\(i % 10)/conv3x3", channels: 32 << (i % 4))
    }
    record.segments = []
    record.totals = totals(record.layers)
    return measured(record)
  }

  /// Sums of the analytic columns.
  public static func totals(_ layers: [LayerRecord]) -> Totals {
    Totals(
      layers: layers.count, parameters: layers.reduce(0) { $0 + $1.parameters },
      macs: layers.reduce(0) { $0 + $1.macs }, flops: layers.reduce(0) { $0 + $1.flops },
      bytes: layers.reduce(0) { $0 + $1.bytes.total })
  }

  /// The machine of the samples: its roofs are those measured on one.
  public static func machine() -> MachineInfo {
    let curve: [(Int, Double)] = [
      (64 << 10, 1078), (1 << 20, 547), (8 << 20, 255), (16 << 20, 241), (24 << 20, 210),
      (32 << 20, 180), (48 << 20, 91), (64 << 20, 74), (128 << 20, 57), (256 << 20, 52),
    ]
    return MachineInfo(
      cpu: "AMD EPYC 9R45", vendor: "AuthenticAMD", cores: 2, threads: 2, isa: "avx512_core_bf16",
      caches: [
        .init(level: 1, kind: "data", bytes: 48 << 10, ways: 12, line: 64, sharedBy: 1),
        .init(level: 1, kind: "instruction", bytes: 32 << 10, ways: 8, line: 64, sharedBy: 1),
        .init(level: 2, kind: "unified", bytes: 1 << 20, ways: 16, line: 64, sharedBy: 1),
        .init(level: 3, kind: "unified", bytes: 32 << 20, ways: 16, line: 64, sharedBy: 2),
      ],
      memoryBytes: 8 << 30, kernel: "6.18.0", governor: nil, virtualized: true,
      onednn: .init(version: "2.6.3", isa: "avx512_core_bf16", runtime: "openmp"),
      papi: .init(
        version: "7.0.0", hardwareCounters: 0, reason: "Error libpfm4 no default PMU found"),
      rooflines: Rooflines(
        peakFlops: .init(f32: 550e9, bf16: 1100e9, int8: 2200e9),
        bandwidth: curve.map { .init(bytes: $0.0, gbs: $0.1) }, clockHz: 4.52e9, threads: 2))
  }
}
