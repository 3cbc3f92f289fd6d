import Execution
import FoundationEssentials
import Measuring
import Profiling
import Reports
import TestSupport
import Topology
import TopologyXML

/// A reader that takes what anybody may have written, and all that is done with what it reads.
///
/// It may refuse; it must not crash, hang or take memory without bound.
public struct FuzzTarget: Sendable {
  /// Its name, also that of its folder of documents that once crashed it.
  public let name: String
  /// Whole documents to begin from.
  public let seeds: @Sendable () -> [[UInt8]]
  /// Reads a document.
  public let run: @Sendable ([UInt8]) -> Void

  /// All of them; a new reader of files adds a line.
  public static let all: [FuzzTarget] = [
    topology, record, diff, comparison, sweep, part, roofs, tunings, machine, prediction,
  ]

  /// Documents of this folder's `Crashes/NAME` that once crashed it.
  public var crashes: [[UInt8]] {
    let folder = "Tests/FuzzTests/Crashes/\(name)"
    let names = (try? RepositoryFiles.names(in: folder)) ?? []
    return names.compactMap { try? RepositoryFiles.bytes(of: "\(folder)/\($0)") }
  }

  private static let topology = FuzzTarget(
    name: "topology",
    seeds: {
      let names = (try? RepositoryFiles.names(in: "topologies")) ?? []
      let files = names.filter { $0.hasSuffix(".xml") }.compactMap {
        try? RepositoryFiles.bytes(of: "topologies/\($0)")
      }
      // Large ones would be read over and over for the sake of one changed number.
      return files.filter { $0.count < 6000 }
    },
    run: { bytes in
      let reader = TopologyReader(options: .init(maximumLayers: 2000))
      guard let document = try? reader.read(bytes: bytes, file: "fuzz.xml") else { return }
      _ = document.graph.layers.map(\.cost)
      if let program = try? document.graph.program() { _ = Plan.estimateMemory(program) }
    })

  private static let record = FuzzTarget(
    name: "record",
    seeds: {
      [
        SampleRecords.deepspeech(), SampleRecords.deepspeechShown(), SampleRecords.hostile(),
        SampleRecords.withHardwareCounters(), SampleRecords.interrupted(),
        SampleRecords.processes(4),
      ].map { RecordCoding.encode($0) }
    },
    run: { bytes in
      guard let record = try? RecordCoding.decode(bytes) else { return }
      let sample = SampleRecords.deepspeech()
      for format in ReportFormats.all {
        _ = format.render(record, options: ReportOptions(verbose: true))
        _ = format.render(Diff(baseline: sample, candidate: record))
      }
      _ = Reclassification.apply(to: record)
      let several = RunRecord.merging(processes: [record, record, record, record])
      _ = TableFormat().render(Diff(baseline: several, candidate: several))
    })

  private static let diff = FuzzTarget(
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
      guard let diff = try? RecordCoding.decodeDiff(bytes) else { return }
      for format in ReportFormats.all { _ = format.render(diff) }
    })

  private static let comparison = FuzzTarget(
    name: "comparison",
    seeds: { [RecordCoding.encode(SampleRecords.comparison())] },
    run: { bytes in
      guard let comparison = try? RecordCoding.decodeComparison(bytes) else { return }
      for format in ReportFormats.all {
        _ = format.render(comparison, options: ReportOptions())
      }
    })

  private static let sweep = FuzzTarget(
    name: "sweep",
    seeds: {
      [SweepObjective.latency, .throughput].map {
        RecordCoding.encode(SampleRecords.sweep(objective: $0))
      }
    },
    run: { bytes in
      guard var sweep = try? RecordCoding.decodeSweep(bytes) else { return }
      for format in ReportFormats.all {
        _ = format.render(sweep, options: ReportOptions())
      }
      // What --resume does with it.
      _ = SweepAnalysis(sweep)
      for index in sweep.points.map(\.index) {
        sweep.points[index].add(SampleRecords.deepspeech(), replacing: true)
      }
    })

  private static let part = FuzzTarget(
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
      guard let part = try? RecordCoding.decodePart(bytes) else { return }
      // What gathering does with it.
      var sweep = SampleRecords.sweep()
      for known in [[part], [part, part], [part.summary, part]] {
        sweep.points[0].take(known, rounds: 2)
        sweep.analysis = SweepAnalysis(sweep)
        _ = try? RecordCoding.decodeSweep(RecordCoding.encode(sweep))
      }
    })

  private static let roofs = FuzzTarget(
    name: "roofs",
    seeds: {
      guard let roofs = SampleRecords.deepspeech().machine.rooflines else { return [] }
      var memory = RoofMemory()
      _ = memory.admit(roofs)
      return [(try? JSONEncoder().encode(memory)).map { Array($0) } ?? []]
    },
    run: { bytes in
      guard (try? RecordCoding.checkNumbers(bytes)) != nil,
        var memory = try? JSONDecoder().decode(RoofMemory.self, from: Data(bytes))
      else { return }
      for roofs in memory.entries.compactMap(\.roofs) {
        _ = RoofChecks.contradictions(in: roofs, others: [roofs], hasTiles: false)
        _ = memory.admit(roofs, isDoubtful: true)
        memory.raise(to: roofs.peakFlops, handOff: roofs.handOff)
      }
    })

  private static let tunings = FuzzTarget(
    name: "tunings",
    seeds: {
      let text = """
        {"conv|1x3": [{"variant": 0, "implementation": "jit:avx2", "algorithm": "convolution_direct",
        "formats": ["abcd", "Acdb8a", "aBcd8b"], "time": 1234.5, "error": 0.001},
        {"variant": 1, "implementation": "ref:any", "formats": ["a", "b", "c"], "fault": "crashed"}]}
        """
      return [Array(text.utf8)]
    },
    run: { bytes in
      typealias Found = [String: [TunedImplementation]]
      guard (try? RecordCoding.checkNumbers(bytes)) != nil,
        let found = try? JSONDecoder().decode(Found.self, from: Data(bytes))
      else { return }
      _ = TuningMemory(found: found)
    })

  private static let machine = FuzzTarget(
    name: "machine",
    seeds: {
      let file = (try? RepositoryFiles.bytes(of: "Tests/Fixtures/machine-zen4.json")) ?? []
      return [file, RecordCoding.encode(SampleRecords.deepspeech())]
    },
    run: { bytes in
      guard let file = try? RecordCoding.decodeMachine(bytes),
        let target = try? PredictionTarget(file)
      else { return }
      _ = predicted(SampleRecords.deepspeech(), for: target, from: [SampleRecords.variant()])
    })

  private static let prediction = FuzzTarget(
    name: "prediction",
    seeds: {
      let file = MachineFile(machine: SampleRecords.narrowMachine())
      guard let target = try? PredictionTarget(file),
        let made = predicted(SampleRecords.deepspeech(), for: target, from: [])
      else { return [] }
      return [RecordCoding.encode(made)]
    },
    run: { bytes in
      guard let prediction = try? RecordCoding.decodePrediction(bytes) else { return }
      for format in ReportFormats.all {
        _ = format.render(prediction, options: ReportOptions())
      }
    })

  private static func predicted(
    _ record: RunRecord, for target: PredictionTarget, from others: [RunRecord]
  ) -> Prediction? {
    try? Predictor(for: target, from: others).predict(
      record, created: record.created, command: ["ntprof"], tool: record.tool)
  }
}
