import DNNL
import Machine
import Topology

/// The machine's peak rate, measured with oneDNN itself.
///
/// The larger of a 1024³ `sgemm` and a 256→256 3×3 convolution on 28×28: either can win by a few
/// percent as the clock drifts, and both are what layers can really reach.
public enum PeakRate {
  /// Single-precision FLOP/s over `threads` threads; best of several runs of each kernel.
  ///
  /// - Throws: ``ExecutionError`` when a kernel cannot be made.
  public static func f32(threads: Int, seconds: Double = 0.16) throws(ExecutionError) -> Double {
    max(
      try product(size: 1024, seconds: seconds / 2),
      try convolution(threads: threads, seconds: seconds / 2))
  }

  private static func product(size: Int, seconds: Double) throws(ExecutionError) -> Double {
    let a = [Float](repeating: 0.5, count: size * size)
    let b = [Float](repeating: 0.25, count: size * size)
    var c = [Float](repeating: 0, count: size * size)
    let flop = 2 * Double(size) * Double(size) * Double(size)
    return try best(flop: flop, seconds: seconds) { () throws(ExecutionError) in
      do throws(DNNLError) {
        try Library.sgemm(m: size, n: size, k: size, a: a, b: b, c: &c)
      } catch {
        throw ExecutionError(layer: nil, .library(error))
      }
    }
  }

  private static func convolution(threads: Int, seconds: Double) throws(ExecutionError) -> Double {
    guard let type = try? TensorType(dims: [1, 256, 28, 28], .nchw) else { return 0 }
    var builder = ProgramBuilder(inputs: [type])
    let result = builder.emit(
      .convolution(
        Convolution(
          filters: 256, kernel: [3, 3], stride: [1, 1], paddingBegin: [1, 1], paddingEnd: [1, 1],
          dilation: [1, 1], groups: 1, bias: false)),
      [0], weights: [WeightSlot(.weights, dims: [256, 256, 3, 3], fanIn: 256 * 9)], type: type)
    let plan = try Plan(builder.program(outputs: [result]), options: PlanOptions(threads: threads))
    let flop = 2.0 * 256 * 256 * 9 * 28 * 28
    // The step alone: a pass also reorders its input and output.
    try plan.run()
    guard let step = plan.steps.firstIndex(where: { $0.kind == "convolution" }) else { return 0 }
    return try best(flop: flop, seconds: seconds) { () throws(ExecutionError) in
      try plan.run(step: step)
    }
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
      rate = max(rate, flop / (Double(max(Clock.now() - start, 1)) * 1e-9))
    } while Double(Clock.now() - begin) * 1e-9 < seconds
    return rate
  }
}
