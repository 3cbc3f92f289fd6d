/// Which operands of a product of matrices are transposed.
public struct MatrixProduct: Hashable, Sendable {
  /// Whether the first one is K × M.
  public var transposesFirst: Bool
  /// Whether the second one is N × K.
  public var transposesSecond: Bool

  /// Makes a product.
  public init(transposesFirst: Bool = false, transposesSecond: Bool = false) {
    self.transposesFirst = transposesFirst
    self.transposesSecond = transposesSecond
  }
}

/// Numbers of a local response normalisation: x / (k + alpha/size · Σ x²)^beta.
public struct LocalResponse: Hashable, Sendable {
  /// Channels in the window, odd.
  public var size: Int
  /// Factor of the mean of squares.
  public var alpha: Double
  /// Exponent.
  public var beta: Double
  /// Added to the mean.
  public var k: Double

  /// Makes a normalisation.
  public init(size: Int, alpha: Double, beta: Double, k: Double) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }
}

/// How the cells of a resampled image are made; places are the centres of cells.
public enum ResamplingKind: String, Hashable, Sendable, CaseIterable {
  /// The nearest cell; of two the later one.
  case nearest
  /// Interpolated between the nearest cells of each dimension.
  case linear
}

/// What becomes of the elements of the dimensions that are folded.
public enum ReductionKind: String, Hashable, Sendable, CaseIterable {
  /// Their sum.
  case sum
  /// Their mean.
  case mean
  /// The largest one.
  case max
  /// The smallest one.
  case min
  /// Their product.
  case prod
  /// The sum of their magnitudes.
  case l1
  /// The root of the sum of their squares.
  case l2
}

/// A part of a tensor: element i along an axis is element `starts + i·steps` of the source.
public struct Slice: Hashable, Sendable {
  /// First index, one an axis.
  public var starts: [Int]
  /// Distance of neighbours, one an axis; not 0.
  public var steps: [Int]

  /// Makes a slice.
  public init(starts: [Int], steps: [Int]) {
    self.starts = starts
    self.steps = steps
  }
}

/// Cells around a tensor.
public struct Padding: Hashable, Sendable {
  /// What the cells hold.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// One number.
    case constant
    /// The elements mirrored at the outermost one, which is not repeated.
    case reflect
    /// The outermost element.
    case edge
  }

  /// Cells before the first one, one an axis.
  public var begins: [Int]
  /// What the cells hold.
  public var mode: Mode
  /// The number of constant cells.
  public var value: Double

  /// Makes a padding.
  public init(begins: [Int], mode: Mode, value: Double = 0) {
    self.begins = begins
    self.mode = mode
    self.value = value
  }
}
