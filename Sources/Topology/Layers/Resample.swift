/// `resample`: space made larger or smaller (`ncw`, `nchw`, `ncdhw`).
///
/// Output = floor(in · scale) in each dimension of space, or `size` cells. The centre of a cell lies at the same
/// share of the whole in both images (ONNX's half-pixel coordinates), by the ratio of the extents.
/// FLOP = |out| where it interpolates; `nearest` computes nothing. No parameters or MACs.
struct Resample: LayerKind {
  static let elements = [
    ElementSchema("resample", doc: "Space made larger or smaller.", scale, size, kind)
  ]

  private static let scale = Attribute<[Double]?>(
    AttributeDeclaration(
      "scale", .number, "none", doc: "Factors joined by `x`, or one for all dimensions; fractions.")
  ) { (attributes) throws(AttributeError) in
    guard let text = attributes.fractions("scale") else { return nil }
    var scales: [Double] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let scale = Double(part), scale > 0, scale <= 65536 else {
        throw AttributeError("scale", "'\(text)' is not a list of factors joined by 'x'")
      }
      scales.append(scale)
    }
    return scales
  }
  private static let size = Attribute<[Int]?>(
    "size", .extents, otherwise: "none",
    doc: "Instead of `scale`: extents of the output joined by `x`, or one for all "
      + "dimensions.")
  private static let kind = Attribute<ResamplingKind>(
    "kind", default: .nearest, doc: "How.", guide: "`nearest` or `linear`")

  /// Factors of the extents; none where they are given.
  private let scales: [Double]
  private let sizes: [Int]?
  private let kind: ResamplingKind

  init(_ attributes: Attributes) throws(AttributeError) {
    kind = try attributes[Self.kind]
    sizes = try attributes[Self.size]
    guard (sizes == nil) == attributes.has(Self.scale) else {
      throw AttributeError(nil, "wants either scale or size")
    }
    scales = try attributes[Self.scale] ?? [1]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let rank = input.layout.spatialRank
    guard rank > 0 else { throw ShapeError("wants ncw, nchw or ncdhw, not \(input)") }
    let count = sizes?.count ?? scales.count
    guard count == 1 || count == rank else {
      throw ShapeError(
        "\(sizes == nil ? "scale" : "size") has \(count) dimensions; the input has \(rank)")
    }
    let space = (0..<rank).map { axis in
      if let sizes { return sizes[count == 1 ? 0 : axis] }
      return Int((Double(input.dims[2 + axis]) * scales[count == 1 ? 0 : axis]).rounded(.down))
    }
    return try TensorType(dims: input.dims[..<2] + space, input.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    Cost(flops: kind == .linear ? output.elementCount : 0)
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(
      .resampling(kind), inputs, type: try outputType([program.type(of: inputs[0])]))
  }
}

extension ResamplingKind: AttributeChoice {
  /// `resampleKind`.
  public static let typeName = "resampleKind"
  /// What the schema says of it.
  public static let typeDoc = "How space is filled in."
}
