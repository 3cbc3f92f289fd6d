import Execution
package import FoundationEssentials
package import Measuring
package import Profiling
package import Topology

extension MeasurementSettings {
  /// The record's `options` of a run of these.
  ///
  /// - Parameters:
  ///   - graph: What ran.
  ///   - bench: Where.
  ///   - layers: The selection in words.
  ///   - iterations: Passes that were measured.
  ///   - warmup: Passes before.
  /// - Returns: What was asked for and what was done.
  package func runOptions(
    of graph: Graph, on bench: Bench, layers: String, iterations: Int, warmup: Int
  ) -> RunOptions {
    var made = RunOptions(
      batch: graph.inputs.first?.type.batch ?? 1, threads: bench.askedThreads,
      precision: PrecisionName(rawValue: precision), iterations: iterations, warmup: warmup,
      cache: cache,
      fusion: !planning.noFusion, tuning: tuning, seed: planning.seed, layers: layers,
      counters: bench.choice, isa: planning.isa)
    made.threadsRan = bench.threads
    made.pinning = bench.pinning
    made.exact = planning.exact ? true : nil
    made.tuningBudget = tuning == "auto" ? planning.tuningBudget : nil
    return made
  }
}

extension RunRecord {
  /// The record of a network with rows in which nothing is measured yet.
  ///
  /// - Parameters:
  ///   - topology: What it is of.
  ///   - weights: Where its weights come from; what `topology` says where nil.
  ///   - created: When the run began.
  ///   - options: How it is measured.
  ///   - machine: Where.
  ///   - assembler: Who makes the rows.
  package init(
    of topology: TopologyInfo, weights: WeightsInfo?, created: Date = .now, options: RunOptions,
    machine: MachineInfo, rows assembler: RecordAssembler
  ) {
    var info = topology
    if let weights { info.weights = weights }
    self.init(
      created: created.formatted(.iso8601), tool: .ntprof, command: CommandWords.current,
      topology: info, options: options, machine: machine, totals: assembler.totals(),
      layers: assembler.layers(), segments: assembler.segments())
  }
}

extension EndToEnd {
  /// What bare passes of a run say of the whole network.
  ///
  /// - Precondition: `bare` is not empty.
  package init(
    bare: [Double], batch: Int, firstInferenceNs: Double?, planningNs: Double,
    outputDigest: String?
  ) {
    let time = TimeSummary(samples: bare)
    self.init(
      time: time, throughputPerSecond: Double(batch) / (time.median * 1e-9),
      firstInferenceNs: firstInferenceNs, outputDigest: outputDigest)
    self.planningNs = planningNs
    stability = Stability(samples: bare)
  }
}
