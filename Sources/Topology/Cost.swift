/// The analytic cost of one primitive: computed from shapes alone, never measured.
///
/// The formulas stand beside each layer kind. `macs` counts the multiply-adds of convolutions,
/// fully connected, recurrent, matmul and attention products only (what papers publish);
/// `flops` = 2 × `macs` + one per element of every element-wise operation, normalisation,
/// pooling window and softmax term. Both are of the direct algorithm.
public struct Cost: Hashable, Sendable {
  /// Trained values: weights and biases, batch-norm scale and shift, one bias vector a gate.
  public var parameters: Int
  /// Elements of every constant the primitive reads (also running statistics).
  public var weightElements: Int
  /// Multiply-adds of the products.
  public var macs: Int
  /// Floating-point operations.
  public var flops: Int
  /// Those of ``flops`` that belong to taps in the padding, which papers count and nobody executes
  /// (``ValidTaps``).
  public var paddingFlops: Int

  /// Makes a cost; `weightElements` defaults to `parameters`.
  public init(
    parameters: Int = 0, weightElements: Int? = nil, macs: Int = 0, flops: Int = 0,
    paddingFlops: Int = 0
  ) {
    self.parameters = parameters
    self.weightElements = weightElements ?? parameters
    self.macs = macs
    self.flops = flops
    self.paddingFlops = paddingFlops
  }

  /// Floating-point operations that the direct algorithm executes.
  public var executedFlops: Int { flops - paddingFlops }

  /// The largest total: bytes of so many elements, summed with others, fit 64 bits.
  private static let largest = 1 << 58

  /// The sum of two costs.
  ///
  /// - Throws: ``ShapeError`` when a sum, or the bytes of so many elements, leave 64 bits.
  public func adding(_ other: Cost) throws(ShapeError) -> Cost {
    func sum(_ a: Int, _ b: Int) throws(ShapeError) -> Int {
      let (value, overflow) = a.addingReportingOverflow(b)
      if overflow || value > Self.largest { throw ShapeError("a total does not fit 64 bits") }
      return value
    }
    return Cost(
      parameters: try sum(parameters, other.parameters),
      weightElements: try sum(weightElements, other.weightElements),
      macs: try sum(macs, other.macs), flops: try sum(flops, other.flops),
      paddingFlops: try sum(paddingFlops, other.paddingFlops))
  }
}
