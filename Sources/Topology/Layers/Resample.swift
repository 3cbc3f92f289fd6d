/// `resample`: space made larger or smaller (`ncw`, `nchw`, `ncdhw`).
///
/// Output = floor(in · scale) in each dimension of space. The centre of a cell lies at the same
/// share of the whole in both images (ONNX's half-pixel coordinates), by the ratio of the extents.
/// FLOP = |out| where it interpolates; `nearest` computes nothing. No parameters or MACs.
struct Resample: LayerKind {
  static let elements = [ElementSchema("resample", required: ["scale"], optional: ["kind"])]

  private let scales: [Double]
  private let kind: ResamplingKind

  init(_ attributes: Attributes) throws(AttributeError) {
    let text = attributes.fractions("scale") ?? ""
    var scales: [Double] = []
    for part in text.split(separator: "x", omittingEmptySubsequences: false) {
      guard let scale = Double(part), scale > 0, scale <= 65536 else {
        throw AttributeError("scale", "'\(text)' is not a list of factors joined by 'x'")
      }
      scales.append(scale)
    }
    self.scales = scales
    kind = try attributes.choice("kind", default: .nearest)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    let rank = input.layout.spatialRank
    guard rank > 0 else { throw ShapeError("wants ncw, nchw or ncdhw, not \(input)") }
    guard scales.count == 1 || scales.count == rank else {
      throw ShapeError("scale has \(scales.count) dimensions; the input has \(rank)")
    }
    let space = (0..<rank).map { axis in
      Int((Double(input.dims[2 + axis]) * scales[scales.count == 1 ? 0 : axis]).rounded(.down))
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
