import DNNL
import Machine

/// The machine's peak rate, measured with oneDNN itself.
///
/// The larger of a 1024³ `sgemm` and a 256→256 3×3 convolution on 28×28: either can win by a few
/// percent as the clock drifts, and both are what layers can really reach.
public enum PeakRate {
  /// Single-precision FLOP/s over `threads` threads; best of several runs of each kernel.
  ///
  /// - Throws: ``ExecutionError`` when a kernel cannot be made.
  public static func f32(threads: Int, seconds: Double = 0.12) throws(ExecutionError) -> Double {
    max(
      try sgemm(size: 1024, seconds: seconds / 2),
      try convolution(threads: threads, seconds: seconds / 2))
  }

  private static func best(
    flop: Double, seconds: Double, _ body: () throws(ExecutionError) -> Void
  ) throws(ExecutionError) -> Double {
    try body()
    var rate = 0.0
    let begin = Clock.now()
    repeat {
      let start = Clock.now()
      try body()
      rate = max(rate, flop / (Double(Clock.now() - start) * 1e-9))
    } while Double(Clock.now() - begin) * 1e-9 < seconds
    return rate
  }
}
