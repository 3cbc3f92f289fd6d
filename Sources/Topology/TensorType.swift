/// What the dimensions of a tensor mean, named as in the topology language.
public enum Layout: String, Hashable, Sendable, CaseIterable {
  /// Batch, channels.
  case nc
  /// Batch, channels, width: 1-D convolution.
  case ncw
  /// Batch, channels, height, width: images.
  case nchw
  /// Batch, channels, depth, height, width: volumes.
  case ncdhw
  /// Time, batch, channels: sequences.
  case tnc
  /// Anything else; the first dimension counts as the batch.
  case other

  /// The number of dimensions the layout demands; `nil` for ``other``.
  public var rank: Int? {
    switch self {
    case .nc: 2
    case .ncw, .tnc: 3
    case .nchw: 4
    case .ncdhw: 5
    case .other: nil
    }
  }

  /// The dimension that `--batch` replaces.
  public var batchAxis: Int { self == .tnc ? 1 : 0 }

  /// The dimension of the channels; `nil` where there is none.
  public var channelAxis: Int? {
    switch self {
    case .nc, .ncw, .nchw, .ncdhw: 1
    case .tnc: 2
    case .other: nil
    }
  }

  /// How many spatial dimensions follow the channels (0 for `nc` and `tnc`).
  public var spatialRank: Int {
    switch self {
    case .ncw: 1
    case .nchw: 2
    case .ncdhw: 3
    case .nc, .tnc, .other: 0
    }
  }

  /// The layout of dims whose meaning nobody told; three are not taken for a sequence.
  static func unnamed(_ rank: Int) -> Layout {
    switch rank {
    case 2: .nc
    case 4: .nchw
    case 5: .ncdhw
    default: .other
    }
  }

  /// The layout of images with that many spatial dimensions.
  public static func spatial(_ rank: Int) -> Layout {
    switch rank {
    case 0: .nc
    case 1: .ncw
    case 2: .nchw
    case 3: .ncdhw
    default: .other
    }
  }
}

/// Shape and layout of a value that flows through the graph.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// The extents.
  public let shape: Shape
  /// What they mean.
  public let layout: Layout

  /// Makes a type.
  ///
  /// - Throws: ``ShapeError`` when the layout demands another number of dimensions.
  public init(_ shape: Shape, _ layout: Layout) throws(ShapeError) {
    if let rank = layout.rank, rank != shape.rank {
      throw ShapeError(
        "layout \(layout.rawValue) wants \(rank) dimensions, \(shape) has \(shape.rank)")
    }
    self.shape = shape
    self.layout = layout
  }

  /// Makes a type from extents.
  ///
  /// - Throws: ``ShapeError`` when the extents or the layout do not fit.
  public init(dims: [Int], _ layout: Layout) throws(ShapeError) {
    try self.init(Shape(dims), layout)
  }

  /// The extents.
  public var dims: [Int] { shape.dims }

  /// The number of elements.
  public var elementCount: Int { shape.elementCount }

  /// The batch size.
  public var batch: Int { shape[layout.batchAxis] }

  /// The dims and the layout, as in `1x3x224x224 nchw`.
  public var description: String {
    layout == .other ? shape.description : "\(shape) \(layout.rawValue)"
  }
}
