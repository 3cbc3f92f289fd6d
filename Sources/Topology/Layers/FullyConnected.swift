/// `fc`: every output channel is a weighted sum of all inputs of a sample.
///
/// Images (`nchw`, `ncw`, `ncdhw`) are consumed whole after N, as oneDNN's inner product does;
/// a sequence (`tnc`) keeps T and N. With S samples (N, or T·N), I inputs a sample and O units:
/// parameters = O·I + O (bias); MACs = S·O·I; FLOP = 2·MACs.
struct FullyConnected: LayerKind {
  static let elements = [ElementSchema("fc", required: ["units"], optional: ["bias"])]

  private let units: Int
  private let bias: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    units = try attributes.int("units")
    bias = try attributes.bool("bias", default: true)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.shape.rank >= 2 else { throw ShapeError("wants at least 2 dimensions") }
    if input.layout == .tnc {
      return try TensorType(dims: [input.dims[0], input.dims[1], units], .tnc)
    }
    return try TensorType(dims: [input.dims[0], units], .nc)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let weights = try Shape([units] + inputDims(inputs[0])).elementCount
    let macs = try checkedProduct(weights, output.elementCount / units)
    return Cost(
      parameters: weights + (bias ? units : 0), macs: macs, flops: try checkedProduct(2, macs))
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    var value = inputs[0]
    var dims = inputDims(program.type(of: value))
    let fanIn = try checkedProduct(of: dims)
    if program.type(of: value).layout == .other, dims.count > 1 {
      // Dims of no known meaning are no image to oneDNN; it gets the rows they make.
      let rows = program.type(of: value).dims[0]
      value = program.emit(.reshape, inputs, type: try TensorType(dims: [rows, fanIn], .nc))
      dims = [fanIn]
    }
    let type = try outputType([program.type(of: value)])
    var weights = [WeightSlot(.weights, dims: [units] + dims, fanIn: fanIn)]
    if bias { weights.append(WeightSlot(.bias, dims: [units], fanIn: fanIn)) }
    return program.emit(
      .innerProduct(InnerProduct(units: units, bias: bias)), [value], weights: weights, type: type)
  }

  /// What one sample consumes.
  private func inputDims(_ input: TensorType) -> [Int] {
    Array(input.dims[(input.layout == .tnc ? 2 : 1)...])
  }
}
