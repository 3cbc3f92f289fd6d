import Execution
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
      precision: precision, iterations: iterations, warmup: warmup, cache: cache,
      fusion: !planning.noFusion, tuning: tuning, seed: planning.seed, layers: layers,
      counters: bench.choice, isa: planning.isa)
    made.threadsRan = bench.threads
    made.pinning = bench.pinning
    made.exact = planning.exact ? true : nil
    made.tuningBudget = tuning == "auto" ? planning.tuningBudget : nil
    return made
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
