/// Which taps of a window lie on cells of the input, and which on padding.
///
/// What papers publish counts every tap; what runs is the taps that meet a cell, since kernels cut
/// their loops where the padding begins. A tap meets a cell in all dimensions or in none that counts,
/// so that the pairs of positions and taps are the product over the axes.
public struct ValidTaps: Hashable, Sendable {
  /// Pairs of an output position and a tap that meets a cell.
  public private(set) var pairs = 1
  /// Cells of the input that some tap meets.
  public private(set) var inputs = 1
  /// Taps that meet a cell at some position.
  public private(set) var taps = 1

  /// One axis of a window, or of a transposed one read backwards.
  public struct Axis: Hashable, Sendable {
    /// Cells of the input.
    public var input: Int
    /// Positions of the window.
    public var output: Int
    /// Taps.
    public var kernel: Int
    /// Distance of neighbouring positions.
    public var stride: Int
    /// Distance of neighbouring taps.
    public var dilation: Int
    /// Padding before the first cell.
    public var begin: Int

    /// Describes an axis.
    public init(
      input: Int, output: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, begin: Int = 0
    ) {
      self.input = input
      self.output = output
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.begin = begin
    }
  }

  /// Counts over the product of some axes.
  ///
  /// - Complexity: O(kernel + output) an axis; O(kernel · output + input) where the taps lie apart.
  public init(_ axes: [Axis]) {
    for axis in axes {
      pairs *= axis.pairs
      inputs *= axis.touchedInputs
      taps *= axis.usedTaps
    }
  }

  /// The axes of a convolution or pooling: lists of spatial extents, all of one length.
  public init(
    input: [Int], output: [Int], kernel: [Int], stride: [Int], dilation: [Int]? = nil,
    begin: [Int]
  ) {
    self.init(
      kernel.indices.map { axis in
        Axis(
          input: input[axis], output: output[axis], kernel: kernel[axis], stride: stride[axis],
          dilation: dilation?[axis] ?? 1, begin: begin[axis])
      })
  }

  /// The axes of a transposed convolution, each input cell of which is spread over a window of the
  /// output: the same pairs, read from the other side.
  public static func transposed(
    input: [Int], output: [Int], kernel: [Int], stride: [Int], dilation: [Int], begin: [Int]
  ) -> ValidTaps {
    let axes = kernel.indices.map { axis in
      Axis(
        input: output[axis], output: input[axis], kernel: kernel[axis], stride: stride[axis],
        dilation: dilation[axis], begin: begin[axis])
    }
    var found = ValidTaps(axes)
    found.inputs = axes.reduce(1) { $0 * $1.usedPositions }
    return found
  }
}

extension ValidTaps.Axis {
  /// Positions at which a tap meets a cell: 0 ≤ position · stride + tap · dilation − begin < input.
  private func positions(of tap: Int) -> Range<Int> {
    Self.clamp(offset: begin - tap * dilation, step: stride, cells: input, below: output)
  }

  /// Taps that meet a cell at a position.
  private func taps(at position: Int) -> Range<Int> {
    Self.clamp(offset: begin - position * stride, step: dilation, cells: input, below: kernel)
  }

  /// The counts i below a limit with offset ≤ i · step < offset + cells.
  private static func clamp(offset: Int, step: Int, cells: Int, below limit: Int) -> Range<Int> {
    let first = offset <= 0 ? 0 : (offset + step - 1) / step
    let last = offset + cells - 1
    let end = last < 0 ? 0 : min(limit, last / step + 1)
    return first < end ? first..<end : 0..<0
  }

  /// Pairs of a position and a tap that meets a cell.
  var pairs: Int {
    kernel <= output
      ? (0..<kernel).reduce(0) { $0 + positions(of: $1).count }
      : (0..<output).reduce(0) { $0 + taps(at: $1).count }
  }

  /// Taps that meet a cell at some position.
  var usedTaps: Int { (0..<kernel).count { !positions(of: $0).isEmpty } }

  /// Positions at which some tap meets a cell.
  var usedPositions: Int { (0..<output).count { !taps(at: $0).isEmpty } }

  /// Cells that some tap meets at some position.
  var touchedInputs: Int {
    if dilation == 1 {
      // Windows without holes: what overlaps the one before counts once.
      var (sum, reached) = (0, 0)
      for position in 0..<output {
        let first = position * stride - begin
        let range = max(first, reached)..<max(first, reached, min(first + kernel, input))
        sum += range.count
        reached = range.upperBound
      }
      return sum
    }
    var touched = [Bool](repeating: false, count: input)
    for tap in 0..<kernel {
      for position in positions(of: tap) {
        touched[position * stride + tap * dilation - begin] = true
      }
    }
    return touched.count { $0 }
  }
}

extension SpatialWindow.Resolved {
  /// What of the window meets `input`.
  func validTaps(on input: TensorType) -> ValidTaps {
    ValidTaps(
      input: Array(input.dims[2...]), output: output, kernel: kernel, stride: stride,
      dilation: dilation, begin: paddingBegin)
  }

  /// What of the windows that `input` is spread over meets the output.
  func validTaps(transposedOn input: TensorType) -> ValidTaps {
    .transposed(
      input: Array(input.dims[2...]), output: output, kernel: kernel, stride: stride,
      dilation: dilation, begin: paddingBegin)
  }
}

extension Convolution {
  /// Operations of the taps that meet no cell, a multiply-add being two.
  ///
  /// - Parameters:
  ///   - valid: What of the window meets the input (of a transposed one, the output).
  ///   - positions: Spatial extents over which the window goes: of the output, or of the input where it
  ///     is transposed.
  ///   - batch: Samples.
  ///   - channels: Channels of the input.
  /// - Returns: The count.
  public func paddingFlops(
    _ valid: ValidTaps, positions: [Int], batch: Int, channels: Int
  ) -> Int {
    let all = positions.reduce(1, *) * kernel.reduce(1, *)
    return 2 * batch * filters * (channels / groups) * (all - valid.pairs)
  }

  /// What of the window meets an input of these spatial extents.
  public func validTaps(input: some Sequence<Int>, output: some Sequence<Int>) -> ValidTaps {
    ValidTaps(
      input: Array(input), output: Array(output), kernel: kernel, stride: stride,
      dilation: dilation, begin: paddingBegin)
  }

  /// What of the windows that an input is spread over meets the output, transposed.
  public func validTaps(
    transposedFrom input: some Sequence<Int>, to output: some Sequence<Int>
  ) -> ValidTaps {
    .transposed(
      input: Array(input), output: Array(output), kernel: kernel, stride: stride,
      dilation: dilation, begin: paddingBegin)
  }
}

extension Pooling {
  /// What of the window meets an input of these spatial extents.
  public func validTaps(input: some Sequence<Int>, output: some Sequence<Int>) -> ValidTaps {
    ValidTaps(
      input: Array(input), output: Array(output), kernel: kernel, stride: stride,
      begin: paddingBegin)
  }
}
