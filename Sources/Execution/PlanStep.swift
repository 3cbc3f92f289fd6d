public import Profiling
import Topology

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

/// The parts of what a step reads that its window meets: a stride beyond the kernel skips cells, and
/// taps that lie in the padding at every position are not read.
struct TouchedParts {
  private var cells = (met: 1, all: 1)
  private var taps = (met: 1, all: 1)

  /// Everything.
  init() {}

  /// What a window meets of `input` cells and of `kernel` taps.
  init(_ valid: ValidTaps, input: some Sequence<Int>, kernel: [Int]) {
    cells = (valid.inputs, input.reduce(1, *))
    taps = (valid.taps, kernel.reduce(1, *))
  }

  /// Of the bytes of a source.
  func source(_ bytes: Int) -> Int { bytes / max(cells.all, 1) * cells.met }
  /// Of the bytes of weights.
  func weights(_ bytes: Int) -> Int { bytes / max(taps.all, 1) * taps.met }
}
