import Profiling
import Reports
import Session
import TestSupport

/// Documents that ntprof writes and reads again.
extension FuzzTarget {
  static let record = FuzzTarget(
    name: "record",
    seeds: {
      [
        SampleRecords.deepspeech(), SampleRecords.deepspeechShown(), SampleRecords.hostile(),
        SampleRecords.withHardwareCounters(), SampleRecords.interrupted(),
        SampleRecords.processes(4),
      ].map { RecordCoding.encode($0) }
    },
    run: { bytes in
      guard let record = try? RecordCoding.decode(bytes) else { return false }
      let sample = SampleRecords.deepspeech()
      for format in ReportFormats.all {
        _ = format.render(record, options: ReportOptions(verbose: true))
        _ = format.render(Diff(baseline: sample, candidate: record))
      }
      _ = Reclassification.apply(to: record)
      let several = RunRecord.merging(processes: [record, record, record, record])
      _ = TableFormat().render(Diff(baseline: several, candidate: several))
      return true
    })

  static let diff = FuzzTarget(
    name: "diff",
    seeds: {
      [
        RecordCoding.encode(
          Diff(baseline: SampleRecords.deepspeech(), candidate: SampleRecords.variant())),
        RecordCoding.encode(
          Diff(
            baseline: SampleRecords.deepspeech(),
            candidate: SampleRecords.remeasured(slowdown: 1.2), paired: true)),
      ]
    },
    run: { bytes in
      guard let diff = try? RecordCoding.decodeDiff(bytes) else { return false }
      for format in ReportFormats.all { _ = format.render(diff) }
      return true
    })

  static let comparison = FuzzTarget(
    name: "comparison",
    seeds: { [RecordCoding.encode(SampleRecords.comparison())] },
    run: { bytes in
      guard let comparison = try? RecordCoding.decodeComparison(bytes) else { return false }
      for format in ReportFormats.all {
        _ = format.render(comparison, options: ReportOptions())
      }
      return true
    })

  static let sweep = FuzzTarget(
    name: "sweep",
    seeds: {
      [SweepObjective.latency, .throughput].map {
        RecordCoding.encode(SampleRecords.sweep(objective: $0))
      }
    },
    run: { bytes in
      guard var sweep = try? RecordCoding.decodeSweep(bytes) else { return false }
      for format in ReportFormats.all {
        _ = format.render(sweep, options: ReportOptions())
      }
      // What --resume does with it.
      _ = SweepAnalysis(sweep)
      for index in sweep.points.map(\.index) {
        sweep.points[index].add(SampleRecords.deepspeech(), replacing: true)
      }
      return true
    })

  static let part = FuzzTarget(
    name: "part",
    seeds: {
      var part = MeasuredPart(
        tool: Tool(name: "ntprof", version: "0.1.0"), run: "0123456789abcdef",
        place: .init(item: 1, round: 0), replaces: true, partition: "genoa", node: "n1",
        job: "17_3",
        restarts: 1)
      part.record = SampleRecords.deepspeech()
      var failed = part
      failed.record = nil
      failed.fault = .init(status: 65, message: "too large")
      return [RecordCoding.encode(part), RecordCoding.encode(failed)]
    },
    run: { bytes in
      guard let part = try? RecordCoding.decodePart(bytes) else { return false }
      // What gathering does with it.
      var sweep = SampleRecords.sweep()
      for known in [[part], [part, part], [part.summary, part]] {
        sweep.points[0].take(known, rounds: 2)
        sweep.analysis = SweepAnalysis(sweep)
        _ = try? RecordCoding.decodeSweep(RecordCoding.encode(sweep))
      }
      return true
    })

  static let machine = FuzzTarget(
    name: "machine",
    seeds: {
      let file = (try? RepositoryFiles.bytes(of: "Tests/Fixtures/machine-zen4.json")) ?? []
      return [file, RecordCoding.encode(SampleRecords.deepspeech())]
    },
    run: { bytes in
      guard let file = try? RecordCoding.decodeMachine(bytes),
        let target = try? PredictionTarget(file)
      else { return false }
      _ = predicted(SampleRecords.deepspeech(), for: target, from: [SampleRecords.variant()])
      return true
    })

  static let prediction = FuzzTarget(
    name: "prediction",
    seeds: {
      let file = MachineFile(machine: SampleRecords.narrowMachine())
      guard let target = try? PredictionTarget(file),
        let made = predicted(SampleRecords.deepspeech(), for: target, from: [])
      else { return [] }
      return [RecordCoding.encode(made)]
    },
    run: { bytes in
      guard let prediction = try? RecordCoding.decodePrediction(bytes) else { return false }
      for format in ReportFormats.all {
        _ = format.render(prediction, options: ReportOptions())
      }
      return true
    })

  static let advice = FuzzTarget(
    name: "advice",
    seeds: { [RecordCoding.encode(SampleRecords.advice())] },
    run: { bytes in
      guard let advice = try? RecordCoding.decodeAdvice(bytes) else { return false }
      for format in ReportFormats.all { _ = format.render(advice) }
      return true
    })

  static let hardware = FuzzTarget(
    name: "hardware",
    seeds: {
      let records = [SampleRecords.deepspeech(), SampleRecords.narrowDeepspeech()]
      return [(try? HardwareComparison(records)).map { RecordCoding.encode($0) } ?? []]
    },
    run: { bytes in
      guard let comparison = try? RecordCoding.decodeHardware(bytes) else { return false }
      for format in ReportFormats.all { _ = format.render(comparison) }
      return true
    })

  /// The time of a brick: two layers, and a reorder before them.
  private static var timing: BrickTiming? {
    var record = SampleRecords.deepspeech()
    record.layers = record.layers.prefix(2).enumerated().map { index, template in
      var layer = template
      (layer.index, layer.untimed, layer.fusedInto) = (index, nil, nil)
      layer.time = TimeSummary(samples: [1e5, 1.1e5, 1.2e5])
      layer.primitives = ["reorder", "inner_product"].map {
        PrimitiveRecord(
          kind: $0, implementation: "jit:\($0)", time: TimeSummary(samples: [5e4, 5.5e4, 6e4]))
      }
      return layer
    }
    return BrickTiming(record, movers: [])
  }

  static let bricks = FuzzTarget(
    name: "bricks",
    seeds: {
      let sample = SampleRecords.deepspeech()
      var row = BrickRow(
        id: "0123456789abcdef", kinds: ["conv"], inputShapes: ["1x8"], outputShapes: ["1x8"],
        parameters: 1, macs: 1, flops: 2, uses: 2, networks: 1)
      row.timing = timing
      let parts = (0..<2).map { index in
        BrickNetwork.Part(
          brick: row.id, layers: ["l\(index)"], inputs: index > 0 ? [index - 1] : [],
          readsInput: index == 0, givesOutput: index == 1)
      }
      var network = BrickNetwork(topology: sample.topology, layers: 2, parts: parts)
      network.measured = .init(ns: 3e5, ci95: nil, count: 3, reordersNs: 0)
      var bricks = Bricks(
        created: sample.created, tool: sample.tool, command: ["ntprof", "bricks"],
        machine: sample.machine,
        options: BrickOptions(
          granularity: 1, threads: 1, precision: "f32", cache: "warm", fusion: true, tuning: "fast",
          tuningBudget: nil, seed: 1, exact: nil, isa: nil, pin: "auto"),
        bricks: [row], networks: [network])
      bricks.conclude()
      return [RecordCoding.encode(bricks)]
    },
    run: { bytes in
      guard let bricks = try? RecordCoding.decodeBricks(bytes) else { return false }
      for format in ReportFormats.all { _ = format.render(bricks) }
      return true
    })

  static let brick = FuzzTarget(
    name: "brick",
    seeds: {
      guard let timing = FuzzTarget.timing else { return [] }
      return [
        RecordCoding.encode(
          StoredBrick(
            created: "2026-03-04T05:06:07Z", tool: Tool(name: "ntprof", version: "0.1.0"),
            topology: "<t/>", settings: ["a", "b"], timing: timing))
      ]
    },
    run: { bytes in
      guard let stored = try? RecordCoding.decodeStoredBrick(bytes) else { return false }
      // What is not sound is measured again.
      guard stored.isSound else { return true }
      _ = BrickPrediction(times: [stored.timing.ns, stored.timing.minNs], inputs: [[], [0]])
      return true
    })

  static let node = FuzzTarget(
    name: "node",
    seeds: { [RecordCoding.encode(NodeKind(node: "n1", machine: SampleRecords.machine()))] },
    run: { bytes in
      guard let kind = try? RecordCoding.decodeNodeKind(bytes) else { return false }
      return NodeKind.words(kind.machine) == NodeKind.words(kind.machine)
    })

  static let document = FuzzTarget(
    name: "document",
    seeds: {
      [record, diff, comparison, sweep, part, prediction, advice, hardware, bricks].compactMap {
        $0.seeds().last { (try? SavedDocument.decode($0, from: "fuzz")) != nil }
      }
    },
    run: { bytes in
      guard let document = try? SavedDocument.decode(bytes, from: "fuzz.json") else { return false }
      let table = TableFormat()
      switch document {
      case .record(let record): _ = table.render(record)
      case .diff(let diff): _ = table.render(diff)
      case .comparison(let comparison): _ = table.render(comparison)
      case .sweep(let sweep): _ = table.render(sweep)
      case .advice(let advice): _ = table.render(advice)
      case .hardware(let comparison): _ = table.render(comparison)
      case .bricks(let bricks): _ = table.render(bricks)
      case .prediction(let prediction): _ = table.render(prediction)
      }
      return true
    })

  private static func predicted(
    _ record: RunRecord, for target: PredictionTarget, from others: [RunRecord]
  ) -> Prediction? {
    try? Predictor(for: target, from: others).predict(
      record, created: record.created, command: ["ntprof"], tool: record.tool)
  }
}
