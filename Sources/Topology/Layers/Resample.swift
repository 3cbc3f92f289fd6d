/// `resample`: space made larger or smaller (`ncw`, `nchw`, `ncdhw`).
///
/// Output = floor(in · scale) in each dimension of space, or `size` cells. The centre of a cell lies at the same
/// share of the whole in both images (ONNX's half-pixel coordinates), by the ratio of the extents.
/// FLOP = |out| where it interpolates; `nearest` computes nothing. No parameters or MACs.
struct Resample: LayerKind {
  static let elements = [ElementSchema("resample", optional: ["scale", "size", "kind"])]

  /// Factors of the extents; none where they are given.
  private let scales: [Double]
  private let sizes: [Int]?
  private let kind: ResamplingKind

  init(_ attributes: Attributes) throws(AttributeError) {
    kind = try attributes.choice("kind", default: .nearest)
    sizes = try attributes.dims("size")
    guard (sizes == nil) != (attributes.string("scale") == nil) else {
      throw AttributeError(nil, "wants either scale or size")
    }
    let text = attributes.string("scale") ?? "1"
    var scales: [Double] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let scale = Double(part), scale > 0, scale <= 65536 else {
        throw AttributeError("scale", "'\(text)' is not a list of factors joined by 'x'")
      }
      scales.append(scale)
    }
    self.scales = scales
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
