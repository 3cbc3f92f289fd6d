import Topology

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
