/// One computation that an executor can run: what a primitive of the topology lowers to.
///
/// The cases are close to oneDNN's primitives and carry resolved numbers only; nothing is left
/// to infer. Weights are not attributes but ``WeightSlot``s of the ``Instruction``.
public enum Operation: Sendable {
  /// src N C spatial; weights `[O, I, k…]`, or `[G, O/G, I/G, k…]` when grouped; bias `[O]`.
  case convolution(Convolution)
  /// As ``convolution(_:)``, transposed: each src cell is spread over a window of dst.
  case deconvolution(Convolution)
  /// src N × rest; weights `[O, rest…]`; bias `[O]`. A `tnc` source counts as (T·N) × C.
  case innerProduct(InnerProduct)
  /// src T N C, then the first states D N H, if they are not zero: h, and c of an LSTM. Beside dst
  /// the last states, alike, where they are wanted; weights `[1, D, I, G, H]`, weightsIteration `[1, D, H, G, H]`, bias `[1, D, G, H]`.
  case recurrent(Recurrent)
  /// src … M K and … K N (exchanged where transposed), leading dims broadcast; dst … M N.
  case matrixProduct(MatrixProduct)
  /// src N C spatial.
  case pooling(Pooling)
  /// Any src; dst alike.
  case eltwise(Eltwise)
  /// Two sources of one rank, broadcasting to dst.
  case binary(BinaryKind)
  /// Two or more sources, joined along the axis.
  case concat(axis: Int)
  /// Any src; dst alike.
  case softmax(axis: Int)
  /// Any src; dst alike.
  case logSoftmax(axis: Int)
  /// src N C …; scale, shift, mean, variance `[C]`; the channel is dimension 1 (2 for `tnc`).
  case batchNormalization(epsilon: Double)
  /// Any src that is rows of the constants' elements in plain order; scale, shift `[C]`.
  case layerNormalization(epsilon: Double)
  /// src N C …; scale, shift `[C]`; statistics are those of a sample's group of channels.
  case groupNormalization(groups: Int, epsilon: Double)
  /// Any src that is rows of the scale's elements in plain order; scale `[C]`.
  case rootMeanSquareNormalization(epsilon: Double)
  /// Any src; dst alike; slope `[C]` of the channels, or `[1]`.
  case parametricRelu
  /// src N C …; dst alike.
  case localResponse(LocalResponse)
  /// src N C spatial; dst the same in another size.
  case resampling(ResamplingKind)
  /// dst has extents of 1 where src is folded.
  case reduction(ReductionKind)
  /// Dimension i of dst is dimension `order[i]` of src.
  case transpose(order: [Int])
  /// A part of src; its extents are those of dst.
  case slice(Slice)
  /// src with more cells around it; the extents are those of dst.
  case pad(Padding)
  /// src with its elements moved along each axis, 0 ≤ shift < extent, those over the end to the
  /// beginning.
  case roll(shifts: [Int])
  /// src with extents of 1 stretched to those of dst.
  case expand
  /// src N C H W; blocks of cells made of channels, or channels of them.
  case spaceBlocks(SpaceBlocks)
  /// Any src; dst alike.
  case cumulativeSum(CumulativeSum)
  /// dst as src, with as many elements along the axis as are taken.
  case topK(TopK)
  /// dst has the indices' dims and one more, along which one element is on.
  case oneHot(OneHot)
  /// Three sources, broadcasting to dst: the second one where the first is not 0, else the third.
  case select
  /// Slices of the first source along the axis, chosen by the indices in the second one.
  case gather(axis: Int)
  /// Rows of the weights `[rows, dim]` chosen by the indices in src; dst src × dim.
  case embedding
  /// src … R C, R ≤ C; dst alike, with `value` beyond the diagonal that ends in the last corner of each
  /// matrix.
  case causalMask(value: Float)
  /// The same elements in the same plain order under other dims; free unless src is blocked.
  case reshape
  /// No source; dst holds the weights, which have its dims. Made once, not in each pass.
  case constant(name: String)
  /// The value itself; nothing runs.
  case identity
  /// A copy of the source into memory of its own.
  case copy
  /// The source in another memory format, named as oneDNN's tags (`nhwc`, `nChw16c`…).
  case reorder(format: String)
  /// Plain Swift on plain f32 data: inlays and data movements that oneDNN lacks.
  case host(any HostKernel)
}

/// Resolved numbers of a convolution; one entry a spatial dimension.
public struct Convolution: Hashable, Sendable {
  /// Number of output channels.
  public var filters: Int
  /// Kernel extents.
  public var kernel: [Int]
  /// Strides.
  public var stride: [Int]
  /// Zero cells before the first one.
  public var paddingBegin: [Int]
  /// Zero cells after the last one.
  public var paddingEnd: [Int]
  /// Distance of neighbouring taps; 1 is a dense kernel (oneDNN counts from 0).
  public var dilation: [Int]
  /// Number of groups; the input channels for a depthwise convolution.
  public var groups: Int
  /// Whether a bias is added.
  public var bias: Bool

  /// Makes a convolution of resolved numbers.
  public init(
    filters: Int, kernel: [Int], stride: [Int], paddingBegin: [Int], paddingEnd: [Int],
    dilation: [Int], groups: Int, bias: Bool
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.paddingBegin = paddingBegin
    self.paddingEnd = paddingEnd
    self.dilation = dilation
    self.groups = groups
    self.bias = bias
  }
}

/// Resolved numbers of a fully connected primitive.
public struct InnerProduct: Hashable, Sendable {
  /// Number of output channels.
  public var units: Int
  /// Whether a bias is added.
  public var bias: Bool

  /// Makes an inner product.
  public init(units: Int, bias: Bool) {
    self.units = units
    self.bias = bias
  }
}

/// Resolved numbers of one recurrent layer (stacked layers are instructions of their own).
public struct Recurrent: Hashable, Sendable {
  /// The cell.
  public enum Cell: Hashable, Sendable {
    /// Gates in oneDNN's order: input, forget, candidate, output.
    case lstm
    /// Gates: update, reset, candidate.
    case gru
    /// `gru` with the reset gate after the product; its bias has a fourth vector.
    case linearBeforeResetGRU
    /// One gate with this activation (relu, tanh or sigmoid).
    case vanilla(EltwiseKind)

    /// Number of gates: G of the weights.
    public var gates: Int {
      switch self {
      case .lstm: 4
      case .gru, .linearBeforeResetGRU: 3
      case .vanilla: 1
      }
    }

    /// Number of bias vectors.
    public var biases: Int { self == .linearBeforeResetGRU ? 4 : gates }
  }

  /// Which way time is walked, and how two ways are joined.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// From the first step to the last.
    case forward
    /// From the last step to the first.
    case backward
    /// Both; outputs concatenated.
    case bidirectional
    /// Both; outputs added.
    case bidirectionalSum = "bidirectional-sum"

    /// D of the weights: 1 or 2.
    public var count: Int { self == .forward || self == .backward ? 1 : 2 }
  }

  /// The cell.
  public var cell: Cell
  /// Number of hidden channels a direction.
  public var hidden: Int
  /// The direction.
  public var direction: Direction

  /// Makes a recurrent layer.
  public init(cell: Cell, hidden: Int, direction: Direction) {
    self.cell = cell
    self.hidden = hidden
    self.direction = direction
  }
}

/// Resolved numbers of a pooling primitive; one entry a spatial dimension.
public struct Pooling: Hashable, Sendable {
  /// What a window yields.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The largest element.
    case max
    /// The mean; padding cells counted or not as ``Pooling/countIncludePad`` says.
    case avg
  }

  /// What a window yields.
  public var kind: Kind
  /// Window extents.
  public var kernel: [Int]
  /// Strides.
  public var stride: [Int]
  /// Cells before the first one.
  public var paddingBegin: [Int]
  /// Cells after the last one (already widened for `ceil`).
  public var paddingEnd: [Int]
  /// Whether `avg` divides by the whole window.
  public var countIncludePad: Bool

  /// Makes a pooling.
  public init(
    kind: Kind, kernel: [Int], stride: [Int], paddingBegin: [Int], paddingEnd: [Int],
    countIncludePad: Bool
  ) {
    self.kind = kind
    self.kernel = kernel
    self.stride = stride
    self.paddingBegin = paddingBegin
    self.paddingEnd = paddingEnd
    self.countIncludePad = countIncludePad
  }
}
