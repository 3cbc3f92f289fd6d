public import Profiling

/// One thing that a pass does: a oneDNN primitive, a reorder, a host kernel, or a run of these that
/// together compute an instruction.
public struct PlanStep: Hashable, Sendable {
  /// Index of the layer it runs for.
  public let layer: Int
  /// Indices of the program's instructions it computes; none for a reorder between them.
  public let sources: [Int]
  /// oneDNN's primitive kind (`convolution`, `reorder`, …) or `host`.
  public let kind: String
  /// oneDNN's implementation name, or the host kernel's name; of a recurrent layer that runs as a
  /// product for each time step, `split:` and the name of that product's implementation.
  public let implementation: String
  /// Algorithm, such as `convolution_direct`, if the primitive has one.
  public let algorithm: String?
  /// Memory formats by argument: `src`, `weights`, `dst`, ….
  public let formats: [String: String]
  /// What is fused into it, in order: `batch_normalization`, then oneDNN's post-ops.
  public let postOps: [String]
  /// The bytes it moves at least.
  public let traffic: StepTraffic
  /// Primitives and host kernels that it executes.
  public var commandCount = 1
  /// What else was tried for it.
  public let alternatives: [Alternative]
  /// How far its results lie from those of the direct algorithm, as a share of the largest one;
  /// `nil` where they do not, or where it was not looked at.
  public var numericalError: Double?
  /// The numbers it reads.
  public var precision: Precision = .f32
  /// Why it computes in f32 where another precision was asked for; `nil` for any other step.
  public var reasonForF32: String?
}

/// Analytic traffic of one step, bytes.
public struct StepTraffic: Hashable, Sendable {
  /// Constants, once.
  public var weightBytes: Int
  /// Weights read again, as the recurrent implementations do at every time step.
  public var rereadBytes: Int
  /// Sources, second operands and results, once each.
  public var activationBytes: Int

  /// Makes the traffic of a step.
  public init(weightBytes: Int = 0, rereadBytes: Int = 0, activationBytes: Int = 0) {
    self.weightBytes = weightBytes
    self.rereadBytes = rereadBytes
    self.activationBytes = activationBytes
  }
}
