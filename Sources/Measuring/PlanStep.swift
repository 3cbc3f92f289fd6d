public import Profiling

/// One thing that a pass does: a primitive of the engine, a reorder, a host kernel, or a run of these that
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
  /// Operations of the direct algorithm that it leaves out, a multiply-add being two.
  ///
  /// A recurrent layer's product with a first state that is zero. Negative where it executes more: a
  /// convolution by `gemm` multiplies the zeros of the padding, too.
  public var skippedFlops = 0
  /// Primitives and host kernels that it executes.
  public var commandCount = 1
  /// What else was tried for it.
  public let alternatives: [Alternative]
  /// How far its results lie from those of the direct algorithm, as a share of the largest one;
  /// `nil` where they do not, or where it was not looked at.
  public var numericalError: Double?
  /// How its implementation was chosen; `nil` where there was no choice to make.
  public var choice: TuningSource?
  /// The numbers it reads.
  public var precision: Precision = .f32
  /// Why it computes in f32 where another precision was asked for; `nil` for any other step.
  public var reasonForF32: String?

  /// Describes a step.
  public init(
    layer: Int, sources: [Int], kind: String, implementation: String, algorithm: String? = nil,
    formats: [String: String] = [:], postOps: [String] = [], traffic: StepTraffic = StepTraffic(),
    skippedFlops: Int = 0, commandCount: Int = 1, alternatives: [Alternative] = [],
    numericalError: Double? = nil, choice: TuningSource? = nil, precision: Precision = .f32,
    reasonForF32: String? = nil
  ) {
    self.layer = layer
    self.sources = sources
    self.kind = kind
    self.implementation = implementation
    self.algorithm = algorithm
    self.formats = formats
    self.postOps = postOps
    self.traffic = traffic
    self.skippedFlops = skippedFlops
    self.commandCount = commandCount
    self.alternatives = alternatives
    self.numericalError = numericalError
    self.choice = choice
    self.precision = precision
    self.reasonForF32 = reasonForF32
  }
}

/// Analytic traffic of one step, bytes.
public struct StepTraffic: Hashable, Sendable {
  /// Constants, once.
  public var weightBytes: Int
  /// Weights read again, as the recurrent implementations do at every time step.
  public var reread: WeightReread
  /// Sources, second operands and results, once each.
  public var activationBytes: Int
  /// Those of ``activationBytes`` that are written.
  public var writtenBytes: Int

  /// Makes the traffic of a step.
  public init(
    weightBytes: Int = 0, reread: WeightReread = WeightReread(), activationBytes: Int = 0,
    writtenBytes: Int = 0
  ) {
    self.weightBytes = weightBytes
    self.reread = reread
    self.activationBytes = activationBytes
    self.writtenBytes = writtenBytes
  }
}

/// Weights that a step reads again and again.
public struct WeightReread: Hashable, Sendable {
  /// Bytes of all reads but the first, over all of it.
  public var bytes: Int
  /// Bytes that lie between two reads of the same weight: what must fit a cache for the second one
  /// to come from there.
  public var setBytes: Int

  /// Describes reads; none by default.
  public init(bytes: Int = 0, setBytes: Int = 0) {
    self.bytes = bytes
    self.setBytes = setBytes
  }
}
