import Machine
import Measuring
import Profiling
import Session

/// What is found out of a run once its samples are taken, so that the record only states it.
struct RunFindings {
  /// The record's rows, judged by the machine's roofs as they were beside the run.
  var rows: RunRecord
  /// Peaks that layers were above of, and that count from now on.
  var raisedPeaks: Rooflines.PeakFlops?
  /// Of the outputs of the last pass; nil where they are not the network's.
  var outputDigest: String?
  /// How alike outputs are to those of f32; nil where that was not asked, or is none.
  var cosineSimilarity: Double?
  /// What values the steps make; nil where nothing more was to run.
  var activations: ActivationScan?
  /// What reading the clock takes, ns.
  var clockNs: Double
  /// What processes of this network were seen to differ by.
  var spread: KnownSpread
  /// What was measured to help.
  var advice: [MeasuredAdvice]?
  /// What the machine did besides.
  var conditions: RunConditions?
  /// The machine and the environment, for what is said of them.
  var host: Host
  /// What the team of threads has to be said of.
  var threadWarnings: [Warning]
  /// Whether idle threads of the team sleep.
  var threadsSleep: Bool
  /// Whether the run was ended from outside.
  var isInterrupted: Bool
}
