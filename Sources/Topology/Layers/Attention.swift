/// `attention`: multi-head self-attention on sequences (`tnc`): three projections, scores, softmax,
/// mix and an output projection, all C wide with biases.
///
/// With H heads: parameters = 4·(C² + C); MACs = 4·T·N·C² + 2·N·T²·C; FLOP = 2·MACs + 2·N·H·T² for
/// scaling and softmax. `causal` hides the later steps from each; it saves no products.
struct Attention: LayerKind {
  static let elements = [ElementSchema("attention", required: ["heads"], optional: ["causal"])]

  /// Far below any score, so that its softmax is exactly 0.
  private static let hidden: Float = -1e9

  private let heads: Int
  private let isCausal: Bool

  init(_ attributes: Attributes) throws(AttributeError) {
    heads = try attributes.int("heads")
    isCausal = try attributes.bool("causal", default: false)
  }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let input = inputs[0]
    guard input.layout == .tnc else { throw ShapeError("wants tnc, not \(input)") }
    guard input.dims[2].isMultiple(of: heads) else {
      throw ShapeError("\(heads) heads do not divide \(input.dims[2]) channels")
    }
    return input
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let (steps, batch, channels) = (output.dims[0], output.dims[1], output.dims[2])
    let matrix = try checkedProduct(channels, channels)
    let scores = try checkedProduct(steps, steps, batch)
    var cost = Cost(parameters: try checkedProduct(4, matrix) + 4 * channels)
    for macs in [
      try checkedProduct(4, matrix, steps, batch), try checkedProduct(2, scores, channels),
    ] {
      cost = try cost.adding(Cost(macs: macs, flops: checkedProduct(2, macs)))
    }
    return try cost.adding(Cost(flops: checkedProduct(2, scores, heads)))
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    let type = program.type(of: inputs[0])
    let (steps, batch, channels) = (type.dims[0], type.dims[1], type.dims[2])
    let width = channels / heads
    let rows = batch * heads
    let apart = try TensorType(dims: [steps, rows, width], .other)
    let stacked = try TensorType(dims: [rows, steps, width], .other)
    let square = try TensorType(dims: [rows, steps, steps], .other)
    func project(_ value: ValueID) -> ValueID {
      program.emit(
        .innerProduct(InnerProduct(units: channels, bias: true)), [value],
        weights: [
          WeightSlot(.weights, dims: [channels, channels], fanIn: channels),
          WeightSlot(.bias, dims: [channels], fanIn: channels),
        ], type: type)
    }
    func stack(_ value: ValueID) -> ValueID {
      let view = program.emit(.reshape, [value], type: apart)
      return program.emit(.transpose(order: [1, 0, 2]), [view], type: stacked)
    }
    let query = stack(project(inputs[0]))
    let key = stack(project(inputs[0]))
    let value = stack(project(inputs[0]))
    var scores = program.emit(
      .matrixProduct(MatrixProduct(transposesSecond: true)), [query, key], type: square)
    let scale = Eltwise(.linear, alpha: 1 / Double(width).squareRoot())
    scores = program.emit(.eltwise(scale), [scores], type: square)
    if isCausal {
      scores = program.emit(.causalMask(value: Attention.hidden), [scores], type: square)
    }
    let shares = program.emit(.softmax(axis: 2), [scores], type: square)
    let mixed = program.emit(.matrixProduct(MatrixProduct()), [shares, value], type: stacked)
    let beside = program.emit(.transpose(order: [1, 0, 2]), [mixed], type: apart)
    return project(program.emit(.reshape, [beside], type: type))
  }
}
