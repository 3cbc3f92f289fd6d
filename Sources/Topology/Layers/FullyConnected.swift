/// `fc`: every output channel is a weighted sum of all inputs of a sample.
///
/// Images (`nchw`, `ncw`, `ncdhw`) are consumed whole after N, as oneDNN's inner product does;
/// a sequence (`tnc`) keeps T and N. `axes` names the last dimensions that are consumed instead; those
/// before them stay, as in channels-last networks. With S samples (N, T·N, or the product of the
/// dimensions that stay), I inputs a sample and O units: parameters = O·I + O (bias);
/// MACs = S·O·I; FLOP = 2·MACs.
struct FullyConnected: LayerKind {
  static let elements = [
    ElementSchema(
      "fc",
      doc: "Fully connected. On images it consumes everything after N; on `tnc` it acts "
        + "on C for every T and N.", units, axes, bias)
  ]

  private static let units = Attribute<Int>("units", doc: "Output channels.")
  private static let axes = Attribute<[Int]?>(
    "axes", .list, otherwise: .explained, in: Attributes.axes,
    doc: "The last dimensions, joined by commas, which it consumes; those before them "
      + "stay.")
  private static let bias = Attribute<Bool>("bias", default: true, doc: "Whether a bias is added.")

  private let units: Int
  private let bias: Bool
  private let axes: [Int]?

  init(_ attributes: Attributes) throws(AttributeError) {
    units = try attributes[Self.units]
    bias = try attributes[Self.bias]
    axes = try attributes[Self.axes]
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.shape.rank >= 2 else { throw ShapeError("wants at least 2 dimensions") }
    if axes != nil {
      let dims = input.dims[..<(try firstAxis(input))] + [units]
      let stays = dims.count == input.shape.rank
      return try TensorType(dims: Array(dims), stays ? input.layout : .unnamed(dims.count))
    }
    if input.layout == .tnc {
      return try TensorType(dims: [input.dims[0], input.dims[1], units], .tnc)
    }
    return try TensorType(dims: [input.dims[0], units], .nc)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let weights = try Shape([units] + (try inputDims(inputs[0]))).elementCount
    let macs = try checkedProduct(weights, output.elementCount / units)
    return Cost(
      parameters: weights + (bias ? units : 0), macs: macs, flops: try checkedProduct(2, macs))
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    var value = inputs[0]
    var dims = try inputDims(program.type(of: value))
    let fanIn = try checkedProduct(of: dims)
    let type = try outputType([program.type(of: value)])
    if axes != nil {
      dims = [fanIn]
    } else if program.type(of: value).layout == .other, dims.count > 1 {
      // Dims of no known meaning are no image to oneDNN; it gets the rows they make.
      let rows = program.type(of: value).dims[0]
      value = program.emit(.reshape, inputs, type: try TensorType(dims: [rows, fanIn], .nc))
      dims = [fanIn]
    }
    var weights = [WeightSlot(.weights, dims: [units] + dims, fanIn: fanIn)]
    if bias { weights.append(WeightSlot(.bias, dims: [units], fanIn: fanIn)) }
    return program.emit(
      .innerProduct(InnerProduct(units: units, bias: bias)), [value], weights: weights, type: type)
  }

  /// What one sample consumes.
  private func inputDims(_ input: TensorType) throws(ShapeError) -> [Int] {
    Array(input.dims[(try firstAxis(input))...])
  }

  /// The first dimension that is consumed; those behind it are, too.
  private func firstAxis(_ input: TensorType) throws(ShapeError) -> Int {
    guard let axes else { return input.layout == .tnc ? 2 : 1 }
    let rank = input.shape.rank
    let consumed = try resolveAxes(axes, rank: rank)
    let first = rank - consumed.count
    guard first > 0, consumed.allSatisfy({ $0 >= first }) else {
      throw ShapeError("axes names not the last ones of \(rank), or none is left")
    }
    return first
  }
}
