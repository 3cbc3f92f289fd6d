import DNNL

/// A product of rows with a matrix, as a convolution with a window of one place over a column of those
/// rows, channels last: the same numbers in the same memory.
///
/// Without AVX-512 oneDNN 2.6 has no product of its own but a general one, which packs the matrix at
/// every call; its convolutions read weights that were packed once. `docs/tuning.md` has what that
/// takes: 0.15 of the time for 4 rows of 4096 numbers, 0.7 for 128 of 768.
struct ColumnProduct {
  /// The rows that gain: one is read as fast either way, and over many the packing is little.
  static let gaining = 2...512
  /// Elements of the matrix from which on a call of a convolution costs no more than is gained.
  private static let leastElements = 4096

  /// The rows as places of one image.
  let source: MemoryDescriptor
  /// The results, as many as rows.
  let result: MemoryDescriptor
  /// The matrix, packed as oneDNN likes it best.
  let weights: MemoryDescriptor
  /// The bias, where there is one.
  let bias: MemoryDescriptor
  private let engine: DNNL.Engine

  /// The product of f32 `rows` of `inner` numbers that gives `units` each; `nil` where it cannot gain.
  init?(_ engine: DNNL.Engine, rows: Int, inner: Int, units: Int) throws(DNNLError) {
    guard Self.gaining.contains(rows), min(inner, units) >= ConvolutionForms.vector,
      inner * units >= Self.leastElements, let last = MemoryFormat("acdb", rank: 4)
    else { return nil }
    self.engine = engine
    source = try MemoryDescriptor([1, inner, rows, 1], .f32, last)
    result = try MemoryDescriptor([1, units, rows, 1], .f32, last)
    weights = try MemoryDescriptor([units, inner, 1, 1], .f32, .any)
    bias = try MemoryDescriptor([units])
  }

  /// The convolution.
  func convolution(
    _ attributes: borrowing PrimitiveAttributes, _ dst: MemoryDescriptor? = nil, hasBias: Bool
  ) throws(DNNLError) -> PrimitiveDescriptor {
    let window = Window(
      strides: [1, 1], dilation: [1, 1], paddingBegin: [0, 0], paddingEnd: [0, 0])
    return try .convolution(
      engine, .direct, src: source, weights: weights, bias: hasBias ? bias : nil,
      dst: dst ?? result, window, attributes)
  }

  /// Whether oneDNN has generated code for it, and no more than a general product otherwise.
  func gains(
    over implementation: String, _ attributes: borrowing PrimitiveAttributes
  ) throws(DNNLError) -> Bool {
    guard Implementation.quality(implementation) < 2 else { return false }
    do throws(DNNLError) {
      return Implementation.quality(try convolution(attributes, hasBias: false).implementation) == 2
    } catch {
      guard error.isRefusal else { throw error }
      return false
    }
  }
}
