/// `deconv`: 1-D, 2-D and 3-D transposed convolution (`ncw`, `nchw`, `ncdhw`), grouped, dilated.
///
/// With N samples, C input and O output channels, G groups, K kernel cells and P *input* positions:
/// parameters = O·(C/G)·K + O (bias); MACs = N·O·P·(C/G)·K; FLOP = 2·MACs. Taps that fall outside
/// the output are among these and are not executed.
struct Deconv: LayerKind {
  static let elements = [
    ElementSchema(
      "deconv",
      doc: "Transposed convolution. Output = (in-1)*stride - pads + dilation*(kernel-1) + "
        + "1 + output-padding.",
      Conv.filters, Conv.kernel, stride, padding, Conv.dilation, Conv.groups, Conv.bias, extra)
  ]

  private static let stride = Attribute<[Int]>(
    "stride", .extents, default: [1], doc: "Steps of the kernel in the output.")
  private static let padding = SpatialWindow.padding(
    guide: "cells cut off the output; `same` makes it in·stride")
  private static let extra = Attribute<[Int]>(
    "output-padding", .extents, default: [0], in: 0...Int(Int32.max),
    doc: "More cells at the end; smaller than the stride.")

  private let filters: Int
  private let window: SpatialWindow
  private let extra: [Int]
  /// The number of groups; `nil` is depthwise: as many as the input has channels.
  private let groups: Int?
  private let bias: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    filters = try attributes[Conv.filters]
    window = SpatialWindow(
      kernel: try attributes[Conv.kernel], stride: try attributes[Self.stride],
      dilation: try attributes[Conv.dilation], padding: try attributes[Self.padding])
    extra = try attributes[Self.extra]
    groups = try attributes[Conv.groups]
    bias = try attributes[Conv.bias]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let resolved = try window.resolveTransposed(on: input, extra: extra)
    _ = try weightDims(input, resolved)
    return try TensorType(dims: [input.dims[0], filters] + resolved.output, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let input = inputs[0]
    let resolved = try window.resolveTransposed(on: input, extra: extra)
    let weights = try Shape(weightDims(input, resolved)).elementCount
    let macs = try checkedProduct(weights, input.elementCount / input.dims[1])
    let flops = try checkedProduct(2, macs)
    let valid = resolved.validTaps(transposedOn: input)
    let pairs = weights / resolved.kernel.reduce(1, *)
    return Cost(
      parameters: weights + (bias ? filters : 0), macs: macs, flops: flops,
      paddingFlops: flops - 2 * valid.pairs * pairs * input.dims[0])
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let resolved = try window.resolveTransposed(on: input, extra: extra)
    let dims = try weightDims(input, resolved)
    let groups = groups ?? input.dims[1]
    // Every output cell sums about one tap in each stride.
    let taps = try checkedProduct(of: resolved.kernel) / resolved.stride.reduce(1, *)
    let fanIn = try checkedProduct(input.dims[1] / groups, max(1, taps))
    var weights = [WeightSlot(.weights, dims: dims, fanIn: fanIn)]
    if bias { weights.append(WeightSlot(.bias, dims: [filters], fanIn: fanIn)) }
    let convolution = Convolution(
      filters: filters, kernel: resolved.kernel, stride: resolved.stride,
      paddingBegin: resolved.paddingBegin, paddingEnd: resolved.paddingEnd,
      dilation: resolved.dilation, groups: groups, bias: bias)
    return program.emit(
      .deconvolution(convolution), inputs, weights: weights, type: try outputType([input]))
  }

  /// Canonical dims of the weights: `[O, I, k…]`, or `[G, O/G, I/G, k…]` when grouped.
  private func weightDims(_ input: TensorType, _ resolved: SpatialWindow.Resolved)
    throws(ShapeError) -> [Int]
  {
    let channels = input.dims[1]
    let groups = groups ?? channels
    try Grouping.check(groups, channels: channels, filters: filters)
    if groups == 1 { return [filters, channels] + resolved.kernel }
    return [groups, filters / groups, channels / groups] + resolved.kernel
  }
}
