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

/// Blocks of cells of an image, and the channels they are made of.
public struct SpaceBlocks: Hashable, Sendable {
  /// Which way elements move.
  public enum Direction: Hashable, Sendable {
    /// Channels become cells; the high part of a channel's number tells the cell (ONNX's DCR).
    case toSpace
    /// Channels become cells; the low part of a channel's number tells the cell (ONNX's CRD).
    case toSpaceChannelsFirst
    /// Cells become channels, the cell being the high part of the channel's number.
    case toDepth
  }

  /// Cells of a block in each dimension.
  public var block: Int
  /// Which way elements move.
  public var direction: Direction

  /// Makes a movement.
  public init(block: Int, direction: Direction) {
    self.block = block
    self.direction = direction
  }

  /// The movement as a transposition: dims of the source, and their order in the result.
  public func transposition(of dims: [Int]) -> (dims: [Int], order: [Int]) {
    let (batch, channels, height, width) = (dims[0], dims[1], dims[2], dims[3])
    let inner = channels / (block * block)
    return switch direction {
    case .toSpace: ([batch, block, block, inner, height, width], [0, 3, 4, 1, 5, 2])
    case .toSpaceChannelsFirst: ([batch, inner, block, block, height, width], [0, 1, 4, 2, 5, 3])
    case .toDepth:
      ([batch, channels, height / block, block, width / block, block], [0, 3, 5, 1, 2, 4])
    }
  }
}

/// Sums of what lies before along an axis.
public struct CumulativeSum: Hashable, Sendable {
  /// The axis.
  public var axis: Int
  /// Whether an element is no part of its own sum.
  public var isExclusive: Bool
  /// Whether sums begin at the end.
  public var isReversed: Bool

  /// Makes a sum.
  public init(axis: Int, isExclusive: Bool, isReversed: Bool) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReversed = isReversed
  }
}

/// The largest or smallest elements along an axis, in order; of equal ones the first.
public struct TopK: Hashable, Sendable {
  /// What is told of them.
  public enum Output: String, Hashable, Sendable, CaseIterable {
    /// The elements.
    case values
    /// Where they stand along the axis.
    case indices
  }

  /// The axis.
  public var axis: Int
  /// Whether the largest ones are taken.
  public var isLargest: Bool
  /// What is told of them.
  public var output: Output

  /// Makes a choice.
  public init(axis: Int, isLargest: Bool, output: Output) {
    self.axis = axis
    self.isLargest = isLargest
    self.output = output
  }
}

/// Indices as rows of one value that is on and others that are off.
public struct OneHot: Hashable, Sendable {
  /// The axis of the result along which they lie.
  public var axis: Int
  /// The value at the index.
  public var on: Double
  /// The value elsewhere.
  public var off: Double

  /// Makes an encoding.
  public init(axis: Int, on: Double, off: Double) {
    self.axis = axis
    self.on = on
    self.off = off
  }
}
