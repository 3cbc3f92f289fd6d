package import Engines
import Execution
import Exporters
import FoundationEssentials
import Machine
package import Measuring
package import Profiling
import Topology

/// One topology measured in another engine than ntprof's own: from the worker's start to the record.
package final class EngineRun {
  private let topology: LoadedTopology
  private let bench: Bench
  private let options: MeasurementSettings
  private let engine: EngineName
  private let selection: [Bool]
  private let selectionText: String
  private let weights: WeightsInfo
  private let created = Date.now
  private let worker: EngineWorker
  private let folder: PrivateFolder
  private let nodes: [ExportedNode]
  private let loaded: Loaded
  private let session: EngineSession
  /// What the engine's process was predicted to take.
  private let predictedMemory: Int
  private var outputError: OutputError?
  private var outputDigest: String?
  private var rows: EngineRows?

  /// Starts the engine, gives it the network with its seeded weights and inputs, and compares the
  /// outputs of a first pass with ntprof's own.
  ///
  /// The engine comes first: where there is none, nothing is exported.
  package init(_ topology: LoadedTopology, on bench: Bench, _ options: MeasurementSettings)
    throws(Failure)
  {
    self.topology = topology
    self.bench = bench
    self.options = options
    let engine = options.engine
    self.engine = engine
    (selection, selectionText) = try topology.selection(options.layers)
    let cpus = bench.pinning.by == .ntprof ? bench.pinning.cpus.compactMap { Int($0) } : nil
    worker = try EngineFinder(
      engine: engine, asked: options.enginePython,
      environment: Self.environment(engine, options, cpus: cpus, threads: bench.threads)
    ).start()
    let (program, prediction) = try topology.checked(for: options)
    predictedMemory = prediction.recorded
    let chosen = try topology.chosenWeights()
    weights = chosen.info
    let references = try Self.ownOutputs(
      of: topology, program, options, chosen.provider, threads: bench.threads)
    folder = try PrivateFolder()
    let model = try EngineModel(
      topology, program, for: engine, seed: options.seed, weights: chosen.provider, in: folder)
    nodes = model.nodes
    do throws(EngineError) {
      loaded = try worker.load(
        LoadRequest(
          model: model.path, weights: model.weights, folder: folder.path, inputs: model.inputs,
          outputs: topology.graph.outputs.map { TensorPlace(name: topology.graph.name(of: $0)) },
          threads: bench.threads, precision: options.precision, fusion: !options.noFusion,
          cpus: cpus))
    } catch {
      throw Failure(error, engine: engine)
    }
    model.remove()
    session = EngineSession(
      worker, loaded: loaded, plan: options.rule.enginePlan,
      isCancelled: { Interrupt.isRequested })
    try compareOutputs(with: references)
  }

  /// What the worker's environment says besides this process's.
  private static func environment(
    _ engine: EngineName, _ options: MeasurementSettings, cpus: [Int]?, threads: Int
  ) -> [String: String] {
    guard engine == .pytorch else { return [:] }
    var list = ["OMP_NUM_THREADS": "\(threads)"]
    if let cpus { list["GOMP_CPU_AFFINITY"] = cpus.map(String.init).joined(separator: " ") }
    if let isa = options.isa { list["ONEDNN_MAX_CPU_ISA"] = isa }
    return list
  }

  /// The outputs of one pass of ntprof's own in f32.
  private static func ownOutputs(
    of topology: LoadedTopology, _ program: Program, _ options: MeasurementSettings,
    _ weights: (any WeightProvider)?, threads: Int
  ) throws(Failure) -> [[Float]] {
    do throws(ExecutionError) {
      let plan = try OneDNNEngine().plan(
        program, options: PlanOptions(threads: threads, fusion: true, seed: options.seed),
        weights: weights)
      try plan.run()
      return plan.outputs()
    } catch {
      throw topology.failure(error)
    }
  }

  private func compareOutputs(with references: [[Float]]) throws(Failure) {
    var found: [[Float]] = []
    var digest = SHA256()
    for output in topology.graph.outputs {
      let name = topology.graph.name(of: output)
      guard let place = loaded.outputs.first(where: { $0.name == name }) else { return }
      let values = try PrivateFolder.read(place.file)
      digest.update(values.span.bytes)
      found.append(values)
    }
    outputDigest = digest.hexDigest()
    outputError = OutputComparison.compare(found, with: references)
  }

  /// Takes all samples, until the rule is satisfied.
  package func sample() throws(Failure) {
    let rule = options.rule
    let observer = bench.observer
    do throws(EngineError) {
      try session.measure { bare, seconds in
        observer.progress(
          "measuring \(topology.graph.name) in \(engine.title): \(bare.count) samples")
        return rule.isSatisfied(
          count: bare.count, seconds: seconds,
          halfWidth: bare.count >= 6 ? TimeSummary(samples: bare).relativeHalfWidth : nil)
      }
      if !session.bare.isEmpty {
        rows = EngineRows(
          try worker.profile(), of: topology.graph, table: nodes, selection: selection)
      }
    } catch {
      throw Failure(error, engine: engine)
    }
    observer.progressEnded()
  }

  /// The record of what was measured.
  package func record() -> RunRecord {
    let numbers = LayerNumbers.uniform(
      topology.graph, PrecisionChoice.parse(options.precision))
    let assembler = RecordAssembler(
      graph: topology.graph, selection: selection, numbers: numbers)
    var machine = bench.machine
    machine.onednn = nil
    let facts = worker.facts
    machine.engine = MachineInfo.Engine(
      name: engine.rawValue, version: facts.version, build: facts.build,
      onednn: EngineBuild.oneDNN(in: facts.build ?? ""), isa: isa,
      python: facts.python, settings: loaded.settings)
    var record = RunRecord(
      of: topology.info, weights: weights, created: created, options: runOptions,
      machine: machine, rows: assembler)
    rows?.fill(&record, threads: bench.threads)
    fillPasses(&record)
    record.shareOut()
    KnownSpread(of: record, sha256: topology.info.sha256).state(in: &record)
    record.peakMemoryBytes = worker.peakMemoryBytes
    record.predictedMemoryBytes = predictedMemory
    record.interrupted = Interrupt.isRequested
    record.warnings =
      EngineWarnings(
        record: record, engine: engine, strangers: rows?.strangers ?? [],
        attributed: rows?.attributedShare
      ).list
    return record.statingHindrances()
  }

  /// The instruction set that the engine says it uses.
  private var isa: String? { loaded.settings["cpu_capability"] }

  private var runOptions: RunOptions {
    var made = options.runOptions(
      of: topology.graph, on: bench, layers: selectionText, iterations: session.bare.count,
      warmup: session.warmupPasses)
    made.engine = engine.rawValue
    return made
  }

  private func fillPasses(_ record: inout RunRecord) {
    guard !session.bare.isEmpty else { return }
    let whole = EndToEnd(
      bare: session.bare, batch: record.options.batch, firstInferenceNs: loaded.firstNs,
      planningNs: loaded.loadNs, outputDigest: outputDigest)
    record.endToEnd = whole
    record.endToEnd?.outputError = outputError
    record.unattributed?.nodes?.shareOfBare = rows?.executedNs.map { $0 / whole.time.median }
    guard let timed = record.timedPass?.time else { return }
    record.overhead = Overhead(
      inflation: Overhead.Inflation(timed: timed.median / whole.time.median - 1))
  }
}

extension SamplingRule {
  /// How a session of another engine is planned by this rule.
  package var enginePlan: EngineSession.Plan {
    switch goal {
    case .iterations(let count):
      EngineSession.Plan(passes: count, seconds: 0, isExact: true, warmup: warmup)
    case .seconds(let seconds):
      EngineSession.Plan(passes: 1, seconds: seconds, warmup: warmup)
    case .standard, .percent:
      EngineSession.Plan(
        passes: SamplingRule.minimumSamples, seconds: SamplingRule.budget, warmup: warmup)
    }
  }
}
