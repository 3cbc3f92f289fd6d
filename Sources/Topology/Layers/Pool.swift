/// `pool`: the largest element or the mean of each window.
///
/// The stride is the kernel by default. With `ceil`, a last, partial window counts too unless it
/// would start in the end padding; the lowered padding is widened to hold it.
/// FLOP = window cells × output elements: one per element of every window; those in the padding are
/// not executed. No parameters or MACs.
/// A mean divides by the cells inside the input, or by the whole window where
/// `count-include-pad` says so.
struct Pool: LayerKind {
  static let elements = [
    ElementSchema(
      "pool", doc: "Pooling over windows.", kind, kernel, stride, padding, countIncludePad, ceil)
  ]

  private static let kind = Attribute<Pooling.Kind>(
    "kind", default: .max, doc: "What a window yields.", guide: "`max` or `avg`")
  private static let kernel = Attribute<[Int]>(
    "kernel", .extents, doc: "Extents of the window: `3` or `3x5`.", guide: "extents of the window")
  private static let stride = Attribute<[Int]?>(
    "stride", .extents, otherwise: "the kernel", doc: "Steps of the window.")
  private static let padding = SpatialWindow.padding(
    guide: "see [shapes and layouts](#shapes-and-layouts); smaller than the kernel")
  private static let countIncludePad = Attribute<Bool>(
    "count-include-pad", default: false,
    doc: "Whether a mean divides by the whole window rather than by its cells inside "
      + "the input.")
  private static let ceil = Attribute<Bool>(
    "ceil", default: false,
    doc: "Whether a last, partial window counts, unless it would start in the end "
      + "padding.")

  private let kind: Pooling.Kind
  private let window: SpatialWindow
  private let countIncludePad: Bool
  private let rounding: SpatialWindow.Rounding

  init(_ attributes: Attributes) throws(AttributeError) {
    kind = try attributes[Self.kind]
    let kernel = try attributes[Self.kernel]
    window = SpatialWindow(
      kernel: kernel, stride: try attributes[Self.stride] ?? kernel,
      padding: try attributes[Self.padding])
    countIncludePad = try attributes[Self.countIncludePad]
    rounding = try attributes[Self.ceil] ? .ceil : .floor
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let resolved = try resolve(inputs[0])
    return try TensorType(dims: inputs[0].dims[..<2] + resolved.output, inputs[0].layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let resolved = try resolve(inputs[0])
    let flops = try checkedProduct(of: resolved.kernel + [output.elementCount])
    let valid = resolved.validTaps(on: inputs[0]).pairs * output.dims[0] * output.dims[1]
    return Cost(flops: flops, paddingFlops: flops - valid)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let input = program.type(of: inputs[0])
    let resolved = try resolve(input)
    let pooling = Pooling(
      kind: kind, kernel: resolved.kernel, stride: resolved.stride,
      paddingBegin: resolved.paddingBegin, paddingEnd: resolved.paddingEnd,
      countIncludePad: countIncludePad)
    return program.emit(.pooling(pooling), inputs, type: try outputType([input]))
  }

  /// The window on `input`; padding as wide as the kernel is refused, for a window that sees
  /// only padding has neither a largest element nor a mean.
  private func resolve(_ input: TensorType) throws(ShapeError) -> SpatialWindow.Resolved {
    let resolved = try window.resolve(on: input, rounding: rounding)
    for axis in resolved.kernel.indices {
      let padding = max(resolved.paddingBegin[axis], resolved.paddingEnd[axis])
      guard padding < resolved.kernel[axis] else {
        throw ShapeError(
          "padding \(padding) must be smaller than the kernel, \(resolved.kernel[axis])")
      }
    }
    return resolved
  }
}

extension Pooling.Kind: AttributeChoice {
  /// `poolKind`.
  public static let typeName = "poolKind"
  /// What the schema says of it.
  public static let typeDoc = "What a window yields."
}
