/// The window of a convolution or a pooling as the topology writes it, before the rank is known.
struct SpatialWindow: Hashable, Sendable {
  /// Cells around the input.
  enum Padding: Hashable, Sendable {
    /// As many as make the output ceil(in / stride); the odd one at the end.
    case same
    /// One number for all dimensions, or one a dimension; the same at both ends.
    case symmetric([Int])
    /// All begins, then all ends.
    case list([Int])
  }

  /// The window with one entry a spatial dimension, and the extents of the output it gives.
  struct Resolved: Sendable {
    var kernel: [Int]
    var stride: [Int]
    var dilation: [Int]
    var paddingBegin: [Int]
    var paddingEnd: [Int]
    var output: [Int]

    /// Checks that places fit 32 bits, in which libraries reckon them: padded cells, the window, and a
    /// stride from the end padding.
    ///
    /// - Throws: ``ShapeError`` when they do not.
    func checkReach(_ axis: Int, over cells: Int) throws(ShapeError) {
      let padded = cells + paddingBegin[axis] + paddingEnd[axis]
      let reach = max(
        padded, dilation[axis] * (kernel[axis] - 1) + 1, paddingEnd[axis] + stride[axis])
      guard reach > Int(Int32.max) else { return }
      throw ShapeError(
        "padding \(paddingBegin[axis]) and \(paddingEnd[axis]) with stride \(stride[axis]) and "
          + "dilation \(dilation[axis]) reach cell \(reach), beyond 2^31 − 1")
    }
  }

  /// Whether the last, partial window counts.
  enum Rounding: Hashable, Sendable {
    case floor
    /// Ceil, but no window may start in the end padding.
    case ceil
  }

  private let kernel: [Int]
  private let stride: [Int]
  private let dilation: [Int]
  private let padding: Padding

  /// A window of one number for all dimensions, or one a dimension, each.
  init(kernel: [Int], stride: [Int], dilation: [Int] = [1], padding: Padding) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// The attribute `padding`; windows differ in what the guide says of it.
  static func padding(guide: String) -> Attribute<Padding> {
    let doc =
      "`same`, `valid`, one number, `1x2`, or all begins, then all ends: "
      + "`left,right`, `top,left,bottom,right`, `front,top,left,back,bottom,right`."
    return Attribute(
      AttributeDeclaration("padding", .text, .value("valid"), doc: doc, guide: guide),
      read: readPadding)
  }

  @Sendable private static func readPadding(_ attributes: Attributes) throws(AttributeError)
    -> Padding
  {
    let range = 0...Int(Int32.max)
    switch attributes.string("padding") {
    case nil, "valid": return .symmetric([0])
    case "same": return .same
    case let text? where text.contains(","):
      var list: [Int] = []
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let value = Int(part), range.contains(value) else {
          throw AttributeError("padding", "'\(text)' is not a list of counts joined by ','")
        }
        list.append(value)
      }
      guard list.count.isMultiple(of: 2) else {
        throw AttributeError("padding", "'\(text)' must list all begins, then all ends")
      }
      return .list(list)
    default:
      return .symmetric(try attributes.dims("padding", in: range) ?? [0])
    }
  }

  /// Applies the window to the spatial dimensions of `input`.
  ///
  /// Output = floor((in + pads − dilation·(kernel − 1) − 1) / stride) + 1.
  ///
  /// - Throws: ``ShapeError`` when the ranks differ or the window does not fit.
  func resolve(on input: TensorType, rounding: Rounding = .floor) throws(ShapeError) -> Resolved {
    let rank = input.layout.spatialRank
    guard rank > 0 else {
      throw ShapeError("wants ncw, nchw or ncdhw, not \(input)")
    }
    var resolved = Resolved(
      kernel: try SpatialWindow.expand(kernel, to: rank, "kernel"),
      stride: try SpatialWindow.expand(stride, to: rank, "stride"),
      dilation: try SpatialWindow.expand(dilation, to: rank, "dilation"),
      paddingBegin: Array(repeating: 0, count: rank), paddingEnd: Array(repeating: 0, count: rank),
      output: Array(repeating: 0, count: rank))
    try resolvePadding(input, rank, &resolved)
    for axis in 0..<rank {
      let begin = resolved.paddingBegin[axis]
      let end = resolved.paddingEnd[axis]
      let source = input.shape[2 + axis]
      let extent = resolved.dilation[axis] * (resolved.kernel[axis] - 1) + 1
      let room = source + begin + end - extent
      guard room >= 0 else {
        throw ShapeError(
          "a window of \(extent) does not fit \(source) cells padded by \(begin) and \(end)")
      }
      let stride = resolved.stride[axis]
      var count = room / stride + 1
      if rounding == .ceil, !room.isMultiple(of: stride), count * stride < source + begin {
        count += 1
        resolved.paddingEnd[axis] = (count - 1) * stride + extent - source - begin
      }
      resolved.output[axis] = count
      try resolved.checkReach(axis, over: source)
    }
    return resolved
  }

  /// Applies the window transposed: every cell of `input` is spread over a window of the output.
  ///
  /// Output = (in − 1)·stride − pads + dilation·(kernel − 1) + 1 + extra; with `same` in·stride.
  ///
  /// - Throws: ``ShapeError`` when the ranks differ or nothing remains.
  func resolveTransposed(on input: TensorType, extra: [Int]) throws(ShapeError) -> Resolved {
    let rank = input.layout.spatialRank
    guard rank > 0 else {
      throw ShapeError("wants ncw, nchw or ncdhw, not \(input)")
    }
    let none = Array(repeating: 0, count: rank)
    var resolved = Resolved(
      kernel: try SpatialWindow.expand(kernel, to: rank, "kernel"),
      stride: try SpatialWindow.expand(stride, to: rank, "stride"),
      dilation: try SpatialWindow.expand(dilation, to: rank, "dilation"), paddingBegin: none,
      paddingEnd: none, output: none)
    let extra = try SpatialWindow.expand(extra, to: rank, "output-padding")
    if case .same = padding {} else { try resolvePadding(input, rank, &resolved) }
    for axis in 0..<rank {
      let stride = resolved.stride[axis]
      guard extra[axis] < stride else {
        throw ShapeError("output-padding \(extra[axis]) must be smaller than the stride, \(stride)")
      }
      let extent = resolved.dilation[axis] * (resolved.kernel[axis] - 1) + 1
      if case .same = padding {
        let total = extent + extra[axis] - stride
        guard total >= 0 else {
          throw ShapeError("a window of \(extent) does not fill a stride of \(stride)")
        }
        resolved.paddingBegin[axis] = total / 2
        resolved.paddingEnd[axis] = total - total / 2
      }
      let pads = resolved.paddingBegin[axis] + resolved.paddingEnd[axis]
      let spread = try checkedProduct(input.shape[2 + axis] - 1, stride)
      let count = spread - pads + extent + extra[axis]
      guard count > 0 else {
        throw ShapeError("padding \(pads) leaves nothing of \(count + pads) cells")
      }
      resolved.output[axis] = count
      try resolved.checkReach(axis, over: count)
    }
    return resolved
  }

  private func resolvePadding(_ input: TensorType, _ rank: Int, _ resolved: inout Resolved)
    throws(ShapeError)
  {
    switch padding {
    case .symmetric(let counts):
      resolved.paddingBegin = try SpatialWindow.expand(counts, to: rank, "padding")
      resolved.paddingEnd = resolved.paddingBegin
    case .list(let counts):
      guard counts.count == 2 * rank else {
        throw ShapeError(
          "padding lists \(counts.count) counts; \(input.layout.rawValue) wants \(2 * rank)")
      }
      resolved.paddingBegin = Array(counts[..<rank])
      resolved.paddingEnd = Array(counts[rank...])
    case .same:
      for axis in 0..<rank {
        let source = input.shape[2 + axis]
        let stride = resolved.stride[axis]
        let extent = resolved.dilation[axis] * (resolved.kernel[axis] - 1) + 1
        let total = max(0, (source - 1) / stride * stride + extent - source)
        resolved.paddingBegin[axis] = total / 2
        resolved.paddingEnd[axis] = total - total / 2
      }
    }
  }

  static func expand(_ values: [Int], to rank: Int, _ name: String) throws(ShapeError)
    -> [Int]
  {
    if values.count == rank { return values }
    if values.count == 1 { return Array(repeating: values[0], count: rank) }
    throw ShapeError(
      "\(name) \(Shape.text(values)) has \(values.count) dimensions; the input has \(rank)")
  }
}

/// The product of any number of extents, or an error when it leaves 64 bits.
func checkedProduct(of factors: [Int]) throws(ShapeError) -> Int {
  var product = 1
  for factor in factors { product = try checkedProduct(product, factor) }
  return product
}

/// An axis counted from the front; a negative one counts from the end, as in ONNX.
func resolveAxis(_ axis: Int, rank: Int) throws(ShapeError) -> Int {
  guard (-rank..<rank).contains(axis) else {
    throw ShapeError("axis \(axis) is outside \(-rank)…\(rank - 1)")
  }
  return axis < 0 ? axis + rank : axis
}

/// Axes counted from the front, each one once.
func resolveAxes(_ axes: [Int], rank: Int) throws(ShapeError) -> Set<Int> {
  var resolved: Set<Int> = []
  for axis in axes {
    guard resolved.insert(try resolveAxis(axis, rank: rank)).inserted else {
      throw ShapeError("axis \(axis) is named twice")
    }
  }
  return resolved
}
