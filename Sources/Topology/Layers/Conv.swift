/// `conv`: 1-D, 2-D and 3-D convolution (`ncw`, `nchw`, `ncdhw`), grouped, depthwise, dilated.
///
/// With N samples, C input and O output channels, G groups, K kernel cells and P output positions:
/// parameters = O·(C/G)·K + O (bias); MACs = N·O·P·(C/G)·K (cells in the padding included, as
/// papers count); FLOP = 2·MACs. Executed are 2·N·O·(C/G) for each pair of a position and a tap that
/// meets a cell of the input (``ValidTaps``).
struct Conv: LayerKind {
  static let elements = [
    ElementSchema(
      "conv",
      doc: "Convolution in one, two or three dimensions. Output = floor((in + pads - "
        + "dilation*(kernel-1) - 1)/stride) + 1.", filters, kernel, stride, padding, dilation,
      groups, bias)
  ]

  static let filters = Attribute<Int>("filters", doc: "Output channels.")
  static let kernel = Attribute<[Int]>(
    "kernel", .extents, doc: "Extents of the kernel: `3` or `3x5`.", guide: "extents of the kernel")
  private static let stride = Attribute<[Int]>(
    "stride", .extents, default: [1], doc: "Steps of the kernel: `2` or `2x1`.",
    guide: "steps of the kernel")
  private static let padding = SpatialWindow.padding(
    guide: "see [shapes and layouts](#shapes-and-layouts)")
  static let dilation = Attribute<[Int]>(
    "dilation", .extents, default: [1], doc: "Distance of neighbouring taps; 1 is dense.")
  /// `nil` is depthwise.
  static let groups = Attribute<Int?>(
    AttributeDeclaration(
      "groups", .text, .value("1"),
      doc: "Number of groups, or `depthwise`: as many as input channels.")
  ) {
    (attributes) throws(AttributeError) in
    attributes.string("groups") == "depthwise" ? nil : try attributes.int("groups", default: 1)
  }
  static let bias = Attribute<Bool>("bias", default: true, doc: "Whether a bias is added.")

  private let filters: Int
  private let window: SpatialWindow
  /// The number of groups; `nil` is depthwise: as many as the input has channels.
  private let groups: Int?
  private let bias: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    filters = try attributes[Self.filters]
    window = SpatialWindow(
      kernel: try attributes[Self.kernel], stride: try attributes[Self.stride],
      dilation: try attributes[Self.dilation], padding: try attributes[Self.padding])
    groups = try attributes[Self.groups]
    bias = try attributes[Self.bias]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let resolved = try window.resolve(on: input)
    _ = try weightDims(input, resolved)
    return try TensorType(dims: [input.dims[0], filters] + resolved.output, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let resolved = try window.resolve(on: inputs[0])
    let weights = try Shape(weightDims(inputs[0], resolved)).elementCount
    let macs = try checkedProduct(weights / filters, output.elementCount)
    let flops = try checkedProduct(2, macs)
    let valid = resolved.validTaps(on: inputs[0])
    let channels = weights / filters / resolved.kernel.reduce(1, *)
    return Cost(
      parameters: weights + (bias ? filters : 0), macs: macs, flops: flops,
      paddingFlops: flops - 2 * valid.pairs * channels * filters * inputs[0].dims[0])
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let resolved = try window.resolve(on: input)
    let dims = try weightDims(input, resolved)
    let groups = groups ?? input.dims[1]
    let fanIn = try checkedProduct(of: [input.dims[1] / groups] + resolved.kernel)
    var weights = [WeightSlot(.weights, dims: dims, fanIn: fanIn)]
    if bias { weights.append(WeightSlot(.bias, dims: [filters], fanIn: fanIn)) }
    let convolution = Convolution(
      filters: filters, kernel: resolved.kernel, stride: resolved.stride,
      paddingBegin: resolved.paddingBegin, paddingEnd: resolved.paddingEnd,
      dilation: resolved.dilation, groups: groups, bias: bias)
    return program.emit(
      .convolution(convolution), inputs, weights: weights, type: try outputType([input]))
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
