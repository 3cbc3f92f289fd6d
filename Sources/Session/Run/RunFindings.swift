package import Machine
package import Measuring
package import Profiling

/// What is found out of a run once its samples are taken, so that the record only states it.
package struct RunFindings {
  /// The record's rows, judged by the machine's roofs as they were beside the run.
  package var rows: RunRecord
  /// Peaks that layers were above of, and that count from now on.
  package var raisedPeaks: Rooflines.PeakFlops?
  /// Of the outputs of the last pass; nil where they are not the network's.
  package var outputDigest: String?
  /// How alike outputs are to those of f32; nil where that was not asked, or is none.
  package var cosineSimilarity: Double?
  /// What values the steps make; nil where nothing more was to run.
  package var activations: ActivationScan?
  /// What reading the clock takes, ns.
  package var clockNs: Double
  /// What processes of this network were seen to differ by.
  package var spread: KnownSpread
  /// What was measured to help.
  package var advice: [MeasuredAdvice]?
  /// What the machine did besides.
  package var conditions: RunConditions?
  /// NUMA nodes of the CPUs that the team's threads may use; nil where the kernel shows none.
  package var threadNodes: Int?
  /// The machine and the environment, for what is said of them.
  package var host: Host
  /// What the team of threads has to be said of.
  package var threadWarnings: [Warning]
  /// Whether idle threads of the team sleep.
  package var threadsSleep: Bool
  /// Whether the run was ended from outside.
  package var isInterrupted: Bool
}
