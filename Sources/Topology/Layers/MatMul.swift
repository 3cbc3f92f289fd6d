/// `matmul`: the product of the last two dimensions, the leading ones broadcast, as in ONNX.
///
/// A is … M K (K M with `transpose-a`), B … K N (N K with `transpose-b`), the result … M N.
/// MACs = |out|·K; FLOP = 2·MACs. No parameters.
struct MatMul: LayerKind {
  static let elements = [
    ElementSchema(
      "matmul", doc: "Product of two operands over their last two dimensions.",
      with: "the second operand", transposeA, transposeB)
  ]

  private static let transposeA = Attribute<Bool>(
    "transpose-a", default: false, doc: "Whether the first operand is transposed.",
    guide: "whether the first operand is … K M")
  private static let transposeB = Attribute<Bool>(
    "transpose-b", default: false, doc: "Whether the second operand is transposed.",
    guide: "whether the second operand is … N K")

  private let product: MatrixProduct

  init(_ attributes: Attributes) throws(AttributeError) {
    product = MatrixProduct(
      transposesFirst: try attributes[Self.transposeA],
      transposesSecond: try attributes[Self.transposeB])
  }

  var operands: ClosedRange<Int> { 2...2 }

  func outputType(_ inputs: [TensorType]) throws(ShapeError) -> TensorType {
    let (first, second) = (inputs[0], inputs[1])
    guard min(first.shape.rank, second.shape.rank) >= 2 else {
      throw ShapeError("wants at least 2 dimensions, not \(first) and \(second)")
    }
    let a = matrix(first, transposed: product.transposesFirst)
    let b = matrix(second, transposed: product.transposesSecond)
    guard a.columns == b.rows else {
      throw ShapeError("\(a.columns) columns of \(first) meet \(b.rows) rows of \(second)")
    }
    let rank = max(first.shape.rank, second.shape.rank)
    var dims: [Int] = []
    for axis in 0..<rank - 2 {
      let one = extent(of: first, axis: axis, rank: rank)
      let other = extent(of: second, axis: axis, rank: rank)
      guard one == other || one == 1 || other == 1 else {
        throw ShapeError("the leading dimensions of \(first) and \(second) do not broadcast")
      }
      dims.append(max(one, other))
    }
    return try TensorType(
      dims: dims + [a.rows, b.columns], first.shape.rank == rank ? first.layout : second.layout)
  }

  func cost(_ inputs: [TensorType], output: TensorType) throws(ShapeError) -> Cost {
    let inner = matrix(inputs[0], transposed: product.transposesFirst).columns
    let macs = try checkedProduct(output.elementCount, inner)
    return Cost(macs: macs, flops: try checkedProduct(2, macs))
  }

  func lower(_ inputs: [ValueID], into program: inout ProgramBuilder) throws(ShapeError) -> ValueID
  {
    program.emit(
      .matrixProduct(product), inputs, type: try outputType(inputs.map { program.type(of: $0) }))
  }

  private func matrix(_ type: TensorType, transposed: Bool) -> (rows: Int, columns: Int) {
    let last = type.dims.suffix(2).map { $0 }
    return transposed ? (last[1], last[0]) : (last[0], last[1])
  }

  /// The extent of a leading dimension of the result in an operand that may have fewer.
  private func extent(of type: TensorType, axis: Int, rank: Int) -> Int {
    let own = axis - (rank - type.shape.rank)
    return own < 0 ? 1 : type.dims[own]
  }
}
