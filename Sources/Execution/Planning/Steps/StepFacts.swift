import Measuring
import Profiling

/// What a primitive's step says about itself.
struct StepFacts {
  var kind: String
  var algorithm: String?
  var sources: [Int]
  var postOps: [String] = []
  var reread = WeightReread()
  /// The parts of source and weights that a window meets; whole by default.
  var touched = TouchedParts()
  /// Operations of taps in the padding, which an implementation that unfolds its input executes.
  var paddingFlops = 0
  var alternatives: [Alternative] = []
  var numericalError: Double?
  var choice: TuningSource?
  /// Whether its result, a column of places with the channels last, is the value in plain order.
  var isColumn = false
}
