import DNNL
import Machine
public import Measuring
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
      try convolution(threads: threads, seconds: seconds / 2) ?? 0)
  }

  /// FLOP/s of a narrower precision over `threads` threads (a product of integers and its sum are
  /// two), measured on primitives of the same sizes; `nil` where oneDNN has no code for it.
  ///
  /// - Throws: ``ExecutionError`` when a kernel cannot be made.
  public static func narrow(
    _ precision: Precision, threads: Int, seconds: Double = 0.1
  ) throws(ExecutionError) -> Double? {
    let rates = [
      try innerProduct(threads: threads, seconds: seconds / 2, precision),
      try convolution(threads: threads, seconds: seconds / 2, precision),
    ]
    return rates.compactMap(\.self).max()
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
        throw ExecutionError(layer: nil, error)
      }
    }
  }

  private static func convolution(
    threads: Int, seconds: Double, _ precision: Precision = .f32
  ) throws(ExecutionError) -> Double? {
    guard let type = try? TensorType(dims: [1, 256, 28, 28], .nchw) else { return nil }
    var builder = ProgramBuilder(inputs: [type])
    var value = 0
    // The second one has a source that is not negative, as behind every rectifier.
    for _ in 0..<2 {
      value = builder.emit(
        .convolution(
          Convolution(
            filters: 256, kernel: [3, 3], stride: [1, 1], paddingBegin: [1, 1], paddingEnd: [1, 1],
            dilation: [1, 1], groups: 1, bias: false)),
        [value], weights: [WeightSlot(.weights, dims: [256, 256, 3, 3], fanIn: 256 * 9)],
        type: type)
      value = builder.emit(.eltwise(Eltwise(.relu)), [value], type: type)
    }
    return try rate(
      of: "convolution", in: builder.program(outputs: [value]), flop: 2.0 * 256 * 256 * 9 * 28 * 28,
      seconds: seconds, PlanOptions(threads: threads, precision: precision))
  }

  private static func innerProduct(
    threads: Int, seconds: Double, _ precision: Precision
  ) throws(ExecutionError) -> Double? {
    let size = 1024
    guard let type = try? TensorType(dims: [size, size], .nc) else { return nil }
    var builder = ProgramBuilder(inputs: [type])
    let squares = builder.emit(.eltwise(Eltwise(.square)), [0], type: type)
    let result = builder.emit(
      .innerProduct(InnerProduct(units: size, bias: false)), [squares],
      weights: [WeightSlot(.weights, dims: [size, size], fanIn: size)], type: type)
    return try rate(
      of: "inner_product", in: builder.program(outputs: [result]),
      flop: 2 * Double(size) * Double(size) * Double(size), seconds: seconds,
      PlanOptions(threads: threads, precision: precision))
  }

  /// The best rate of the last step of a kind; `nil` where it does not run in the precision.
  private static func rate(
    of kind: String, in program: Program, flop: Double, seconds: Double, _ options: PlanOptions
  ) throws(ExecutionError) -> Double? {
    let plan = try Plan(program, options: options)
    // The step alone: a pass also reorders its input and output.
    try plan.run()
    guard let step = plan.steps.lastIndex(where: { $0.kind == kind }),
      plan.steps[step].precision == options.precision
    else { return nil }
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
