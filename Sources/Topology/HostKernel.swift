/// Plain Swift code that computes one value from others; all data f32 in plain row-major order.
public protocol HostKernel: Sendable {
  /// What reports call it, e.g. `mfcc`.
  var name: String { get }

  /// Computes `output` from `inputs`; the buffers have exactly the types' element counts.
  func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType)
}

/// A host kernel whose work falls into parts that do not depend on each other, so that a team of
/// threads can share them.
public protocol ParallelKernel: HostKernel {
  /// How many parts there are; all take about as long.
  func partCount(types: [TensorType], type: TensorType) -> Int

  /// Computes what some of the parts give, from the same buffers for all of them.
  func run(
    parts: Range<Int>, inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType)
}

extension ParallelKernel {
  /// Computes all parts, one after another.
  public func run(
    inputs: [UnsafeBufferPointer<Float>], types: [TensorType],
    output: UnsafeMutableBufferPointer<Float>, type: TensorType
  ) {
    run(
      parts: 0..<partCount(types: types, type: type), inputs: inputs, types: types,
      output: output, type: type)
  }
}
